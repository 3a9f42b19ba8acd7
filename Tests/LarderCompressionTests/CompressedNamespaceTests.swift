import Foundation
import Larder
import LarderCompression
import LarderEncryption
import LarderTesting
import Testing

@Suite struct CompressedNamespaceTests {
    private let clock = ManualClock()
    private let store: DictionaryStore
    private let key = StoreKey("larder:texts:1")

    init() {
        store = DictionaryStore(clock: clock)
    }

    private func namespace(
        _ compressor: any ValueCompressor = .zstandard(),
        _ change: (inout NamespaceCompression) -> Void = { _ in }
    ) -> CacheNamespace<Int, String> {
        var compression = NamespaceCompression(compressor)
        change(&compression)
        let policy = CachePolicy(timeToLive: .seconds(600), jitter: 0)
        var namespace = CacheNamespace<Int, String>("texts", policy: policy, codec: .text)
        namespace.compression = compression
        return namespace
    }

    private func cache(_ namespace: CacheNamespace<Int, String>) throws -> TieredCache<Int, String> {
        try CacheSystem(store: store, clock: clock).cache(namespace)
    }

    private func stored(_ key: StoreKey? = nil) async throws -> (bytes: [UInt8], head: Envelope) {
        let key = key ?? self.key
        let bytes = try #require(try await store.value(forKey: key)).bytes
        return (bytes, try Envelope(bytes.span.bytes, key: key))
    }

    /// Texts that are small, and like each other.
    private func text(_ number: Int, word: String = "customer") -> String {
        "\(word) number \(number), of \(number % 7) orders, last seen on a day in November, status active, note none"
    }

    @Test(
        "from the threshold on a value is stored smaller, and read by a process that does the same",
        arguments: [1, 2]
    )
    func roundTrip(form: UInt8) async throws {
        let namespace = namespace(form == 1 ? .zstandard() : .lz4)
        let long = String(repeating: "long text ", count: 200)
        try await cache(namespace).setValues([1: long, 2: String(long.prefix(1_000))])
        let (bytes, head) = try await stored()
        #expect(head.compression == form)
        #expect(bytes.count < 200)
        #expect(try await stored(StoreKey("larder:texts:2")).head.compression == 0, "below the threshold")
        #expect(try await cache(namespace).value(forKey: 1) == long)
        let other = self.namespace(form == 1 ? .lz4 : .zstandard())
        let reader = try cache(other)
        #expect(try await reader.value(forKey: 1) == nil)
        #expect(reader.statistics.undecodable == ["unknown compression": 1])
    }

    @Test("what does not become smaller is stored as it is")
    func incompressible() async throws {
        var random = SplitMix64(seed: 3)
        let noise = (0..<3_000).map { _ in UInt8.random(in: .min ... .max, using: &random) }
        var bytes = CacheNamespace<Int, [UInt8]>("texts", codec: .bytes)
        bytes.compression = NamespaceCompression(.zstandard())
        try await CacheSystem(store: store, clock: clock).cache(bytes).setValue(noise, forKey: 1)
        #expect(try await stored().head.compression == 0)
    }

    @Test("a bomb is refused by what it says and by what it becomes", arguments: [1, 2])
    func bombs(form: UInt8) async throws {
        let compressor: any ValueCompressor = form == 1 ? .zstandard() : .lz4
        let namespace = namespace(compressor) { $0.maximumBytes = 100_000 }
        let bomb = try compressor.compress([UInt8](repeating: 0, count: 10 << 20).span.bytes)
        for (size, reason) in [(10 << 20, "value too large"), (99_999, "malformed compressed value")] {
            var envelope = Envelope(
                isAbsent: false,
                version: 1,
                timeToLive: .seconds(60),
                grace: .zero,
                schemaVersion: 1,
                codec: CodecNumber.text
            )
            envelope.compression = form
            var bytes = [UInt8](repeating: 0, count: envelope.contentsOffset)
            withUnsafeBytes(of: UInt32(size).littleEndian) { bytes += $0 }
            bytes += bomb
            try envelope.write(into: &bytes, key: key)
            Envelope.close(&bytes)
            try await store.setValue(bytes, forKey: key, timeToLive: .seconds(60))
            let cache = try cache(namespace)
            #expect(try await cache.value(forKey: 1) == nil)
            #expect(cache.statistics.undecodable == [reason: 1])
        }
    }

    private func training(_ samples: Int = 200) -> DictionaryTraining {
        var training = DictionaryTraining()
        training.samples = samples
        training.maximumBytes = 4 << 10
        return training
    }

