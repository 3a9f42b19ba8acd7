/// Finds out what can be done with values of other versions.
package struct SchemaReader: Sendable {
    /// The version of what is written now.
    package let version: UInt16

    private let schema: CacheSchema?
    private let codec: UInt16

    /// Makes a reader for a codec, whose version counts where there is no schema.
    init(_ codec: some CacheCodec, _ schema: CacheSchema?) {
        version = schema?.version ?? codec.formatVersion
        self.codec = codec.identifier
        self.schema = schema
    }

    /// What a value has to pass through before it can be read; nothing for one of the version of now.
    ///
    /// - Throws: ``InvalidBytes`` with the reason why it cannot be read.
    func steps(from version: UInt16, codec: UInt16) throws(InvalidBytes) -> [SchemaStep] {
        guard version <= self.version else { throw InvalidBytes("newer schema") }
        guard version < self.version else {
            guard codec == self.codec else { throw InvalidBytes("other codec") }
            return []
        }
        guard let steps = schema?.steps(from: version) else { throw InvalidBytes("older schema") }
        guard steps[0].codec == codec else { throw InvalidBytes("other codec") }
        return steps
    }

    /// Whether an envelope holds what a newer version of the program has written.
    package func isNewer(_ envelope: Envelope) -> Bool { envelope.schemaVersion > version }
}

extension [SchemaStep] {
    /// Takes a value through the steps.
    func migrate<Value>(_ bytes: RawSpan, _ read: (RawSpan) throws -> Value) throws(InvalidBytes) -> Value {
        guard !isEmpty else {
            do {
                return try read(bytes)
            } catch {
                throw InvalidBytes("undecodable value")
            }
        }
        do {
            var value = try self[0].migrate(bytes)
            for step in dropFirst() { value = try step.migrate(value.span.bytes) }
            return try read(value.span.bytes)
        } catch {
            throw InvalidBytes("failed migration")
        }
    }
}
