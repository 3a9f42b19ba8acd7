/// A time as signatures write it.
struct UTCTimestamp {
    /// As in `20260131`.
    let date: String
    private let second: Int64

    init(_ secondsSince1970: Int64) {
        let days = secondsSince1970 / 86_400
        second = secondsSince1970 % 86_400
        // The civil date of a number of days, by Howard Hinnant's algorithm for years that begin in March.
        let shifted = days + 719_468
        let era = shifted / 146_097
        let day = shifted % 146_097
        let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365
        let dayOfYear = day - (365 * year + year / 4 - year / 100)
        let month = (5 * dayOfYear + 2) / 153
        let civilMonth = month < 10 ? month + 3 : month - 9
        date =
            "\(year + era * 400 + (civilMonth <= 2 ? 1 : 0))" + Self.padded(civilMonth)
            + Self.padded(dayOfYear - (153 * month + 2) / 5 + 1)
    }

    /// As in `235959`, or with a separator.
    func time(_ separator: String = "") -> String {
        [second / 3_600, second / 60 % 60, second % 60].map(Self.padded).joined(separator: separator)
    }

    private static func padded(_ number: Int64) -> String { number < 10 ? "0\(number)" : String(number) }
}
