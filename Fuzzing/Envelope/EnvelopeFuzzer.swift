// Compiled together with the decoder itself; see `Fuzzing/run`.

/// Feeds the decoder with bytes as they are, and with a checksum and a key that fit, so that what lies behind them is
/// reached too; traps where an entry that was read does not become the same bytes again.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    var bytes = Array(UnsafeRawBufferPointer(start: start, count: count))
    decode(bytes)
    if bytes.count >= Envelope.headSize {
        withUnsafeBytes(of: key.digest.littleEndian) { digest in
            for byte in 0..<8 { bytes[8 + byte] = digest[byte] }
        }
        Envelope.close(&bytes)
        decode(bytes)
    }
    try? BinaryPropertyList.check(bytes.span.bytes, limits: limits, depth: limits.maximumDepth)
    try? limits.checkJSON(bytes.span.bytes)
    return 0
}

private let key = StoreKey("larder:users:7")
private let limits = DecodingLimits(maximumBytes: 1 << 16, maximumDepth: 8)
private let coder = EntryCoder(codec: PlainBytes())

/// Takes any bytes and any version of a schema, so that nothing is refused because of them.
private struct PlainBytes: CacheCodec {
    let identifier: UInt16 = 2
    let formatVersion: UInt16 = 1

    func encode(_ value: [UInt8], into buffer: inout [UInt8]) { buffer.append(contentsOf: value) }
    func decode(_ bytes: RawSpan) -> [UInt8] { bytes.withUnsafeBytes { Array($0) } }
}

private func decode(_ bytes: [UInt8]) {
    guard let entry = try? coder.decode(bytes.span.bytes, key: key) else { return }
    precondition((entry.value?.count ?? 0) + entry.envelope.detailsLength + Envelope.headSize <= bytes.count)
    guard let again = try? coder.encode(entry.value, entry.envelope, entry.details, key: key),
        let reread = try? coder.decode(again.span.bytes, key: key)
    else { preconditionFailure("an entry that was read cannot be written") }
    precondition(again.count <= bytes.count, "an entry grows when it is written again")
    precondition(reread.value == entry.value && reread.envelope.version == entry.envelope.version)
    precondition(reread.details.tags == entry.details.tags)
}
