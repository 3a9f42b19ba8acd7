import Larder

extension RemoteStoreConformance {
    static let listing: [Check] = [
        Check("an empty store lists no keys") { subject in
            let keys = try await subject.store.keys(withPrefix: StoreKey(""), after: nil, limit: 10)
            try expect(keys, equals: [], "The keys")
        },
        Check("keys come in the order of their bytes") { subject in
            try await write(awkwardKeys, to: subject.store)
            let keys = try await subject.store.keys(withPrefix: StoreKey(""), after: nil, limit: 1_000)
            try expect(keys.map(\.bytes), equals: awkwardKeys.sorted().map(\.bytes), "The keys")
        },
        Check("pages of any size hold each key once") { subject in
            try await write(awkwardKeys, to: subject.store)
            for pageSize in [1, 2, 3, awkwardKeys.count - 1, awkwardKeys.count, awkwardKeys.count + 1] {
                let keys = try await subject.store.allKeys(withPrefix: StoreKey(""), pageSize: pageSize)
                try expect(keys.map(\.bytes), equals: awkwardKeys.sorted().map(\.bytes), "All pages of \(pageSize)")
            }
        },
        Check("a prefix lists the keys that start with it, and no other") { subject in
            try await write(awkwardKeys, to: subject.store)
            for prefix in awkwardKeys + [StoreKey("absent"), StoreKey(bytes: [0xFF, 0xFF, 0xFF])] {
                let keys = try await subject.store.allKeys(withPrefix: prefix, pageSize: 2)
                let expected = awkwardKeys.filter { $0.hasPrefix(prefix) }.sorted()
                try expect(keys.map(\.bytes), equals: expected.map(\.bytes), "The keys with the prefix \(prefix.bytes)")
            }
        },
        Check("a page may start after any key, present or not") { subject in
            let keys = ["a", "b:1", "b:2", "b:3", "c"].map { StoreKey($0) }
            try await write(keys, to: subject.store)
            let cases: [(after: String, expected: ArraySlice<StoreKey>)] = [
                ("a", keys[1...3]), ("b", keys[1...3]), ("b:", keys[1...3]), ("b:1", keys[2...3]),
                ("b:10", keys[2...3]), ("b:3", []), ("b:9", []), ("c", []),
            ]
            for (after, expected) in cases {
                let page = try await subject.store.keys(withPrefix: StoreKey("b:"), after: StoreKey(after), limit: 9)
                try expect(page, equals: Array(expected), "The keys after '\(after)'")
            }
        },
    ]

    static func write(_ keys: [StoreKey], to store: any RemoteStore) async throws {
        try await store.setValues(keys.map { StoreWrite(key: $0, bytes: [1], timeToLive: .seconds(60)) })
    }
}
