/// Reads a date by the grammar of RFC 9110, section 5.6.7.
struct HTTPDateReader {
    private var rest: ArraySlice<UInt8>

    init(_ text: some StringProtocol) {
        rest = Array(text.utf8.prefix(64))[...]
    }

    private static let longDays = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"]

    mutating func date(now: HTTPDate) -> HTTPDate? {
        let day = letters()
        if Self.longDays.contains(day) { return obsolete(now: now) }
        guard HTTPDate.days.contains(where: { $0.lowercased() == day }) else { return nil }
        return skip(", ") ? fixed() : skip(" ") ? ansi() : nil
    }

    /// As in `06 Nov 1994 08:49:37 GMT`.
    private mutating func fixed() -> HTTPDate? {
        guard let day = number(2), skip(" "), let month = month(), skip(" "), let year = number(4), skip(" "),
            let time = time(), isUTC()
        else { return nil }
        return Self.date(year, month, day, time)
    }

    /// As in `, 06-Nov-94 08:49:37 GMT`.
    private mutating func obsolete(now: HTTPDate) -> HTTPDate? {
        guard skip(", "), let day = number(2), skip("-"), let month = month(), skip("-"), let short = number(2),
            skip(" "), let time = time(), isUTC()
        else { return nil }
        let (thisYear, _, _) = CivilDate.date(daysSince1970: now.secondsSince1970.floorDivided(by: 86_400).quotient)
        let year = thisYear - thisYear % 100 + short
        return Self.date(year > thisYear + 50 ? year - 100 : year, month, day, time)
    }

    /// As in `Nov  6 08:49:37 1994`.
    private mutating func ansi() -> HTTPDate? {
        guard let month = month(), skip(" "), let day = skip(" ") ? number(1) : number(2), skip(" "),
            let time = time(), skip(" "), let year = number(4), rest.isEmpty
        else { return nil }
        return Self.date(year, month, day, time)
    }

    private static func date(_ year: Int64, _ month: Int64, _ day: Int64, _ time: Int64) -> HTTPDate? {
        guard (1...CivilDate.daysInMonth(month, ofYear: year)).contains(day) else { return nil }
        let days = CivilDate.daysSince1970(year: year, month: month, day: day)
        return HTTPDate(secondsSince1970: days * 86_400 + time)
    }

    /// The seconds of the day; a leap second counts as the one before.
    private mutating func time() -> Int64? {
        guard let hour = number(2), hour < 24, skip(":"), let minute = number(2), minute < 60, skip(":"),
            let second = number(2), second <= 60
        else { return nil }
        return hour * 3_600 + minute * 60 + min(second, 59)
    }

    private mutating func isUTC() -> Bool { skip(" ") && letters() == "gmt" && rest.isEmpty }

    private mutating func month() -> Int64? {
        let name = letters()
        return HTTPDate.months.firstIndex { $0.lowercased() == name }.map { Int64($0 + 1) }
    }

    private mutating func letters() -> String {
        let taken = rest.prefix { UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0 | 0x20 }
        rest = rest.dropFirst(taken.count)
        return String(decoding: taken.map { $0 | 0x20 }, as: UTF8.self)
    }

    private mutating func number(_ digits: Int) -> Int64? {
        let taken = rest.prefix(digits)
        guard taken.count == digits, taken.allSatisfy(\.isDigit) else { return nil }
        rest = rest.dropFirst(digits)
        return taken.reduce(0) { $0 * 10 + Int64($1 - UInt8(ascii: "0")) }
    }

    private mutating func skip(_ text: String) -> Bool {
        guard rest.starts(with: text.utf8) else { return false }
        rest = rest.dropFirst(text.utf8.count)
        return true
    }
}
