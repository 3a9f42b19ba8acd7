import Larder
import LarderTesting
import Testing

@Suite("RemoteStoreConformance")
struct RemoteStoreConformanceTests {
    @Test("has a different name for each check")
    func names() {
        let names = RemoteStoreConformance.checks.map(\.name)
        #expect(Set(names).count == names.count)
        #expect(names.count > 25)
    }

    @Test("finds each store that breaks a promise", arguments: BrokenStore.Fault.allCases)
    func brokenStores(fault: BrokenStore.Fault) async throws {
        var failures: [String] = []
        for check in RemoteStoreConformance.checks {
            do {
                try await check.run { .dictionary { BrokenStore(wrapped: $0, fault: fault) } }
            } catch let failure as ConformanceFailure {
                #expect(failure.check == check.name)
                #expect(failure.description.hasPrefix(check.name))
                failures.append(check.name)
            }
        }
        #expect(!failures.isEmpty, "No check noticed a store with the fault \(fault).")
    }

    @Test("shuts the store down and cleans up after a failure, too")
    func cleanUp() async throws {
        let check = try #require(RemoteStoreConformance.checks.first)
        let store = FaultyStore(wrapping: DictionaryStore())
        store.fail(.always)
        let cleaned = ManualTime()
        await #expect(throws: FaultyStore.InjectedFailure.self) {
            try await check.run {
                .init(store: store, cleanUp: { cleaned.advance(by: .seconds(1)) }) { _ in }
            }
        }
        #expect(cleaned.now == .seconds(1))
        store.heal()
        await #expect(throws: DictionaryStore.Refusal.self) { try await store.value(forKey: StoreKey("key")) }
    }
}

/// A store that does one thing wrong.
struct BrokenStore: RemoteStore {
    enum Fault: CaseIterable {
        case batchesInAnyOrder
        case firstWriteWins
        case emptyValuesAreMissing
        case endlessLife
        case lifeThatStands
        case zeroTimeToLive
        case keysCutAtZero
        case unsortedKeys
        case prefixIncludesNeighbours
        case pageRepeatsLastKey
        case endlessRemoval
        case wrongRemovalCount
        case removalByPrefixTakesAll
        case usableAfterShutdown
        case slotsInAnyOrder
        case slotsWithoutValues
        case versionsThatComeBack
        case fillsWithoutComparing
        case fillsThatCompareTooEarly
        case fillsThatStopAtTheFirstRefusal
        case fillsWithAnEndlessLife
        case tombstonesThatLeaveNothing
        case tombstonesOfEntriesAlone
        case tombstonesThatEndEarly
        case tombstonesThatNeverEnd
        case tombstonesThatAreRemoved
        case removalsWithoutComparing
    }

    let wrapped: DictionaryStore
    let fault: Fault

    func values(forKeys keys: [StoreKey]) async throws -> [StoredValue?] {
        var values = try await wrapped.values(forKeys: keys.map(stored))
        switch fault {
        case .batchesInAnyOrder: values.reverse()
        case .emptyValuesAreMissing: values = values.map { $0?.bytes == [] ? nil : $0 }
        case .lifeThatStands: values = values.map { $0.map { .init(bytes: $0.bytes, remainingLife: .seconds(10)) } }
        default: break
        }
        return values
    }

    func setValues(_ writes: [StoreWrite]) async throws {
        var writes = writes.map { StoreWrite(key: stored($0.key), bytes: $0.bytes, timeToLive: $0.timeToLive) }
        switch fault {
        case .firstWriteWins: writes.reverse()
        case .endlessLife: writes = writes.map { .init(key: $0.key, bytes: $0.bytes, timeToLive: .seconds(1 << 40)) }
        case .zeroTimeToLive: writes.removeAll { $0.timeToLive <= .zero }
        default: break
        }
        try await wrapped.setValues(writes)
    }

    func slots(forKeys keys: [StoreKey]) async throws -> [StoreSlot] {
        let slots = try await wrapped.slots(forKeys: keys.map(stored))
        switch fault {
        case .slotsInAnyOrder: return slots.reversed()
        case .slotsWithoutValues: return slots.map { StoreSlot(value: nil, version: $0.version) }
        case .versionsThatComeBack:
            return slots.map { StoreSlot(value: $0.value, version: .init(bitPattern: $0.version.bitPattern & 7)) }
        default: return slots
        }
    }

