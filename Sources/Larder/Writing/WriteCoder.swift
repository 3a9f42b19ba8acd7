import Foundation

/// Turns typed writes into the records of a journal, and back.
struct WriteCoder<Key: CacheKey & Codable, Value: Sendable>: Sendable {
    let codec: any CacheCodec<Value>

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
            return JournalBody(
                kind: kind,
                formatVersion: codec.formatVersion,
                key: Array(try Self.encoder.encode(key)),
                value: value
            )
        } catch {
            throw CacheError(
                .unencodableValue,
                "The write of key \(key) could not be encoded; check the codec of the namespace and the type of the key.",
                underlyingError: error
            )
        }
    }

    /// Reads a write.
    func write(_ body: JournalBody) throws -> (key: Key, change: WriteChange<Value>) {
        let key = try JSONDecoder().decode(Key.self, from: Data(body.key))
        guard body.kind != .delete else { return (key, .delete) }
        guard body.formatVersion == codec.formatVersion else { throw InvalidBytes("other format version") }
        let value = try codec.decode(body.value.span.bytes)
        return (key, body.kind == .put ? .put(value) : .merge(value))
    }

    private static var encoder: JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        return encoder
    }
}
