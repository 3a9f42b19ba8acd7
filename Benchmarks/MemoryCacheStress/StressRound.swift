import Foundation
import LarderTesting
import MemoryCache
import Synchronization

/// One cache under stress, with what has to hold of it.
final class StressRound<Key: Hashable & Sendable>: Sendable {
    private let settings: StressSettings
    private let keys: [Key]
    private let ledger: Ledger
    private let clock = ManualClock()
    private let cache: MemoryCache<Key, Ledger.Value>
    private let wrongValues = Counter()

    init(_ settings: StressSettings, _ keys: [Key], _ ledger: Ledger) throws {
        self.settings = settings
        self.keys = keys
        self.ledger = ledger
        cache = try MemoryCache(
            capacity: settings.capacity,
            timeToIdle: settings.isIdleTimed ? .seconds(3) : nil,
            time: TimeSource(clock),
            weigher: { _, value in value.weight },
            removalListener: { _, value, _ in ledger.leave(value.number) },
            shards: settings.shards,
            fencesReads: settings.fencesReads
        )
    }

    /// Does something; `value` is the number for a value that may be stored.
    func act(value: Int, using random: inout SplitMix64) {
        let isHot = settings.isHot && Bool.random(using: &random)
        let number = isHot ? 0 : Int.random(in: 0..<keys.count, using: &random)
        let key = keys[number]
        if settings.reads > 0, Int.random(in: 0..<1_000, using: &random) < settings.reads {
            return check(cache.value(forKey: key), number)
        }
        switch Int.random(in: 0..<10_000, using: &random) {
        case 0..<5_000: check(cache.value(forKey: key), number)
        case 5_000..<5_500: check(cache.withValue(forKey: key) { $0.key == number } ?? true)
        case 5_500..<8_000: store(value, number, timeToLive: nil)
        case 8_000..<9_300:
            store(value, number, timeToLive: .milliseconds(Int.random(in: 0..<5_000, using: &random)))
        case 9_300..<9_850: check(cache.removeValue(forKey: key), number)
        case 9_850..<9_950: clock.advance(by: .milliseconds(Int.random(in: 0..<100, using: &random)))
        case 9_950..<9_970: cache.removeExpired()
        case 9_970..<9_980: cache.removeAll { _, value in value.key % 50 == number % 50 }
        case 9_980..<9_985: check(cache.entries.prefix(300).allSatisfy { $0 == self.keys[$1.key] })
        case 9_985..<9_990: check(cache.hottest(5).count <= 5)
        case 9_990..<9_992: cache.removeAll()
        case 9_992..<9_994: _ = cache.statistics
        default: try? cache.setCapacity(settings.capacity.scaled(by: Int.random(in: 50...100, using: &random)))
        }
    }

    private func store(_ value: Int, _ key: Int, timeToLive: Duration?) {
        // Before the value is stored, since it may have left when the call returns.
        ledger.store(value)
        let new = ledger.make(value, key: key, weight: value % 3)
        if !cache.setValue(new, forKey: keys[key], timeToLive: timeToLive) { ledger.refuse(value) }
    }

    private func check(_ value: Ledger.Value?, _ key: Int) { check(value.map { $0.key == key } ?? true) }

    private func check(_ holds: Bool) { if !holds { wrongValues.add() } }

    /// What is wrong while no thread does anything.
    func problems() throws -> [String] {
        // A limit that was lowered while others wrote is enforced by the next call.
        try cache.setCapacity(settings.capacity)
        let present = ledger.present
        // With one that comes twice, if a key does.
        var held: [Int] = []
        let all = cache.statistics.entries
        cache.removeAll { _, value in
            held.append(value.number)
            return false
        }
        var problems: [String] = []
        if !cache.isConsistent { problems.append("sums, lists and tables disagree") }
        if ledger.wrongNotices > 0 { problems.append("\(ledger.wrongNotices) notices came twice, or of nothing") }
        if present.count != all {
            problems.append("\(all) entries, but \(present.count) values were not heard to leave")
        }
        if Set(held).count != held.count { problems.append("a value is held twice") }
        if !Set(held).isSubset(of: present) { problems.append("a value is held that was heard to leave") }
        if ledger.live.value != all { problems.append("\(ledger.live.value) values live, of \(all)") }
        if wrongValues.value > 0 { problems.append("\(wrongValues.value) reads were wrong") }
        return problems
    }

    /// What is wrong once everything was removed.
    func problemsAtEnd() -> [String] {
        cache.removeAll()
        var problems: [String] = []
        if !ledger.present.isEmpty { problems.append("\(ledger.present.count) values were never heard to leave") }
        if ledger.live.value != 0 { problems.append("\(ledger.live.value) values are never released") }
        if cache.statistics.weight != 0 { problems.append("nothing weighs \(cache.statistics.weight)") }
        return problems
    }
}

extension MemoryCapacity {
    /// A part of a capacity, in percent; at least 1.
    func scaled(by percentage: Int) -> MemoryCapacity {
        let part = max(1, limit * percentage / 100)
        return switch unit {
        case .entries: .entries(part)
        case .weight: .weight(part)
        case .bytes: .bytes(part)
        }
    }
}
