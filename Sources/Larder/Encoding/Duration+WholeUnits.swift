extension Duration {
    /// The duration in milliseconds, towards zero, within the range of the type.
    package var wholeMilliseconds: Int64 { whole(unitsInSecond: 1_000) }

    /// The duration in microseconds, towards zero, within the range of the type.
    package var wholeMicroseconds: Int64 { whole(unitsInSecond: 1_000_000) }

    private func whole(unitsInSecond units: Int64) -> Int64 {
        let (seconds, attoseconds) = components
        let (scaled, isTooLarge) = seconds.multipliedReportingOverflow(by: units)
        let (sum, isOverflow) = scaled.addingReportingOverflow(attoseconds / (1_000_000_000_000_000_000 / units))
        if isTooLarge || isOverflow { return seconds < 0 ? .min : .max }
        return sum
    }
}
