import Larder

extension RemoteStoreConformance {
    static let removal: [Check] = [
        Check("a removed entry is gone, and only the first removal counts") { subject in
            let key = StoreKey("key")
            try await subject.store.fill(["key", "other"])
            try expect(try await subject.store.removeValue(forKey: key), equals: true, "The first removal")
            try expect(try await subject.store.bytes(forKey: key), equals: nil, "The removed value")
            try expect(try await subject.store.removeValue(forKey: key), equals: false, "The second removal")
            let others = try await subject.store.keys(withPrefix: StoreKey(""), after: nil, limit: 9)
            try expect(others, equals: [StoreKey("other")], "The other keys")
        },
        Check("a batch of removals counts each live entry once") { subject in
            try await subject.store.fill(["a", "b", "c"])
            let keys = ["a", "absent", "b", "a"].map { StoreKey($0) }
            try expect(try await subject.store.removeValues(forKeys: keys), equals: 2, "The number of removed entries")
            try expect(try await subject.store.removeValues(forKeys: []), equals: 0, "The number for no keys")
            let others = try await subject.store.keys(withPrefix: StoreKey(""), after: nil, limit: 9)
            try expect(others, equals: [StoreKey("c")], "The other keys")
        },
        Check("an entry may be written again after its removal") { subject in
            let key = StoreKey("key")
            try await subject.store.fill(["key"])
            try await subject.store.removeValue(forKey: key)
            try await subject.store.setValue([2], forKey: key, timeToLive: .seconds(5))
            try expect(try await subject.store.bytes(forKey: key), equals: [2], "The new value")
        },
        Check("removing a prefix leaves all other entries") { subject in
            for prefix in awkwardKeys {
                try await write(awkwardKeys, to: subject.store)
                let removed = try await subject.store.removeAll(withPrefix: prefix)
                let expected = awkwardKeys.filter { !$0.hasPrefix(prefix) }.sorted()
                try expect(removed, equals: awkwardKeys.count - expected.count, "The removals of \(prefix.bytes)")
                let keys = try await subject.store.keys(withPrefix: StoreKey(""), after: nil, limit: 1_000)
                try expect(keys.map(\.bytes), equals: expected.map(\.bytes), "The keys left by \(prefix.bytes)")
            }
        },
        Check("removing the empty prefix leaves nothing, however much there was") { subject in
            let texts = (0..<2_500).map { "key:\($0)" }
            try await subject.store.fill(texts)
            let removed = try await subject.store.removeAll(withPrefix: StoreKey(""))
            try expect(removed, equals: texts.count, "The number of removed entries")
            let keys = try await subject.store.keys(withPrefix: StoreKey(""), after: nil, limit: 1)
            try expect(keys, equals: [], "The keys")
        },
    ]
}
