import Larder
import LarderTesting
import Testing

/// Stored bytes that are not what was stored: never a value, always a reason.
@Suite struct EnvelopeDamageTests {
    private let coder = EntryCoder(codec: TextCodec())

    /// Entries with and without all that an entry may have.
    private static func entries() throws -> [(key: StoreKey, bytes: [UInt8])] {
        let coder = EntryCoder(codec: TextCodec())
        return try (0..<12)
            .map { index in
                var details = EnvelopeDetails()
                if index % 2 == 1 { details.tags = ["tag:\(index)", "all"] }
                if index % 3 == 1 { details.entityTag = "\"\(index)\"" }
                let position = LogPosition(epoch: 7, offset: UInt64(index))
                let envelope = Envelope(
                    isAbsent: index % 5 == 4,
                    version: UInt64(index) << 16,
                    timeToLive: .seconds(60),
                    grace: .seconds(index),
                    position: index % 2 == 0 ? position : nil,
                    schemaVersion: 1,
                    codec: CodecNumber.text
                )
                let key = StoreKey("larder:texts:\(index)")
                let value = index % 5 == 4 ? nil : String(repeating: "text \(index) ", count: index * 3)
                return (key, try coder.encode(value, envelope, details, key: key))
            }
    }

    private func isRefused(_ bytes: [UInt8], _ key: StoreKey) -> Bool {
        do {
            _ = try coder.decode(bytes.span.bytes, key: key)
            return false
        } catch {
            return !error.description.isEmpty
        }
    }

    @Test("any flipped bit of any entry is found")
    func flippedBits() throws {
        for (key, bytes) in try Self.entries() {
            for bit in 0..<(bytes.count * 8) {
                var damaged = bytes
                damaged[bit / 8] ^= 1 << UInt8(bit % 8)
                #expect(isRefused(damaged, key), "bit \(bit) of \(key)")
            }
        }
    }

    @Test("an entry that was cut off at any length, or goes on behind its end, is found")
    func truncation() throws {
        for (key, bytes) in try Self.entries() {
            for length in 0..<bytes.count {
                #expect(isRefused(Array(bytes.prefix(length)), key), "\(length) bytes of \(key)")
                // Also where the checksum was made to fit.
                var closed = Array(bytes.prefix(length))
                guard length >= Envelope.headSize else { continue }
                Envelope.close(&closed)
                #expect(isRefused(closed, key), "\(length) bytes of \(key), closed")
            }
            #expect(isRefused(bytes + [0], key))
        }
    }

    @Test("an entry under the key of any other is found")
    func swappedEntries() throws {
        let entries = try Self.entries()
        for (key, bytes) in entries {
            for other in entries where other.key != key { #expect(isRefused(other.bytes, key)) }
            #expect(!isRefused(bytes, key))
        }
    }

    @Test("the contents of any entry behind the head of any other are found")
    func swappedContents() throws {
        let entries = try Self.entries()
        for (index, one) in entries.enumerated() {
            for other in entries[(index + 1)...] {
                let head = Envelope.headSize
                #expect(isRefused(Array(one.bytes[..<head] + other.bytes[head...]), one.key))
                #expect(isRefused(Array(other.bytes[..<head] + one.bytes[head...]), other.key))
            }
        }
    }

    @Test("an older entry under the version of a newer one is found")
    func replay() throws {
        for (key, bytes) in try Self.entries() {
            for version in [1, 99, UInt64.max] {
                var replayed = bytes
                for byte in 0..<8 { replayed[16 + byte] = UInt8(truncatingIfNeeded: version >> UInt64(byte * 8)) }
                #expect(isRefused(replayed, key))
            }
        }
    }
}
