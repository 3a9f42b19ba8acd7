import Larder

extension RemoteStoreConformance {
    static let reading: [Check] = [
        Check("a missing key reads as nil") { subject in
            try expect(try await subject.store.bytes(forKey: StoreKey("absent")), equals: nil, "A missing key")
        },
        Check("an empty batch of keys reads as an empty batch") { subject in
            try expect(try await subject.store.values(forKeys: []).count, equals: 0, "The number of elements")
        },
        Check("a value reads as it was written") { subject in
            for bytes in samples {
                let key = StoreKey("sample:\(bytes.count)")
                try await subject.store.setValue(bytes, forKey: key, timeToLive: .seconds(60))
                try expect(try await subject.store.bytes(forKey: key), equals: bytes, "A value of \(bytes.count) bytes")
            }
        },
        Check("a key may hold any bytes") { subject in
            for (index, key) in awkwardKeys.enumerated() {
                try await subject.store.setValue([UInt8(index)], forKey: key, timeToLive: .seconds(60))
            }
            for (index, key) in awkwardKeys.enumerated() {
                let bytes = try await subject.store.bytes(forKey: key)
                try expect(bytes, equals: [UInt8(index)], "The value of the key \(key.bytes)")
            }
        },
        Check("a batch reads in the order of its keys, with gaps and repetitions") { subject in
            try await subject.store.fill(["a", "b", "c"])
            let keys = ["c", "absent", "a", "c", "b", "absent", "a"].map { StoreKey($0) }
            let values = try await subject.store.values(forKeys: keys)
            let texts = values.map { $0.map { String(decoding: $0.bytes, as: UTF8.self) } }
            try expect(texts, equals: ["c", nil, "a", "c", "b", nil, "a"], "The batch")
        },
        Check("a large batch reads in one call") { subject in
            let texts = (0..<2_000).map { "key:\($0)" }
            try await subject.store.fill(texts)
            let values = try await subject.store.values(forKeys: texts.reversed().map { StoreKey($0) })
            let read = values.map { String(decoding: $0?.bytes ?? [], as: UTF8.self) }
            try expect(read, equals: texts.reversed(), "The batch")
        },
    ]

    /// Values of all sorts: none, each byte, zeros, and a megabyte.
    private static let samples: [[UInt8]] = [
        [],
        [0],
        Array(0...255),
        [UInt8](repeating: 0, count: 4_096),
        (0..<1_048_576).map { UInt8(truncatingIfNeeded: $0 &* 31) },
    ]

    /// Keys that a store that takes them for text, or for C strings, confuses.
    static let awkwardKeys: [StoreKey] = [
        [0x61], [0x61, 0x00], [0x61, 0x00, 0x00], [0x61, 0x61], [0x00], [0x00, 0x61],
        [0xFF], [0xFF, 0xFF], [0xFF, 0x00], [0x61, 0xFF], [0x61, 0xFF, 0xFF], [0x80], [0xC3, 0x28],
        Array("*".utf8), Array("a%".utf8), Array("a_b".utf8), Array("a'b\"c".utf8), Array("line\nbreak".utf8),
        Array("\u{E9}".utf8), Array("e\u{301}".utf8), [UInt8](repeating: 0x6B, count: 1_024),
    ]
    .map { StoreKey(bytes: $0) }
}
