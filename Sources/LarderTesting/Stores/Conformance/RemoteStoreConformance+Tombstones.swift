import Larder

extension RemoteStoreConformance {
    static let tombstones: [Check] = [
        Check("a buried entry is neither read, listed nor counted") { subject in
            let store = subject.store
            try await store.fill(["a", "b", "c"])
            try await store.bury([StoreKey("a"), StoreKey("c"), StoreKey("absent"), StoreKey("a")], for: .seconds(60))
            try await store.bury([], for: .seconds(60))
            try expect(try await store.bytes(forKey: StoreKey("a")), equals: nil, "The buried value")
            let listed = try await store.keys(withPrefix: StoreKey(""), after: nil, limit: 9)
            try expect(listed, equals: [StoreKey("b")], "The keys")
            let keys = ["a", "b", "c", "absent", "untouched"].map { StoreKey($0) }
            let slots = try await store.slots(forKeys: keys)
            try expect(slots.map(\.isTombstone), equals: [true, false, true, true, false], "What is a tombstone")
            try expect(slots[4], equals: .vacant, "A key that was not buried")
        },
        Check("a tombstone keeps out the fills that were begun before it") { subject in
            let (held, absent) = (StoreKey("held"), StoreKey("absent"))
            try await subject.store.fill(["held"])
            let version = try await subject.version(of: held)
            try await subject.store.bury([held, absent], for: .seconds(60))
            try await subject.fill(held, [1], over: version, isWritten: false)
            try await subject.fill(held, [1], over: .vacant, isWritten: false)
            try await subject.fill(absent, [1], over: .vacant, isWritten: false)
            let tombstone = try await subject.version(of: absent)
            try await subject.fill(absent, [2], over: tombstone, isWritten: true)
            try expect(try await subject.store.bytes(forKey: absent), equals: [2], "The filled value")
            try await subject.store.bury([absent], for: .seconds(60))
            try await subject.fill(absent, [3], over: tombstone, isWritten: false)
        },
        Check("a tombstone stands until its life has ended") { subject in
            let key = StoreKey("key")
            try await subject.store.bury([key], for: .seconds(2))
            let tombstone = try await subject.version(of: key)
            try await subject.advanceTime(.seconds(1))
            try expect(try await subject.version(of: key), equals: tombstone, "The version of the tombstone")
            try await subject.fill(key, [1], over: .vacant, isWritten: false)
            try await subject.advanceTime(.seconds(1))
            try expect(try await subject.version(of: key), equals: .vacant, "The version at the end")
            try await subject.fill(key, [1], over: tombstone, isWritten: true)
            try await subject.fill(key, [1], over: .vacant, isWritten: false)
        },
        Check("removals leave tombstones where they are") { subject in
            let store = subject.store
            let key = StoreKey("p:key")
            try await store.bury([key], for: .seconds(60))
            let tombstone = try await subject.version(of: key)
            try expect(try await store.removeValue(forKey: key), equals: false, "Whether a tombstone was removed")
            try expect(try await store.removeValues(forKeys: [key]), equals: 0, "The number of removed entries")
            for prefix in ["", "p:", "p:key"] {
                let removed = try await store.removeAll(withPrefix: StoreKey(prefix))
                try expect(removed, equals: 0, "The number of removed entries")
            }
            try expect(try await subject.version(of: key), equals: tombstone, "The version of the tombstone")
            try await subject.fill(key, [1], over: .vacant, isWritten: false)
        },
        Check("a write replaces a tombstone, and still keeps out older fills") { subject in
            let (one, two) = (StoreKey("one"), StoreKey("two"))
            try await subject.store.bury([one, two], for: .seconds(60))
            let tombstone = try await subject.version(of: one)
            try await subject.store.setValue([1], forKey: one, timeToLive: .seconds(60))
            try await subject.store.setValues([StoreWrite(key: two, bytes: [2], timeToLive: .seconds(60))])
            try expect(try await subject.store.bytes(forKey: one), equals: [1], "The value")
            try expect(try await subject.store.bytes(forKey: two), equals: [2], "The value of a batch")
            try await subject.fill(one, [3], over: tombstone, isWritten: false)
            try await subject.fill(one, [3], over: .vacant, isWritten: false)
            try expect(try await subject.store.removeValue(forKey: one), equals: true, "Whether the entry was removed")
        },
        Check("a tombstone for zero or less is refused and changes nothing") { subject in
            let key = StoreKey("key")
            try await subject.store.setValue([1], forKey: key, timeToLive: .seconds(60))
            for life in [Duration.zero, .seconds(-1)] {
                try await expectError("A tombstone for \(life)") { try await subject.store.bury([key], for: life) }
            }
            try expect(try await subject.store.bytes(forKey: key), equals: [1], "The value")
        },
    ]
}