    private func write(_ numbers: Range<Int>, _ cache: TieredCache<Int, String>, word: String = "customer") async throws
    {
        for number in numbers { try await cache.setValue(text(number, word: word), forKey: number) }
    }

    /// A cache that has trained a dictionary and stored the first entry with it.
    private func trained(_ namespace: CacheNamespace<Int, String>) async throws -> TieredCache<Int, String> {
        let writer = try cache(namespace)
        try await write(1..<201, writer)
        await writer.finishTraining()
        try await writer.setValue(text(1), forKey: 1)
        #expect(try await stored().head.dictionary == 1)
        return writer
    }

    private func dictionaries() async throws -> [StoreKey] {
        try await store.keys(withPrefix: StoreKey("larder:%dictionaries:texts:"), after: nil, limit: 100)
    }

    @Test("a dictionary is trained from values, kept in the store, and used by all processes")
    func training() async throws {
        let namespace = namespace { $0.training = training() }
        let writer = try await trained(namespace)
        let (bytes, head) = try await stored()
        #expect(head.compression == 1)
        #expect(bytes.count < text(1).utf8.count)
        let reader = try cache(namespace)
        #expect(try await reader.value(forKey: 1) == text(1))
        try await reader.setValue(text(999), forKey: 999)
        #expect(try await stored(StoreKey("larder:texts:999")).head.dictionary == 1)
        #expect(reader.statistics.undecodable.isEmpty)
        try await writer.removeAll()
        #expect(try await dictionaries().count == 1, "a removal of everything leaves dictionaries where they are")
    }

    @Test("a dictionary that fits no longer is replaced, and what it compressed can still be read")
    func retraining() async throws {
        let namespace = namespace { $0.training = training() }
        let writer = try await trained(namespace)
        try await write(2..<250, writer)
        var round = 0
        while try await dictionaries().count < 2, round < 20 {
            round += 1
            for number in 1_000..<1_250 {
                let odd =
                    "\(number * 7_919) Zürich Kassel \(number * 104_729) Łódź Besançon \(number) quite other words here"
                try await writer.setValue(odd, forKey: number)
            }
            await writer.finishTraining()
        }
        #expect(try await dictionaries().count == 2)
        let reader = try cache(namespace)
        #expect(try await reader.value(forKey: 1) == text(1))
    }

    @Test("an entry whose dictionary the store has lost is a miss, until a process that has it puts it back")
    func lostDictionary() async throws {
        let namespace = namespace { $0.training = training() }
        let writer = try await trained(namespace)
        await writer.finishTraining()
        try await store.removeValues(forKeys: dictionaries())
        let reader = try cache(namespace)
        #expect(try await reader.value(forKey: 1) == nil)
        #expect(reader.statistics.undecodable == ["unknown dictionary": 1])
        clock.advance(by: .seconds(601))
        try await writer.setValue(text(1), forKey: 1)
        await writer.finishTraining()
        #expect(try await reader.value(forKey: 1) == text(1))
    }

    @Test("a dictionary of a confidential namespace is encrypted, and so are the values that it compressed")
    func encrypted() async throws {
        var namespace = namespace { $0.training = training() }
        namespace.encryption = NamespaceEncryption(try KeyRing([.random(number: 1)]))
        namespace.isConfidential = true
        let writer = try cache(namespace)
        try await write(1..<201, writer)
        await writer.finishTraining()
        let dictionary = try await stored(dictionaries()[0])
        #expect(dictionary.head.encryptionKey == 1)
        #expect(Data(dictionary.bytes).range(of: Data("November".utf8)) == nil)
        try await writer.setValue(text(1), forKey: 1)
        #expect(try await cache(namespace).value(forKey: 1) == text(1))
    }

    @Test("any flipped bit of a compressed entry is found")
    func flippedBits() async throws {
        let namespace = namespace()
        try await cache(namespace).setValue(String(repeating: "long text ", count: 200), forKey: 1)
        let bytes = try await stored().bytes
        let reader = try cache(namespace)
        for bit in 0..<(bytes.count * 8) {
            var damaged = bytes
            damaged[bit / 8] ^= 1 << UInt8(bit % 8)
            try await store.setValue(damaged, forKey: key, timeToLive: .seconds(60))
            #expect(try await reader.value(forKey: 1) == nil)
        }
        #expect(reader.statistics.undecodable.values.reduce(0, +) == bytes.count * 8)
    }
}
