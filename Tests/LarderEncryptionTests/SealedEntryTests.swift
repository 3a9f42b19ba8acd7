import Foundation
import Larder
import LarderEncryption
import LarderTesting
import Testing

/// Encrypted entries that are not what was encrypted: never a value, always a reason.
@Suite struct SealedEntryTests {
    private static let keys = (0..<4).map { StoreKey("larder:texts:\($0)") }
    private let ring: KeyRing
    private let coder: EntryCoder<String>

    init() throws {
        ring = try KeyRing([key(1)])
        coder = EntryCoder(codec: TextCodec(), encryption: EntryEncryption(NamespaceEncryption(ring), prefixLength: 13))
    }

    private func entry(_ index: Int, version: UInt64 = 5) throws -> [UInt8] {
        var details = EnvelopeDetails()
        if index % 2 == 1 { details.tags = ["tag:\(index)"] }
        let envelope = Envelope(
            isAbsent: index == 2,
            version: version,
            timeToLive: .seconds(60),
            grace: .seconds(1),
            position: index == 3 ? LogPosition(epoch: 1, offset: 2) : nil,
            schemaVersion: 1,
            codec: CodecNumber.text
        )
        return try coder.encode(index == 2 ? nil : "secret \(index)", envelope, details, key: Self.keys[index])
    }

    private func outcome(_ bytes: [UInt8], _ key: StoreKey) -> Result<String?, InvalidBytes> {
        Result { () throws(InvalidBytes) in try coder.decode(bytes.span.bytes, key: key).value }
    }

    private func isRefused(_ bytes: [UInt8], _ key: StoreKey) -> Bool {
        var bytes = bytes
        guard case .failure = outcome(bytes, key) else { return false }
        // Also where whoever changed it has made the checksum fit.
        guard bytes.count >= Envelope.headSize else { return true }
        Envelope.close(&bytes)
        guard case .failure = outcome(bytes, key) else { return false }
        return true
    }

    @Test("entries of each algorithm can be read for ever", arguments: ["aes-gcm", "chacha20-poly1305"])
    func golden(name: String) throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Golden/v2-\(name).hex")
        let digits = try String(contentsOf: file, encoding: .utf8).filter { !$0.isWhitespace }
        let bytes = stride(from: 0, to: digits.utf8.count, by: 2)
            .compactMap { UInt8(digits.dropFirst($0).prefix(2), radix: 16) }
        let number: UInt16 = name == "aes-gcm" ? 1 : 2
        let secret = 0..<UInt8(32)
        let algorithm = try #require(EncryptionKey.Algorithm(rawValue: name))
        let ring = try KeyRing([EncryptionKey(number: number, secret: secret, algorithm: algorithm)])
        let coder = EntryCoder(
            codec: TextCodec(),
            encryption: EntryEncryption(NamespaceEncryption(ring), prefixLength: 13)
        )
        let entry = try coder.decode(bytes.span.bytes, key: StoreKey("larder:users:7"))
        #expect(entry.value == "value")
        #expect(entry.details.tags == (number == 1 ? ["author:1", "lang:en"] : []))
    }

    @Test("any flipped bit of any entry is found, whatever the checksum says")
    func flippedBits() throws {
        for (index, key) in Self.keys.enumerated() {
            let bytes = try entry(index)
            #expect(outcome(bytes, key) == .success(index == 2 ? nil : "secret \(index)"))
            for bit in 0..<(bytes.count * 8) where !(4..<8).contains(bit / 8) {
                var damaged = bytes
                damaged[bit / 8] ^= 1 << UInt8(bit % 8)
                #expect(isRefused(damaged, key), "bit \(bit) of \(key)")
            }
        }
    }

    @Test("an entry that was cut off at any length is found, whatever the checksum and the lengths say")
    func truncation() throws {
        for (index, key) in Self.keys.enumerated() {
            let bytes = try entry(index)
            for length in 0..<bytes.count {
                var cut = Array(bytes.prefix(length))
                #expect(isRefused(cut, key))
                guard length > Envelope.headSize + 16 else { continue }
                let offset = index == 3 ? Envelope.headSize + 16 : Envelope.headSize
                cut[51] = UInt8(length - offset)
                #expect(isRefused(cut, key))
            }
        }
    }

    @Test("an entry of another key is found, also where its digest was made to fit")
    func swappedEntries() throws {
        for (index, key) in Self.keys.enumerated() {
            for other in Self.keys.indices where other != index {
                var bytes = try entry(other)
                #expect(isRefused(bytes, key))
                for byte in 0..<8 { bytes[8 + byte] = UInt8(truncatingIfNeeded: key.digest >> UInt64(byte * 8)) }
                #expect(isRefused(bytes, key))
                // The contents of one behind the head of the other.
                let own = try entry(index)
                #expect(isRefused(Array(own[..<Envelope.headSize] + bytes[Envelope.headSize...]), key))
            }
        }
    }

    @Test("an older entry under the version of a newer one is found")
    func replay() throws {
        for (index, key) in Self.keys.enumerated() {
            let older = try entry(index, version: 5)
            let newer = try entry(index, version: 6)
            #expect(isRefused(Array(older[..<16] + newer[16..<24] + older[24...]), key))
            #expect(isRefused(Array(newer[..<Envelope.headSize] + older[Envelope.headSize...]), key))
        }
    }

    @Test("what is not encrypted, or with another ring's key, is a miss with its reason")
    func reasons() throws {
        let plain = EntryCoder(codec: TextCodec())
        var envelope = Envelope(
            isAbsent: false,
            version: 1,
            timeToLive: .seconds(1),
            grace: .zero,
            schemaVersion: 1,
            codec: CodecNumber.text
        )
        envelope.encryptionKey = 0
        let open = try plain.encode("secret", envelope, EnvelopeDetails(), key: Self.keys[0])
        #expect(outcome(open, Self.keys[0]) == .failure(InvalidBytes("not encrypted")))
        let sealed = try entry(0)
        #expect(throws: InvalidBytes("unknown encryption key")) {
            try plain.decode(sealed.span.bytes, key: Self.keys[0])
        }
        try ring.replace(with: [EncryptionKey.random(number: 1)])
        #expect(outcome(sealed, Self.keys[0]) == .failure(InvalidBytes("forged entry")))
        ring.retire(1)
        #expect(outcome(sealed, Self.keys[0]) == .failure(InvalidBytes("retired encryption key")))
        try ring.replace(with: [key(2)])
        #expect(outcome(sealed, Self.keys[0]) == .failure(InvalidBytes("unknown encryption key")))
    }
}
