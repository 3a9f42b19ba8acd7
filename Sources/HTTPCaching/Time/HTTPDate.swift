/// A date of HTTP: whole seconds since 1970 in UTC.
///
/// Fields are read in the three forms of RFC 9110, section 5.6.7, and written in the first of them. Names of days and
/// months count in any case; all else has to be as the grammar has it, since a cache that guesses at a date serves
/// what it should not.
public struct HTTPDate: Hashable, Comparable, Sendable {
    /// Seconds since the beginning of 1970 in UTC.
    public var secondsSince1970: Int64

    /// Makes a date.
    ///
    /// - Parameter secondsSince1970: Seconds since the beginning of 1970 in UTC.
    public init(secondsSince1970: Int64) {
        self.secondsSince1970 = secondsSince1970
    }

    /// Reads the value of a field.
    ///
    /// - Parameters:
    ///   - text: `Sun, 06 Nov 1994 08:49:37 GMT`, `Sunday, 06-Nov-94 08:49:37 GMT` or `Sun Nov  6 08:49:37 1994`.
    ///   - now: The date by which a year of two digits is understood: never more than 50 years ahead.
    public init?(_ text: some StringProtocol, now: HTTPDate) {
        var reader = HTTPDateReader(text)
        guard let date = reader.date(now: now) else { return nil }
        self = date
    }

    /// Whether a date comes before another.
    public static func < (left: HTTPDate, right: HTTPDate) -> Bool { left.secondsSince1970 < right.secondsSince1970 }
}

extension HTTPDate: CustomStringConvertible {
    static let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// The value of a field, as in `Sun, 06 Nov 1994 08:49:37 GMT`.
    public var description: String {
        let (days, second) = secondsSince1970.floorDivided(by: 86_400)
        let (year, month, day) = CivilDate.date(daysSince1970: days)
        // The first day of 1970 was a Thursday.
        let weekday = (days + 4).floorDivided(by: 7).remainder
        let clock = [second / 3_600, second / 60 % 60, second % 60].map { Self.padded($0) }.joined(separator: ":")
        let years = String(repeating: "0", count: max(0, 4 - String(year).count)) + String(year)
        return "\(Self.days[Int(weekday)]), \(Self.padded(day)) \(Self.months[Int(month - 1)]) \(years) \(clock) GMT"
    }

    private static func padded(_ number: Int64) -> String { number < 10 ? "0\(number)" : String(number) }
}
