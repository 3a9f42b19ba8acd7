/// Turns typed writes into the records of a journal, and back.
struct WriteCoder<Key: DecodableCacheKey, Value: Sendable>: Sendable {
    let codec: any CacheCodec<Value>

    /// What stands before the keys of the namespace.
    let keyPrefix: [UInt8]

    /// The bytes of a write, which are complete once its number is known.
    func body(of change: WriteChange<Value>, _ key: Key) throws(CacheError) -> JournalBody {
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
            return JournalBody(kind: kind, formatVersion: codec.formatVersion, value: value)
        } catch {
            throw CacheError(
                .unencodableValue,
                "The codec could not encode the value of key \(key); check the codec of the namespace.",
                underlyingError: error
            )
        }
    }

    /// Reads a write.
    func write(_ body: JournalBody, _ storeKey: StoreKey) throws -> (key: Key, change: WriteChange<Value>) {
        guard storeKey.bytes.starts(with: keyPrefix), let key = Key.decode(storeKey.bytes[keyPrefix.count...]) else {
            throw InvalidBytes("not a key of this namespace")
        }
        guard body.kind != .delete else { return (key, .delete) }
        guard body.formatVersion == codec.formatVersion else { throw InvalidBytes("other format version") }
        let value = try codec.decode(body.value.span.bytes)
        return (key, body.kind == .put ? .put(value) : .merge(value))
    }
}
