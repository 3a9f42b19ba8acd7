import HTTPTypes

/// How old a response is when it arrives, RFC 9111, section 4.2.3.
enum ResponseAge {
    /// - Parameters:
    ///   - fields: The fields of the response.
    ///   - delay: How long the request took.
    ///   - now: When the response came.
    /// - Returns: Its age, at least zero.
    static func initial(of fields: HTTPFields, delay: Duration, at now: HTTPDate) -> Duration {
        let date = fields[values: .date].first.flatMap { HTTPDate($0, now: now) } ?? now
        let apparent = Duration.seconds(max(0, now.secondsSince1970 - date.secondsSince1970))
        return max(apparent, .seconds(told(by: fields)) + max(delay, .zero))
    }

    /// The age that the field tells: the first of several, and 0 for what is no number, RFC 9111, section 5.1.
    private static func told(by fields: HTTPFields) -> Int64 {
        guard let line = fields[values: .age].first else { return 0 }
        return DeltaSeconds.parse(line.prefix { $0 != "," }.trimmed) ?? 0
    }
}
