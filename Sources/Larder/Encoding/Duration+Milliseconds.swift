extension Duration {
    /// The duration in milliseconds, towards zero, within the range of the type.
    package var wholeMilliseconds: Int64 {
        let (seconds, attoseconds) = components
        let (scaled, isTooLarge) = seconds.multipliedReportingOverflow(by: 1_000)
        let (sum, isOverflow) = scaled.addingReportingOverflow(attoseconds / 1_000_000_000_000_000)
        if isTooLarge || isOverflow { return seconds < 0 ? .min : .max }
        return sum
    }
}
