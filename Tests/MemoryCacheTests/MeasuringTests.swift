import Foundation
import MemoryCache
import Testing

@Suite struct MeasuringTests {
    #if canImport(Glibc)
    /// What the allocator took for a piece of memory, without its own part; the system's headers do not show it.
    private static func usableSize(_ pointer: UnsafeRawPointer) throws -> Int {
        let symbol = try #require(dlsym(nil, "malloc_usable_size"))
        return unsafeBitCast(symbol, to: (@convention(c) (UnsafeRawPointer) -> Int).self)(pointer)
    }

    @Test("what strings and arrays say they hold is what the allocator took for them")
    func allocations() throws {
        for count in [16, 20, 31, 47, 100, 1_000, 5_000, 100_000] {
            let text = String(repeating: "x", count: count)
            let storage = try #require(text.utf8.withContiguousStorageIfAvailable { $0.baseAddress })
            let start = UnsafeRawPointer(try #require(storage)) - 32
            let size = try withExtendedLifetime(text) { try Self.usableSize(start) }
            // The allocator leaves a rest of less than 32 bytes with a piece that it gives out.
            #expect(abs(text.heapBytes - size - 8) <= 32, "\(count)")
            let bytes = [UInt8](repeating: 1, count: count)
            let base = try #require(bytes.withUnsafeBufferPointer { $0.baseAddress })
            let object = UnsafeRawPointer(base) - 32
            let room = try withExtendedLifetime(bytes) { try Self.usableSize(object) }
            #expect(abs(bytes.heapBytes - room - 8) <= 32, "\(count)")
        }
    }
    #endif

    @Test("what lies in a value itself is not counted, and what elements hold is")
    func values() {
        #expect("fifteen bytes!!".heapBytes == 0)
        #expect([Int]().heapBytes == 0)
        #expect(7.heapBytes == 0)
        #expect(Optional<String>.none.heapBytes == 0)
        let long = String(repeating: "x", count: 100)
        #expect(Optional(long).heapBytes == long.heapBytes)
        #expect([long, long].heapBytes == [long, long].capacity * 16 / 32 * 32 + 48 + 2 * long.heapBytes)
        #expect([1: long].heapBytes > long.heapBytes)
    }

    @Test("a cache in bytes counts keys, values and its own table, and stays within its capacity")
    func bytes() throws {
        let limit = 1_000_000
        let cache = try MemoryCache<String, [UInt8]>(capacity: .bytes(limit))
        let value = [UInt8](repeating: 1, count: 1_000)
        for number in 0..<3_000 { cache.setValue(value, forKey: "a key of more than 15 bytes \(number)") }
        let statistics = cache.statistics
        #expect(statistics.weight <= limit)
        #expect(statistics.weight > limit - 20_000)
        let perEntry = statistics.weight / statistics.entries
        #expect(perEntry > value.heapBytes + 64 + 40)
        #expect(perEntry < value.heapBytes + 64 + 100)
        #expect(cache.isConsistent)
    }

    @Test("what a weigher says is added to what the table takes, and a deadline takes something too")
    func weigher() throws {
        let cache = try MemoryCache<Int, Int>(capacity: .bytes(100_000), weigher: { _, _ in 500 })
        cache.setValue(1, forKey: 1)
        let one = cache.statistics.weight
        #expect(one > 500 && one < 600)
        cache.setValue(1, forKey: 2, timeToLive: .seconds(1))
        #expect(cache.statistics.weight > 2 * one)
        #expect(!cache.setValue(1, forKey: .max, timeToLive: .zero))
    }

    @Test("a capacity in bytes is refused where nobody knows what a value holds")
    func unknown() throws {
        final class Picture: Sendable {}
        #expect { _ = try MemoryCache<Int, Picture>(capacity: .bytes(1_000)) } throws: {
            ($0 as? MemoryCacheError)?.code == .unknownSize
        }
        #expect(throws: Never.self) { try MemoryCache<Int, Picture>(capacity: .bytes(1_000), weigher: { _, _ in 9 }) }
        #expect(throws: Never.self) { try MemoryCache<Int, (Int, Double)>(capacity: .bytes(1_000)) }
    }

    @Test("a part of the memory is one of the container's limit, whichever version of control groups has it")
    func containers() throws {
        let root = FileManager.default.temporaryDirectory.appendingPathComponent("groups-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: root) }
        func write(_ text: String, to path: String) throws {
            let file = root.appendingPathComponent(path)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(),
                withIntermediateDirectories: true
            )
            try Data(text.utf8).write(to: file)
        }
        let memory = MachineMemory(root: root.path)
        #expect(memory.limit == memory.physical)
        try write("0::/pods/web\n", to: "proc/self/cgroup")
        try write("max\n", to: "sys/fs/cgroup/pods/web/memory.max")
        #expect(memory.limit == memory.physical)
        try write("300000000\n", to: "sys/fs/cgroup/pods/memory.max")
        #expect(memory.limit == 300_000_000)
        try write("200000000\n", to: "sys/fs/cgroup/pods/web/memory.max")
        #expect(MemoryCapacity.memoryFraction(0.25, of: memory) == .bytes(50_000_000))
        try write("5:cpu:/\n4:memory:/docker\n", to: "proc/self/cgroup")
        try write("100000000\n", to: "sys/fs/cgroup/memory/docker/memory.limit_in_bytes")
        #expect(memory.limit == 100_000_000)
        try write("9223372036854771712\n", to: "sys/fs/cgroup/memory/docker/memory.limit_in_bytes")
        #expect(memory.limit == memory.physical)
    }

    @Test("a part of the memory that is none is refused", arguments: [0, -1, 1.5, .nan])
    func fractions(_ fraction: Double) {
        #expect(throws: MemoryCacheError.self) {
            try MemoryCache<Int, Int>(capacity: .memoryFraction(fraction))
        }
    }
}
