import Larder

extension RemoteStoreConformance {
    static let writing: [Check] = [
        Check("a write replaces the value") { subject in
            let key = StoreKey("key")
            for bytes: [UInt8] in [[1, 2, 3], [4], [], [UInt8](repeating: 5, count: 10_000), [6]] {
                try await subject.store.setValue(bytes, forKey: key, timeToLive: .seconds(60))
                try expect(try await subject.store.bytes(forKey: key), equals: bytes, "The newest value")
            }
        },
        Check("a later write of a batch wins") { subject in
            let key = StoreKey("key")
            let writes = (0..<10).map { StoreWrite(key: key, bytes: [$0], timeToLive: .seconds(60)) }
            try await subject.store.setValues(writes)
            try expect(try await subject.store.bytes(forKey: key), equals: [9], "The newest value")
        },
        Check("an empty batch of writes does nothing") { subject in
            try await subject.store.setValues([])
            let keys = try await subject.store.keys(withPrefix: StoreKey(""), after: nil, limit: 1)
            try expect(keys, equals: [], "The keys")
        },
        Check("a time to live of zero or less is refused and changes nothing") { subject in
            let key = StoreKey("key")
            try await subject.store.setValue([1], forKey: key, timeToLive: .seconds(60))
            for timeToLive in [Duration.zero, .nanoseconds(-1), .seconds(-60)] {
                try await expectError("A time to live of \(timeToLive)") {
                    try await subject.store.setValue([2], forKey: key, timeToLive: timeToLive)
                }
                try await expectError("A time to live of \(timeToLive) in a batch") {
                    try await subject.store.setValues([StoreWrite(key: key, bytes: [2], timeToLive: timeToLive)])
                }
            }
            try expect(try await subject.store.bytes(forKey: key), equals: [1], "The value")
        },
    ]
}
