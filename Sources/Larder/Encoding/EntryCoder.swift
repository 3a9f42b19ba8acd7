/// Turns the entries of one namespace into envelopes, and back.
package struct EntryCoder<Value: Sendable>: Sendable {
    package let codec: any CacheCodec<Value>
    package let schema: SchemaReader
    package let compression: EntryCompression?
    package let encryption: EntryEncryption?

    package init(
        codec: any CacheCodec<Value>,
        schema: CacheSchema? = nil,
        compression: EntryCompression? = nil,
        encryption: EntryEncryption? = nil
    ) {
        self.codec = codec
        self.schema = SchemaReader(codec, schema)
        self.compression = compression
        self.encryption = encryption
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
        if value != nil, let compression, let compressed = try compression.compress(buffer.span.bytes, from: bodyOffset)
        {
            buffer.replaceSubrange(bodyOffset..., with: compressed.bytes)
            envelope.compression = compression.settings.compressor.identifier
            envelope.dictionary = compressed.dictionary
        }
        try seal(&buffer, envelope, key)
        return buffer
    }

    /// Writes the head of an envelope, encrypts what follows, and closes it.
    private func seal(_ buffer: inout [UInt8], _ envelope: Envelope, _ key: StoreKey) throws {
        if let encryption {
            var envelope = envelope
            envelope.encryptionKey = try encryption.takeKey()
            let start = envelope.contentsOffset
            let length = buffer.count - start + encryption.overhead
            try envelope.write(into: &buffer, key: key, contentsLength: length)
            let sealed = try Self.sealed(buffer.span.bytes, envelope, key, encryption)
            guard sealed.count == length else { throw InvalidBytes("the cipher has another overhead than it says") }
            buffer.replaceSubrange(start..., with: sealed)
        } else {
            try envelope.write(into: &buffer, key: key)
        }
        Envelope.close(&buffer)
    }

    private static func sealed(
        _ bytes: RawSpan,
        _ envelope: Envelope,
        _ key: StoreKey,
        _ encryption: EntryEncryption
    ) throws -> [UInt8] {
        try encryption.seal(
            bytes.extracting(envelope.contentsOffset..<bytes.byteCount),
            number: envelope.encryptionKey,
            key,
            bound: envelope.bound(in: bytes)
        )
    }

    /// Encrypts an envelope anew with the active key, whatever its codec and its schema; all else in it stays.
    ///
    /// - Throws: ``InvalidBytes`` if it cannot be decrypted, or what keeps the cipher from encrypting.
    package func reencrypt(_ bytes: RawSpan, key: StoreKey) throws -> [UInt8] {
        let envelope = try Envelope(bytes, key: key)
        var buffer = [UInt8](repeating: 0, count: envelope.contentsOffset)
        buffer += try decrypt(bytes, envelope, key)
        try seal(&buffer, envelope, key)
        return buffer
    }

    private func decrypt(_ bytes: RawSpan, _ envelope: Envelope, _ key: StoreKey) throws(InvalidBytes) -> [UInt8] {
        guard let encryption else { throw InvalidBytes("unknown encryption key") }
        let contents = try encryption.open(
            bytes.extracting(envelope.contentsOffset..<bytes.byteCount),
            number: envelope.encryptionKey,
            key,
            bound: envelope.bound(in: bytes)
        )
        guard envelope.detailsLength <= contents.count else { throw InvalidBytes("truncated envelope") }
        return contents
    }

    /// Reads the head of an envelope, and checks that its value is one that the codec knows.
    ///
    /// - Throws: ``InvalidBytes`` with the reason why these bytes cannot be used.
    package func head(_ bytes: RawSpan, key: StoreKey) throws(InvalidBytes) -> Envelope {
        let envelope = try Envelope(bytes, key: key)
        _ = try schema.steps(from: envelope.schemaVersion, codec: envelope.codec)
        return envelope
    }

    /// Reads an envelope.
    ///
    /// - Throws: ``InvalidBytes`` with the reason why these bytes cannot be used.
    package func decode(_ bytes: RawSpan, key: StoreKey) throws(InvalidBytes) -> DecodedEntry<Value> {
        let envelope = try head(bytes, key: key)
        if encryption == nil, envelope.encryptionKey == 0 {
            return try decode(envelope, bytes.extracting(envelope.contentsOffset..<bytes.byteCount))
        }
        // Also where it says that it is not encrypted: what anybody could have written is not read.
        let contents = try decrypt(bytes, envelope, key)
        return try decode(envelope, contents.span.bytes)
    }

    private func decode(_ envelope: Envelope, _ contents: RawSpan) throws(InvalidBytes) -> DecodedEntry<Value> {
        let details = try EnvelopeDetails(contents.extracting(0..<envelope.detailsLength))
        guard !envelope.isAbsent else { return DecodedEntry(envelope: envelope, details: details, value: nil) }
        let body = contents.extracting(envelope.detailsLength..<contents.byteCount)
        return DecodedEntry(envelope: envelope, details: details, value: try value(envelope, body))
    }

    private func value(_ envelope: Envelope, _ body: RawSpan) throws(InvalidBytes) -> Value {
        guard envelope.compression != 0 else { return try migrate(envelope, body) }
        guard let compression else { throw InvalidBytes("unknown compression") }
        let plain = try compression.decompress(body, form: envelope.compression, dictionary: envelope.dictionary)
        return try migrate(envelope, plain.span.bytes)
    }

    private func migrate(_ envelope: Envelope, _ body: RawSpan) throws(InvalidBytes) -> Value {
        let steps = try schema.steps(from: envelope.schemaVersion, codec: envelope.codec)
        return try steps.migrate(body) { try codec.decode($0) }
    }
}

/// What an envelope says.
package struct DecodedEntry<Value: Sendable>: Sendable {
    package let envelope: Envelope
    package let details: EnvelopeDetails
    package let value: Value?
}
