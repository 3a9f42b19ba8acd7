import Foundation
import LarderTesting
import Testing

@testable import Larder

@Suite("TTLRules")
struct TTLRulesTests {
    @Test("the first rule that matches wins")
    func order() throws {
        let rules = try TTLRules([
            LifetimeRule(KeyPattern("note:draft:*"), .afterWrite(.seconds(5))),
            LifetimeRule(KeyPattern("note:*"), .afterAccess(.seconds(60), atMost: .seconds(600))),
        ])
        #expect(lifetime("note:draft:1", rules) == EntryLifetime(timeToLive: .seconds(5)))
        #expect(lifetime("note:1", rules) == EntryLifetime(timeToLive: .seconds(600), afterAccess: .seconds(60)))
        #expect(lifetime("page:1", rules) == nil)
        #expect(rules.conflicts.isEmpty)
    }

    @Test(
        "a rule that is never reached is refused, and the one before it named",
        arguments: [
            ("note:*", "note:draft:*"), ("*", "a"), ("a*", "a*"), ("a?c", "abc"), ("[a-z]", "[k-m]"), ("?*", "*?"),
            ("*?", "a"), ("a*c", "a*b*c"), ("[!a]", "b"), ("[!a]", "[b-c]"), ("*b*", "abc"),
        ]
    )
    func unreachable(first: String, second: String) throws {
        let error = #expect(throws: CacheError.self) {
            try TTLRules([first, second].map { LifetimeRule(try KeyPattern($0), .afterWrite(.seconds(1))) })
        }
        #expect(error?.code == .invalidRule)
        #expect(error?.message.contains("\"\(first)\"") ?? false)
    }

    @Test("rules that meet by accident are reported with a key that both match")
    func conflicts() throws {
        let rules = try TTLRules([
            LifetimeRule(KeyPattern("a*"), .afterWrite(.seconds(1))),
            LifetimeRule(KeyPattern("*b"), .afterWrite(.seconds(2))),
            LifetimeRule(KeyPattern("*c"), .afterWrite(.seconds(1))),
            LifetimeRule(KeyPattern("*"), .afterWrite(.seconds(3))),
        ])
        let conflict = try #require(rules.conflicts.first)
        #expect(rules.conflicts.count == 1)
        #expect(conflict.winner.pattern.text == "a*" && conflict.loser.pattern.text == "*b")
        #expect(conflict.winner.pattern.matches(conflict.example.utf8))
        #expect(conflict.loser.pattern.matches(conflict.example.utf8))
    }

    @Test("comparing patterns agrees with matching keys")
    func comparing() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SplitMix64(seed: seed)
        let symbols = ["a", "b", "*", "?", "[ab]", "[!a]"]
        let keys = (0..<400)
            .map { _ in
                String(
                    (0..<Int.random(in: 0...5, using: &random)).map { _ in "abc".randomElement(using: &random) ?? "a" }
                )
            }
        var covered = 0
        for _ in 0..<3_000 {
            let texts = (0..<2)
                .map { _ in
                    (0..<Int.random(in: 0...4, using: &random)).map { _ in symbols.randomElement(using: &random) ?? "" }
                        .joined()
                }
            let (first, second) = (try KeyPattern(texts[0]), try KeyPattern(texts[1]))
            let comment: Comment = "'\(first)' and '\(second)'; the seed is \(seed)"
            if first.covers(second) {
                covered += 1
                #expect(!keys.contains { second.matches($0.utf8) && !first.matches($0.utf8) }, comment)
            }
            if let example = first.example(sharedWith: second) {
                #expect(first.matches(example.utf8) && second.matches(example.utf8), comment)
            } else {
                #expect(!keys.contains { first.matches($0.utf8) && second.matches($0.utf8) }, comment)
            }
        }
        #expect(covered > 100)
    }

    @Test("an entry until the end of the day lives until midnight in its time zone, whatever the season does")
    func endOfDay() throws {
        let berlin = try #require(TimeZone(identifier: "Europe/Berlin"))
        let midnight = LifetimeRule.Lifetime.untilTimeOfDay(hour: 0, minute: 0, in: berlin)
        let half = LifetimeRule.Lifetime.untilTimeOfDay(hour: 2, minute: 30, in: berlin)
        let cases: [(String, LifetimeRule.Lifetime, Duration)] = [
            ("2026-07-01T21:59:59Z", midnight, .seconds(1)),
            ("2026-07-01T22:00:00Z", midnight, .seconds(86_400)),
            ("2026-01-01T22:00:00Z", midnight, .seconds(3_600)),
            // The clocks go forward at 01:00 UTC on this day, and back on the other.
            ("2026-03-28T23:00:00Z", midnight, .seconds(23 * 3_600)),
            ("2026-10-24T22:00:00Z", midnight, .seconds(25 * 3_600)),
            ("2026-03-29T00:59:00Z", half, .seconds(60)),
        ]
        for (text, lifetime, expected) in cases {
            let moment = try Date(text, strategy: .iso8601)
            #expect(lifetime.resolved(at: moment).timeToLive == expected, "\(text)")
        }
    }

    @Test(
        "a lifetime out of its range is refused",
        arguments: [
            .afterWrite(.zero), .afterAccess(.zero, atMost: .seconds(1)),
            .afterAccess(.seconds(2), atMost: .seconds(1)),
            .untilTimeOfDay(hour: 24, minute: 0, in: .gmt), .untilTimeOfDay(hour: 0, minute: 60, in: .gmt),
        ] as [LifetimeRule.Lifetime]
    )
    func ranges(lifetime: LifetimeRule.Lifetime) throws {
        let error = #expect(throws: CacheError.self) { try TTLRules([LifetimeRule(try KeyPattern("*"), lifetime)]) }
        #expect(error?.code == .invalidRule)
    }

    private func lifetime(_ key: String, _ rules: TTLRules) -> EntryLifetime? {
        rules.lifetime(of: key.utf8, at: Date(timeIntervalSince1970: 0))
    }
}
