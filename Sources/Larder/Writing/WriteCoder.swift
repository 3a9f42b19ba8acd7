/// Turns typed writes into the records of a journal, and back.
struct WriteCoder<Key: DecodableCacheKey, Value: Sendable>: Sendable {
    let codec: any CacheCodec<Value>
    let schema: SchemaReader
    let encryption: EntryEncryption?
    let isConfidential: Bool

    /// What stands before the keys of the namespace.
    let keyPrefix: [UInt8]

    /// The bytes of a write, which are complete once its number is known.
    func body(of change: WriteChange<Value>, _ key: Key, _ storeKey: StoreKey) throws(CacheError) -> JournalBody {
        do {
            var value: [UInt8] = []
            let kind: JournalBody.Kind
            switch change {
            case .put(let put):
                kind = .put
                try codec.encode(put, into: &value)
            case .delete:
                kind = .delete
            case .merge(let operand):
                kind = .merge
                try codec.encode(operand, into: &value)
            }
            var body = JournalBody(
                kind: kind,
                schemaVersion: schema.version,
                codec: codec.identifier,
                value: value
            )
            if let encryption, kind != .delete {
                body.encryptionKey = try encryption.takeKey()
                body.value = try encryption.seal(
                    value.span.bytes,
                    number: body.encryptionKey,
                    storeKey,
                    bound: body.bound
                )
            }
            return body
        } catch {
            throw CacheError(
                .unencodableValue,
                "The codec could not encode the value of key \(key); check the codec of the namespace.",
                underlyingError: isConfidential ? WithheldError(error) : error
            )
        }
    }

    /// Reads a write, taking a value of an older version through the steps of the schema.
    func write(_ body: JournalBody, _ storeKey: StoreKey) throws -> (key: Key, change: WriteChange<Value>) {
        guard storeKey.bytes.starts(with: keyPrefix), let key = Key.decode(storeKey.bytes[keyPrefix.count...]) else {
            throw InvalidBytes("not a key of this namespace")
        }
        guard body.kind != .delete else { return (key, .delete) }
        let steps = try schema.steps(from: body.schemaVersion, codec: body.codec)
        var bytes = body.value
        if let encryption {
            bytes = try encryption.open(bytes.span.bytes, number: body.encryptionKey, storeKey, bound: body.bound)
        } else if body.encryptionKey != 0 {
            throw InvalidBytes("unknown encryption key")
        }
        let value = try steps.migrate(bytes.span.bytes) { try codec.decode($0) }
        return (key, body.kind == .put ? .put(value) : .merge(value))
    }
}
