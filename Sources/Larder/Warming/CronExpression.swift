public import Foundation

/// Times of day in the form of cron, in a time zone.
///
/// ```swift
/// let weekdays = try CronExpression("30 6 * * mon-fri", in: TimeZone(identifier: "Europe/Vienna") ?? .gmt)
/// ```
///
/// Five fields: minute, hour, day of the month, month, and day of the week (0 and 7 are Sunday), each `*`, a number, a
/// range such as `1-5`, either of these with a step such as `*/15`, or a list of such with commas; months and days of the
/// week may be named by their first three letters. Where both days are given, one of them is enough. A time that a change
/// of the clocks leaves out is taken right after it, one that comes twice is taken the first time.
public struct CronExpression: Hashable, Sendable {
    /// The time zone of the times.
    public let timeZone: TimeZone

    private let minutes: Set<Int>
    private let hours: Set<Int>
    private let days: Set<Int>
    private let months: Set<Int>
    private let weekdays: Set<Int>
    private let anyDay: Bool
    private let anyWeekday: Bool

    /// Reads an expression.
    ///
    /// - Parameters:
    ///   - text: The five fields, separated by spaces.
    ///   - timeZone: The time zone of the times.
    /// - Throws: ``CacheError`` with the code `invalidConfiguration` that says which field is wrong.
    public init(_ text: String, in timeZone: TimeZone) throws(CacheError) {
        let fields = text.lowercased().split(whereSeparator: \.isWhitespace).map(String.init)
        guard fields.count == 5 else {
            throw CacheError(
                .invalidConfiguration,
                "The cron expression \"\(text)\" has \(fields.count) fields; give five: minute, hour, day, month, weekday."
            )
        }
        self.timeZone = timeZone
        minutes = try Self.values(fields[0], 0...59)
        hours = try Self.values(fields[1], 0...23)
        days = try Self.values(fields[2], 1...31)
        months = try Self.values(fields[3], 1...12, names: Self.monthNames, first: 1)
        weekdays = Set(try Self.values(fields[4], 0...7, names: Self.weekdayNames, first: 0).map { $0 % 7 })
        anyDay = fields[2].hasPrefix("*")
        anyWeekday = fields[4].hasPrefix("*")
    }

    private static let monthNames = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ]
    private static let weekdayNames = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]

    private static func values(
        _ field: String,
        _ range: ClosedRange<Int>,
        names: [String] = [],
        first: Int = 0
    ) throws(CacheError) -> Set<Int> {
        func number(_ text: Substring) -> Int? { names.firstIndex(of: String(text)).map { $0 + first } ?? Int(text) }
        var values: Set<Int> = []
        for part in field.split(separator: ",", omittingEmptySubsequences: false) {
            let pieces = part.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
            let step = pieces.count == 2 ? Int(pieces[1]) ?? 0 : 1
            let ends = pieces[0].split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
            let low = pieces[0] == "*" ? range.lowerBound : number(ends[0])
            let last =
                ends.count == 2 ? number(ends[1]) : pieces[0] == "*" || pieces.count == 2 ? range.upperBound : low
            guard step >= 1, let low, let last, low <= last, range.contains(low), range.contains(last) else {
                throw CacheError(
                    .invalidConfiguration,
                    "\"\(part)\" is no field of a cron expression; give numbers from \(range.lowerBound) to \(range.upperBound)."
                )
            }
            values.formUnion(stride(from: low, through: last, by: step))
        }
        return values
    }

    /// The next time.
    ///
    /// - Parameter date: The moment after which it is looked for.
    /// - Returns: The time, or `nil` if there is none within nine years, such as for the 30th of February.
    public func next(after date: Date) -> Date? {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = timeZone
        var day = calendar.startOfDay(for: date)
        for _ in 0..<(9 * 366) {
            if isDay(calendar.dateComponents([.day, .month, .weekday], from: day)) {
                // By the hour and the minute in a row, since a day may be short of some or have them twice.
                for hour in hours.sorted() {
                    for minute in minutes.sorted() {
                        let time = calendar.date(bySettingHour: hour, minute: minute, second: 0, of: day)
                        if let time, time > date { return time }
                    }
                }
            }
            guard let following = calendar.date(byAdding: .day, value: 1, to: day) else { return nil }
            day = calendar.startOfDay(for: following)
        }
        return nil
    }

    private func isDay(_ components: DateComponents) -> Bool {
        guard let day = components.day, let month = components.month, let weekday = components.weekday,
            months.contains(month)
        else { return false }
        let (isDay, isWeekday) = (days.contains(day), weekdays.contains(weekday - 1))
        return anyDay || anyWeekday ? isDay && isWeekday : isDay || isWeekday
    }
}
