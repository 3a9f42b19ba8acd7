import BenchmarkReport
import Foundation
import Larder
import LarderCompression
import LarderEncryption
import MemoryCache

/// Measures what an entry costs on its way out of the process and back, and how large it becomes.
///
/// Prints a table, and as the last line `RESULT` and a JSON object: for each corpus and way the share of the bytes that is
/// left, and the nanoseconds of a value.
@main
struct BytesBenchmark {
    private static let rounds = 5

    static func main() throws {
        let report = Report()
        let ring = try KeyRing([.random(number: 1)])
        let chaCha = try KeyRing([.random(number: 1, algorithm: .chaChaPoly)])
        for corpus in Corpus.all {
            let trained = EntryCompression(NamespaceCompression(.zstandard(), training: DictionaryTraining()))
            let samples = Array(corpus.values.prefix(1_000))
            if let dictionary = ZstandardCompressor().train(samples, maximumBytes: 32 << 10) {
                try trained.add(dictionary, number: 1)
            }
            let ways: [(String, EntryCompression?, KeyRing?)] = [
                ("plain", nil, nil),
                ("lz4", EntryCompression(NamespaceCompression(.lz4, threshold: 64)), nil),
                ("zstd", EntryCompression(NamespaceCompression(.zstandard(), threshold: 64)), nil),
                ("zstd_dictionary", trained, nil),
                ("aes_gcm", nil, ring),
                ("chacha", nil, chaCha),
                ("zstd_dictionary_aes_gcm", trained, ring),
            ]
            // Interleaved, so that all are measured under the same weather; what was trained with is not measured.
            for _ in 0..<rounds {
                for (name, compression, ring) in ways {
                    let encryption = ring.map { EntryEncryption(NamespaceEncryption($0), prefixLength: 0) }
                    let coder = EntryCoder(codec: BytesCodec(), compression: compression, encryption: encryption)
                    try measure(report, "\(corpus.name)_\(name)", coder, Array(corpus.values.dropFirst(1_000)))
                }
            }
        }
        exit(report.finish() ? 0 : 1)
    }

    private static func measure(
        _ report: Report,
        _ name: String,
        _ coder: EntryCoder<[UInt8]>,
        _ values: [[UInt8]]
    ) throws {
        let clock = ContinuousClock()
        let key = StoreKey("larder:corpus:7")
        let envelope = Envelope(
            isAbsent: false,
            version: 1,
            timeToLive: .seconds(60),
            grace: .zero,
            schemaVersion: coder.codec.formatVersion,
            codec: coder.codec.identifier
        )
        var entries: [[UInt8]] = []
        entries.reserveCapacity(values.count)
        let encoding = try clock.measure {
            for value in values { entries.append(try coder.encode(value, envelope, EnvelopeDetails(), key: key)) }
        }
        var sum = 0
        let decoding = try clock.measure {
            for entry in entries { sum += try coder.decode(entry.span.bytes, key: key).value?.count ?? 0 }
        }
        let plain = values.reduce(0) { $0 + $1.count }
        guard sum == plain else { throw InvalidBytes("values came back otherwise") }
        let stored = entries.reduce(0) { $0 + $1.count - Envelope.headSize }
        report.add("\(name)_ratio", Double(stored) / Double(plain))
        report.add("\(name)_encode_ns", Double(encoding.wholeNanoseconds) / Double(values.count))
        report.add("\(name)_decode_ns", Double(decoding.wholeNanoseconds) / Double(values.count))
    }
}
