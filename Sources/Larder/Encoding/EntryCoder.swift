/// Turns the entries of one namespace into envelopes, and back.
package struct EntryCoder<Value: Sendable>: Sendable {
    package let codec: any CacheCodec<Value>
    package let schema: SchemaReader

    package init(codec: any CacheCodec<Value>, schema: CacheSchema? = nil) {
        self.codec = codec
        self.schema = SchemaReader(codec, schema)
    }

    /// Writes an envelope, all of it in one buffer.
    ///
    /// - Throws: What the codec throws, or ``InvalidBytes`` for details that are too large.
    package func encode(
        _ value: Value?,
        _ envelope: Envelope,
        _ details: EnvelopeDetails,
        key: StoreKey
    ) throws -> [UInt8] {
        var envelope = envelope
        let details = try details.encoded()
        envelope.detailsLength = details.count
        var buffer: [UInt8] = []
        buffer.reserveCapacity(envelope.contentsOffset + details.count + 256)
        buffer.append(contentsOf: repeatElement(0, count: envelope.contentsOffset))
        buffer.append(contentsOf: details)
        let bodyOffset = buffer.count
        if let value { try codec.encode(value, into: &buffer) }
        guard buffer.count >= bodyOffset,
            buffer[..<envelope.contentsOffset].allSatisfy({ $0 == 0 }),
            buffer[envelope.contentsOffset..<bodyOffset].elementsEqual(details)
        else { throw InvalidBytes("the codec changed bytes that are not its own") }
        try envelope.write(into: &buffer, key: key)
        Envelope.close(&buffer)
        return buffer
    }

    /// Reads the head of an envelope, and checks that its value is one that the codec knows.
    ///
    /// - Throws: ``InvalidBytes`` with the reason why these bytes cannot be used.
    package func head(_ bytes: RawSpan, key: StoreKey) throws(InvalidBytes) -> Envelope {
        let envelope = try Envelope(bytes, key: key)
        _ = try schema.steps(from: envelope.schemaVersion, codec: envelope.codec)
        guard envelope.encryptionKey == 0, envelope.compression == 0, envelope.dictionary == 0 else {
            throw InvalidBytes("unknown encryption or compression")
        }
        return envelope
    }

    /// Reads an envelope.
    ///
    /// - Throws: ``InvalidBytes`` with the reason why these bytes cannot be used.
    package func decode(_ bytes: RawSpan, key: StoreKey) throws(InvalidBytes) -> DecodedEntry<Value> {
        let envelope = try head(bytes, key: key)
        let contents = bytes.extracting(envelope.contentsOffset..<bytes.byteCount)
        let details = try EnvelopeDetails(contents.extracting(0..<envelope.detailsLength))
        guard !envelope.isAbsent else { return DecodedEntry(envelope: envelope, details: details, value: nil) }
        let steps = try schema.steps(from: envelope.schemaVersion, codec: envelope.codec)
        let body = contents.extracting(envelope.detailsLength..<contents.byteCount)
        return DecodedEntry(
            envelope: envelope,
            details: details,
            value: try steps.migrate(body) { try codec.decode($0) }
        )
    }
}

/// What an envelope says.
package struct DecodedEntry<Value: Sendable>: Sendable {
    package let envelope: Envelope
    package let details: EnvelopeDetails
    package let value: Value?
}
