import Larder

/// Throws a failure unless a condition holds.
func expect(_ condition: Bool, _ message: @autoclosure () -> String) throws {
    guard condition else { throw ConformanceFailure(message: message()) }
}

/// Throws a failure unless two values are equal.
func expect<Value: Equatable>(_ actual: Value, equals expected: Value, _ what: String) throws {
    try expect(actual == expected, "\(what) should be \(abbreviated(expected)), and is \(abbreviated(actual)).")
}

/// Throws a failure unless an operation throws.
func expectError(_ what: String, _ operation: () async throws -> Void) async throws {
    do {
        try await operation()
    } catch {
        return
    }
    throw ConformanceFailure(message: "\(what) should throw, and does not.")
}

private func abbreviated(_ value: some Any) -> String {
    let text = "\(value)"
    return text.count <= 200 ? text : "\(text.prefix(200))..."
}

extension RemoteStore {
    /// Reads the bytes of a key, both alone and in a batch, which have to agree.
    func bytes(forKey key: StoreKey) async throws -> [UInt8]? {
        let single = try await value(forKey: key)
        let batch = try await values(forKeys: [key])
        try expect(batch.count, equals: 1, "The number of elements for one key")
        try expect(batch[0]?.bytes, equals: single?.bytes, "The value of '\(key)' in a batch")
        return single?.bytes
    }

    /// Lists all keys of a prefix by pages.
    func allKeys(withPrefix prefix: StoreKey, pageSize: Int) async throws -> [StoreKey] {
        var keys: [StoreKey] = []
        while true {
            let page = try await self.keys(withPrefix: prefix, after: keys.last, limit: pageSize)
            try expect(page.count <= pageSize, "A page of \(pageSize) keys holds \(page.count).")
            keys += page
            if page.count < pageSize { return keys }
        }
    }

    /// Writes texts that live for a minute.
    func fill(_ texts: [String]) async throws {
        try await setValues(
            texts.map { StoreWrite(key: StoreKey($0), bytes: Array($0.utf8), timeToLive: .seconds(60)) }
        )
    }
}
