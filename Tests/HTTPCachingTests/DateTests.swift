import HTTPCaching
import HTTPTypes
import LarderTesting
import Testing

@Suite("Dates, RFC 9110, section 5.6.7")
struct DateTests {
    private let now = HTTPDate(secondsSince1970: 1_800_000_000)

    @Test(
        "the three forms are read",
        arguments: [
            "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994",
            "SUN, 06 nov 1994 08:49:37 gmt",
        ]
    )
    func forms(_ text: String) {
        #expect(HTTPDate(text, now: now)?.secondsSince1970 == 784_111_777)
    }

    @Test(
        "what is close to a date is none",
        arguments: [
            "0", "", "Thu, 18 Aug 2050 02:01:18 UTC", "Thu, 18 Aug 2050 02:01:18 AEST", "Thu, 18 Aug 50 02:01:18 GMT",
            "Thu 18 Aug 2050 02:01:18 GMT", "Thu, 18  Aug  2050 02:01:18 GMT", "Thu, 18-Aug-2050 02:01:18 GMT",
            "Thu, 18 Aug 2050 02.01.18 GMT", "Thu, 18 Aug 2050 2:01:18 GMT", "Thu, 32 Aug 2050 02:01:18 GMT",
            "Thu, 29 Feb 2051 02:01:18 GMT", "Thu, 18 Aug 2050 24:01:18 GMT", "Thu, 18 Aug 2050 02:01:18 GMT+1",
            "Xyz, 18 Aug 2050 02:01:18 GMT", "Thu, 18 Aug 2050 02:01:18",
        ]
    )
    func noDates(_ text: String) {
        #expect(HTTPDate(text, now: now) == nil)
        let fields = [("Expires", text), ("Date", "@0")]
        #expect(ReuseCase(.notUsed, text, fields).outcome() == .notUsed)
    }

    @Test("two dates in Expires are none")
    func twoDates() {
        let fields = [("Expires", "@1000"), ("Expires", "@1001"), ("Date", "@0")]
        #expect(ReuseCase(.notUsed, "two", fields).outcome() == .notUsed)
    }

    @Test("a year of two digits is at most 50 years ahead")
    func shortYears() {
        #expect(HTTPDate("Thursday, 18-Aug-50 02:01:18 GMT", now: now)?.description == "Thu, 18 Aug 2050 02:01:18 GMT")
        #expect(HTTPDate("Friday, 18-Aug-95 02:01:18 GMT", now: now)?.description == "Fri, 18 Aug 1995 02:01:18 GMT")
    }

    @Test("each date that is written is read again, 1600 to 9999")
    func roundTrip() {
        let seed = UInt64.random(in: 0 ... .max)
        var generator = SplitMix64(seed: seed)
        for _ in 0..<2_000 {
            let date = HTTPDate(secondsSince1970: .random(in: -11_676_096_000...253_402_300_799, using: &generator))
            #expect(HTTPDate(date.description, now: now) == date, "seed \(seed)")
        }
    }
}
