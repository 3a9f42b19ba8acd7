import Larder

extension RemoteStoreConformance {
    static let versions: [Check] = [
        Check("a key that holds nothing is vacant") { subject in
            let slots = try await subject.store.slots(forKeys: [StoreKey("absent"), StoreKey("absent")])
            try expect(slots, equals: [.vacant, .vacant], "The slots")
            try expect(try await subject.store.slots(forKeys: []), equals: [], "The slots of no keys")
        },
        Check("slots agree with values, in the order of their keys") { subject in
            try await subject.store.fill(["a", "b"])
            let keys = ["b", "absent", "a", "b"].map { StoreKey($0) }
            let slots = try await subject.store.slots(forKeys: keys)
            let values = try await subject.store.values(forKeys: keys)
            try expect(slots.map(\.value?.bytes), equals: values.map { $0?.bytes }, "The values of the slots")
            try expect(slots.map { $0.version == .vacant }, equals: [false, true, false, false], "What is vacant")
            try expect(slots[0].version, equals: slots[3].version, "The version of a key that was asked for twice")
        },
        Check("a version stays while nothing is written, and never comes back") { subject in
            let key = StoreKey("key")
            var seen: Set<StoreVersion> = []
            for round in 0..<60 {
                switch round % 3 {
                case 0: try await subject.store.setValue([1], forKey: key, timeToLive: .seconds(60))
                case 1: try await subject.store.bury([key], for: .seconds(60))
                default:
                    let version = try await subject.version(of: key)
                    try await subject.fill(key, [1], over: version, isWritten: true)
                }
                let version = try await subject.version(of: key)
                try expect(try await subject.version(of: key), equals: version, "The version of an unchanged key")
                try expect(version != .vacant, "A key that holds something is vacant.")
                try expect(seen.insert(version).inserted, "The version \(version) came back.")
                if round % 5 == 0 { try await subject.store.removeValue(forKey: key) }
            }
        },
        Check("a fill over the version that is there is written") { subject in
            let key = StoreKey("key")
            try await subject.fill(key, [1], over: .vacant, isWritten: true)
            try await subject.fill(key, [2], over: .vacant, isWritten: false)
            let version = try await subject.version(of: key)
            try await subject.fill(key, [3], over: version, isWritten: true)
            try await subject.fill(key, [4], over: version, isWritten: false)
            try expect(try await subject.store.bytes(forKey: key), equals: [3], "The value")
        },
        Check("a fill after a write is not written, and one after a removal or the end of the entry is") { subject in
            let key = StoreKey("key")
            try await subject.store.setValue([1], forKey: key, timeToLive: .seconds(60))
            let first = try await subject.version(of: key)
            try await subject.store.setValue([1], forKey: key, timeToLive: .seconds(1))
            let second = try await subject.version(of: key)
            try await subject.fill(key, [2], over: first, isWritten: false)
            try await subject.advanceTime(.seconds(1))
            try expect(try await subject.version(of: key), equals: .vacant, "The version of an expired entry")
            try await subject.fill(key, [2], over: second, isWritten: true)
            try await subject.fill(key, [3], over: second, isWritten: false)
            let third = try await subject.version(of: key)
            try await subject.store.removeValue(forKey: key)
            try await subject.fill(key, [4], over: third, isWritten: true)
            try expect(try await subject.store.bytes(forKey: key), equals: [4], "The value")
        },
        Check("the fills of a batch stand each for itself, and are made in their order") { subject in
            let (old, new, changed) = (StoreKey("old"), StoreKey("new"), StoreKey("changed"))
            try await subject.store.fill(["old", "changed"])
            let version = try await subject.version(of: old)
            let fills: [(StoreKey, UInt8, StoreVersion)] = [
                (old, 1, version), (changed, 2, .vacant), (new, 3, .vacant), (new, 4, .vacant), (old, 5, version),
            ]
            let isWritten = try await subject.store.fill(
                fills.map {
                    StoreFill(StoreWrite(key: $0.0, bytes: [$0.1], timeToLive: .seconds(60)), over: $0.2)
                }
            )
            try expect(isWritten, equals: [true, false, true, false, false], "Which fills were written")
            let values = try await subject.store.values(forKeys: [old, changed, new]).map { $0?.bytes }
            try expect(values, equals: [[1], Array("changed".utf8), [3]], "The values")
            try expect(try await subject.store.fill([]), equals: [], "The outcomes of no fills")
        },
        Check("a removal by version takes the entry that was read, and leaves what came after it") { subject in
            let (same, written, buried, gone) = (
                StoreKey("same"), StoreKey("written"), StoreKey("buried"), StoreKey("gone")
            )
            let keys = [same, written, buried, gone]
            try await subject.store.fill(["same", "written", "buried", "gone"])
            let removals = zip(keys, try await subject.store.slots(forKeys: keys))
                .map { StoreRemoval($0, at: $1.version) }
            try await subject.store.setValue([1], forKey: written, timeToLive: .seconds(60))
            try await subject.store.bury([buried], for: .seconds(60))
            try await subject.store.removeValue(forKey: gone)
            let tombstone = try await subject.version(of: buried)
            let tried = removals + [StoreRemoval(buried, at: tombstone), StoreRemoval(gone, at: .vacant)]
            try expect(try await subject.store.remove(tried), equals: 1, "How many entries were removed")
            let values = try await subject.store.values(forKeys: keys).map { $0?.bytes }
            try expect(values, equals: [nil, [1], nil, nil], "The values")
            try expect(try await subject.version(of: same), equals: .vacant, "The version of what was removed")
            try expect(try await subject.version(of: buried), equals: tombstone, "The version of the tombstone")
            try expect(try await subject.store.remove(removals), equals: 0, "How many were removed again")
            try expect(try await subject.store.remove([]), equals: 0, "How many of none were removed")
        },
        Check("a filled entry has the life of its fill") { subject in
            let key = StoreKey("key")
            try await subject.fill(key, [1], over: .vacant, timeToLive: .seconds(2), isWritten: true)
            try await subject.advanceTime(.seconds(1))
            try expect(try await subject.store.bytes(forKey: key), equals: [1], "The value")
            try await subject.advanceTime(.seconds(1))
            try expect(try await subject.store.bytes(forKey: key), equals: nil, "The value at its end")
        },
        Check("a fill with a time to live of zero or less is refused and changes nothing") { subject in
            let key = StoreKey("key")
            for timeToLive in [Duration.zero, .seconds(-1)] {
                try await expectError("A time to live of \(timeToLive)") {
                    try await subject.fill(key, [1], over: .vacant, timeToLive: timeToLive, isWritten: true)
                }
            }
            try expect(try await subject.version(of: key), equals: .vacant, "The version")
        },
    ]
}

extension RemoteStoreConformance.StoreUnderTest {
    func version(of key: StoreKey) async throws -> StoreVersion {
        let slots = try await store.slots(forKeys: [key])
        try expect(slots.count, equals: 1, "The number of slots for one key")
        return slots[0].version
    }

    /// Fills a key, and expects that it is written or not.
    func fill(
        _ key: StoreKey,
        _ bytes: [UInt8],
        over version: StoreVersion,
        timeToLive: Duration = .seconds(60),
        isWritten: Bool
    ) async throws {
        let write = StoreWrite(key: key, bytes: bytes, timeToLive: timeToLive)
        let outcome = try await store.fill([StoreFill(write, over: version)])
        try expect(outcome, equals: [isWritten], "Whether a fill of '\(key)' over the version '\(version)' was written")
    }
}
