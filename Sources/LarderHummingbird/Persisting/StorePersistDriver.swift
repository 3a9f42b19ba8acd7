import Foundation
public import Hummingbird
public import Larder

/// Keeps what a Hummingbird application persists, such as its sessions, in a store of Larder.
///
/// Values are JSON. A value without an expiry lives as long as the driver was told, since a store keeps nothing for ever.
public struct StorePersistDriver: PersistDriver {
    private let store: any RemoteStore
    private let prefix: String
    private let standardLifetime: Duration

    /// Makes a driver.
    ///
    /// - Parameters:
    ///   - store: The store, which this driver does not shut down.
    ///   - prefix: What the keys begin with in the store.
    ///   - standardLifetime: How long a value lives that has no expiry, more than zero.
    public init(
        _ store: any RemoteStore,
        prefix: String = "persist/",
        standardLifetime: Duration = .seconds(365 * 86_400)
    ) {
        self.store = store
        self.prefix = prefix
        self.standardLifetime = standardLifetime
    }

    /// Stores a value under a key that has none.
    ///
    /// - Throws: `PersistError.duplicate` if there is one, by whichever process it was stored.
    public func create<Object: Codable & Sendable>(key: String, value: Object, expires: Duration?) async throws {
        let slot = try await slot(key)
        guard slot.value == nil else { throw PersistError.duplicate }
        let fill = StoreFill(try write(key, value, expires), over: slot.version)
        guard try await store.fill([fill]).first == true else { throw PersistError.duplicate }
    }

    /// Stores a value; without an expiry it keeps that of the value before.
    public func set<Object: Codable & Sendable>(key: String, value: Object, expires: Duration?) async throws {
        if let expires {
            let write = try write(key, value, expires)
            return try await store.setValue(write.bytes, forKey: write.key, timeToLive: write.timeToLive)
        }
        while true {
            let slot = try await slot(key)
            let left = slot.value.flatMap { PersistedBytes($0.bytes).expires ? $0.remainingLife : nil }
            // Another writer may have come between.
            if try await store.fill([StoreFill(try write(key, value, left), over: slot.version)]).first == true {
                return
            }
        }
    }

    /// The value of a key.
    ///
    /// - Throws: `PersistError.invalidConversion` if it is not of this type.
    public func get<Object: Codable & Sendable>(key: String, as type: Object.Type) async throws -> Object? {
        try await getWithTTL(key: key, as: type)?.object
    }

    /// The value of a key, and how long it has still to live; `nil` for a value without an expiry.
    ///
    /// - Throws: `PersistError.invalidConversion` if it is not of this type.
    public func getWithTTL<Object: Codable & Sendable>(
        key: String,
        as type: Object.Type
    ) async throws -> (object: Object, ttl: Duration?)? {
        guard let stored = try await store.value(forKey: StoreKey(prefix + key)) else { return nil }
        let bytes = PersistedBytes(stored.bytes)
        guard let object = try? JSONDecoder().decode([Object].self, from: Data(bytes.json)).first else {
            throw PersistError.invalidConversion
        }
        return (object, bytes.expires ? stored.remainingLife : nil)
    }

    /// Removes a value.
    public func remove(key: String) async throws {
        try await store.removeValue(forKey: StoreKey(prefix + key))
    }

    private func slot(_ key: String) async throws -> StoreSlot {
        try await store.slots(forKeys: [StoreKey(prefix + key)]).first ?? .vacant
    }

    private func write(_ key: String, _ value: some Encodable, _ expires: Duration?) throws -> StoreWrite {
        // An array around the value, since not each JSON decoder takes a value alone.
        let json = try JSONEncoder().encode([value])
        return StoreWrite(
            key: StoreKey(prefix + key),
            bytes: PersistedBytes(expires: expires != nil, json: Array(json)).bytes,
            timeToLive: max(expires ?? standardLifetime, .milliseconds(1))
        )
    }
}

/// What a value becomes in the store: one byte that tells whether it expires, and JSON.
private struct PersistedBytes {
    let expires: Bool
    let json: [UInt8]

    init(expires: Bool, json: [UInt8]) {
        self.expires = expires
        self.json = json
    }

    init(_ bytes: [UInt8]) {
        expires = bytes.first == 1
        json = Array(bytes.dropFirst())
    }

    var bytes: [UInt8] { [expires ? 1 : 0] + json }
}