    func fill(_ fills: [StoreFill]) async throws -> [Bool] {
        switch fault {
        case .fillsWithoutComparing:
            try await wrapped.setValues(fills.map(\.write))
            return fills.map { _ in true }
        case .fillsThatCompareTooEarly:
            let slots = try await wrapped.slots(forKeys: fills.map(\.write.key))
            await Task.yield()
            let isUnchanged = zip(slots, fills).map { $0.version == $1.version }
            try await wrapped.setValues(zip(fills, isUnchanged).filter { $1 }.map { $0.0.write })
            return isUnchanged
        case .fillsThatStopAtTheFirstRefusal:
            var isWritten: [Bool] = []
            for fill in fills {
                let isRefused = isWritten.contains(false)
                isWritten.append(isRefused ? false : try await wrapped.fill([fill])[0])
            }
            return isWritten
        case .fillsWithAnEndlessLife:
            let endless = fills.map { fill in
                var fill = fill
                fill.write.timeToLive *= 1_000
                return fill
            }
            return try await wrapped.fill(endless)
        default: return try await wrapped.fill(fills)
        }
    }

    func bury(_ keys: [StoreKey], for life: Duration) async throws {
        switch fault {
        case .tombstonesThatLeaveNothing: try await wrapped.removeValues(forKeys: keys)
        case .tombstonesOfEntriesAlone:
            let slots = try await wrapped.slots(forKeys: keys)
            try await wrapped.bury(zip(keys, slots).filter { $1 != .vacant }.map { $0.0 }, for: life)
        case .tombstonesThatEndEarly: try await wrapped.bury(keys, for: life / 4)
        case .tombstonesThatNeverEnd: try await wrapped.bury(keys, for: life * 1_000)
        default: try await wrapped.bury(keys, for: life)
        }
    }

    func removeValues(forKeys keys: [StoreKey]) async throws -> Int {
        switch fault {
        case .tombstonesThatAreRemoved:
            let removed = try await wrapped.removeValues(forKeys: keys)
            for key in keys where try await wrapped.slots(forKeys: [key])[0].isTombstone {
                try await wrapped.setValue([], forKey: key, timeToLive: .seconds(1))
                try await wrapped.removeValue(forKey: key)
            }
            return removed
        case .endlessRemoval: return try await wrapped.values(forKeys: keys).count { $0 != nil }
        case .wrongRemovalCount:
            _ = try await wrapped.removeValues(forKeys: keys)
            return keys.count
        default: return try await wrapped.removeValues(forKeys: keys.map(stored))
        }
    }

    func remove(_ removals: [StoreRemoval]) async throws -> Int {
        guard fault != .removalsWithoutComparing else {
            return try await wrapped.removeValues(forKeys: removals.map(\.key))
        }
        return try await wrapped.remove(removals)
    }

    func keys(withPrefix prefix: StoreKey, after key: StoreKey?, limit: Int) async throws -> [StoreKey] {
        switch fault {
        case .unsortedKeys: return try await wrapped.keys(withPrefix: prefix, after: key, limit: limit).reversed()
        case .prefixIncludesNeighbours:
            return try await wrapped.keys(
                withPrefix: StoreKey(bytes: prefix.bytes.dropLast()),
                after: key,
                limit: limit
            )
        case .pageRepeatsLastKey:
            let page = try await wrapped.keys(withPrefix: prefix, after: key, limit: limit)
            guard let key, !page.isEmpty, limit > 1 else { return page }
            return Array(([key] + page).prefix(limit))
        default: return try await wrapped.keys(withPrefix: prefix, after: key, limit: limit)
        }
    }

    func removeAll(withPrefix prefix: StoreKey) async throws -> Int {
        let all = fault == .removalByPrefixTakesAll ? StoreKey("") : prefix
        return try await wrapped.removeAll(withPrefix: all)
    }

    func shutdown() async {
        guard fault != .usableAfterShutdown else { return }
        await wrapped.shutdown()
    }

    private func stored(_ key: StoreKey) -> StoreKey {
        guard fault == .keysCutAtZero else { return key }
        return StoreKey(bytes: Array(key.bytes.prefix { $0 != 0 }))
    }
}
