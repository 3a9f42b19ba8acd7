import Foundation
import Larder
import Testing

@Suite struct CronExpressionTests {
    private func date(_ text: String, _ zone: String = "GMT") throws -> Date {
        let format = Date.ISO8601FormatStyle(timeZone: try #require(TimeZone(identifier: zone)))
        return try format.parse(text)
    }

    private func next(_ expression: String, _ zone: String, after text: String) throws -> String? {
        let zone = try #require(TimeZone(identifier: zone))
        let next = try CronExpression(expression, in: zone).next(after: date(text))
        return next.map { Date.ISO8601FormatStyle(timeZone: .gmt).format($0) }
    }

    @Test(
        "the next time is told by the clock of the zone",
        arguments: [
            ("*/15 * * * *", "GMT", "2026-03-01T10:07:00Z", "2026-03-01T10:15:00Z"),
            ("*/15 * * * *", "GMT", "2026-03-01T10:15:00Z", "2026-03-01T10:30:00Z"),
            ("0 6 * * *", "Europe/Vienna", "2026-01-10T06:00:00Z", "2026-01-11T05:00:00Z"),
            ("0 6 * * *", "Europe/Vienna", "2026-07-10T03:59:59Z", "2026-07-10T04:00:00Z"),
            ("30 6 * * mon-fri", "GMT", "2026-05-01T07:00:00Z", "2026-05-04T06:30:00Z"),
            ("0 0 29 feb *", "GMT", "2026-01-01T00:00:00Z", "2028-02-29T00:00:00Z"),
            ("0 0 1,15 * *", "GMT", "2026-05-02T00:00:00Z", "2026-05-15T00:00:00Z"),
            ("5-10/5 23 31 12 *", "GMT", "2026-12-31T23:05:00Z", "2026-12-31T23:10:00Z"),
            // One of the two days is enough where both are given.
            ("0 0 13 * fri", "GMT", "2026-05-01T00:00:00Z", "2026-05-08T00:00:00Z"),
            ("0 0 13 * fri", "GMT", "2026-05-08T00:00:00Z", "2026-05-13T00:00:00Z"),
            ("0 12 * * 7", "GMT", "2026-05-01T00:00:00Z", "2026-05-03T12:00:00Z"),
        ]
    )
    func nextTime(expression: String, zone: String, after: String, expected: String) throws {
        #expect(try next(expression, zone, after: after) == expected)
    }

    @Test("a time that the clocks leave out comes right after it, and one that comes twice comes once")
    func clockChanges() throws {
        // On the 29th of March 2026 the clocks of Vienna go from 2 to 3, and on the 25th of October from 3 to 2.
        #expect(try next("30 2 * * *", "Europe/Vienna", after: "2026-03-28T12:00:00Z") == "2026-03-29T01:00:00Z")
        #expect(try next("30 2 * * *", "Europe/Vienna", after: "2026-10-24T12:00:00Z") == "2026-10-25T00:30:00Z")
        #expect(try next("30 2 * * *", "Europe/Vienna", after: "2026-10-25T00:30:00Z") == "2026-10-26T01:30:00Z")
    }

    @Test("days that never come have no next time")
    func never() throws {
        #expect(try next("0 0 30 2 *", "GMT", after: "2026-01-01T00:00:00Z") == nil)
    }

    @Test(
        "what is no expression is refused",
        arguments: [
            "", "* * * *", "* * * * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *", "* * * * 8",
            "*/0 * * * *",
            "5-1 * * * *", "a * * * *", "1,,2 * * * *", "1- * * * *", "-1 * * * *", "* * * foo *",
        ]
    )
    func refused(text: String) {
        #expect(throws: CacheError.self) { try CronExpression(text, in: .gmt) }
    }
}
