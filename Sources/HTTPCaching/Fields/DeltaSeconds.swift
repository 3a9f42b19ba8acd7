/// A number of seconds as fields have it, RFC 9111, section 1.2.2.
enum DeltaSeconds {
    /// What a number counts as that is larger: more than 68 years.
    static let maximum: Int64 = 1 << 31

    /// Reads digits alone: no sign, no fraction, no blanks.
    static func parse(_ text: some StringProtocol) -> Int64? {
        guard !text.isEmpty else { return nil }
        var seconds: Int64 = 0
        for byte in text.utf8 {
            guard byte.isDigit else { return nil }
            seconds = min(seconds * 10 + Int64(byte - UInt8(ascii: "0")), maximum)
        }
        return seconds
    }
}
