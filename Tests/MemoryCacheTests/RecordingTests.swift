import Foundation
import LarderTesting
import MemoryCache
import Testing

@Suite struct RecordingTests {
    private static func newPath() -> String {
        FileManager.default.temporaryDirectory.appendingPathComponent("trace-\(UUID().uuidString).u64").path
    }

    private static func numbers(in path: String) throws -> [UInt64] {
        let data = try Data(contentsOf: URL(fileURLWithPath: path))
        return stride(from: 0, to: data.count, by: 8)
            .map { start in (0..<8).reduce(0) { $0 | UInt64(data[start + $1]) << UInt64(8 * $1) } }
    }

    @Test("a recording has a number for each read, the same for the same key, and hits go on to count")
    func reads() throws {
        let path = Self.newPath()
        defer { try? FileManager.default.removeItem(atPath: path) }
        let cache = try MemoryCache<String, Int>(capacity: .entries(100))
        cache.setValue(1, forKey: "one")
        _ = cache.value(forKey: "one")
        let recording = try cache.record(toFile: path)
        for key in ["one", "two", "one", "three", "two"] { _ = cache.value(forKey: key) }
        cache.setValue(2, forKey: "two")
        cache.withValue(forKey: "two") { #expect($0 == 2) }
        #expect(recording.requests == 6)
        try recording.finish()
        _ = cache.value(forKey: "one")
        let numbers = try Self.numbers(in: path)
        #expect(numbers.count == 6)
        #expect(numbers.map { numbers.firstIndex(of: $0) } == [0, 1, 0, 3, 1, 1])
        #expect(cache.statistics.hits == 5)
        #expect(cache.statistics.misses == 3)
        #expect(recording.droppedRequests == 0)
    }

    @Test("a recording ends by itself after as many reads as it was made for, and the next may begin")
    func bound() throws {
        let paths = [Self.newPath(), Self.newPath()]
        defer { for path in paths { try? FileManager.default.removeItem(atPath: path) } }
        let cache = try MemoryCache<Int, Int>(capacity: .entries(100))
        let first = try cache.record(toFile: paths[0], maximumRequests: 100_000)
        for key in 0..<250_000 { _ = cache.value(forKey: key) }
        let second = try cache.record(toFile: paths[1])
        _ = cache.value(forKey: 1)
        try first.finish()
        try second.finish()
        #expect(try Self.numbers(in: paths[0]).count + first.droppedRequests == 100_000)
        #expect(try Self.numbers(in: paths[1]).count == 1)
    }

    @Test("one key in four is recorded with all its reads")
    func sampling() throws {
        let path = Self.newPath()
        defer { try? FileManager.default.removeItem(atPath: path) }
        let cache = try MemoryCache<Int, Int>(capacity: .entries(100))
        let recording = try cache.record(toFile: path, oneKeyIn: 4)
        for key in 0..<20_000 { _ = cache.value(forKey: key / 2) }
        try recording.finish()
        let numbers = try Self.numbers(in: path)
        #expect(numbers.count == 2 * Set(numbers).count)
        #expect((1_500...3_500).contains(Set(numbers).count))
    }

    @Test("no file is overwritten, and no cache recorded twice at a time")
    func refusals() throws {
        let path = Self.newPath()
        defer { try? FileManager.default.removeItem(atPath: path) }
        let cache = try MemoryCache<Int, Int>(capacity: .entries(100))
        let recording = try cache.record(toFile: path)
        #expect(throws: MemoryCacheError.self) { try cache.record(toFile: Self.newPath()) }
        try recording.finish()
        #expect { try cache.record(toFile: path) } throws: {
            ($0 as? MemoryCacheError)?.code == .recordingFailed
        }
        #expect(try Self.numbers(in: path).isEmpty)
    }

    @Test("a recording ends with its cache, and is in the file then")
    func end() throws {
        let path = Self.newPath()
        defer { try? FileManager.default.removeItem(atPath: path) }
        var cache = try MemoryCache<Int, Int>(capacity: .entries(100))
        let recording = try cache.record(toFile: path)
        _ = cache.value(forKey: 1)
        cache = try MemoryCache<Int, Int>(capacity: .entries(100))
        // Waits for the writer, which would write on if the cache had not told it.
        try recording.finish()
        #expect(try Self.numbers(in: path).count == 1)
        #expect(cache.value(forKey: 1) == nil)
    }

    @Test("reads of many tasks are recorded one by one")
    func tasks() async throws {
        let path = Self.newPath()
        defer { try? FileManager.default.removeItem(atPath: path) }
        let cache = try MemoryCache<Int, Int>(capacity: .entries(1_000))
        for key in 0..<1_000 { cache.setValue(key, forKey: key) }
        let recording = try cache.record(toFile: path)
        await withTaskGroup { group in
            for _ in 0..<8 {
                group.addTask { for key in 0..<20_000 { _ = cache.value(forKey: key % 1_000) } }
            }
        }
        try recording.finish()
        let numbers = try Self.numbers(in: path)
        #expect(numbers.count + recording.droppedRequests == 160_000)
        #expect(Set(numbers).count == 1_000)
        #expect(cache.statistics.hits == 160_000)
    }
}
