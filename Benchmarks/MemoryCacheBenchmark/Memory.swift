import Foundation
import MemoryCache

/// Measures how much the process grows by a million entries, each kind in a process of its own.
enum Memory {
    /// The figures that a process of its own can be asked for, by the name to pass on the command line.
    static let kinds: [String: @Sendable () throws -> Double] = [
        "overhead_bytes_int": { try overheadOfIntegers() },
        "bytes_blob": { try bytesOfBlobs() },
        "dictionary_bytes_blob": { bytesOfBlobsInDictionary() },
        "budget_growth_int": { try growthByBudget { ($0, $0) } },
        "budget_growth_blob": { try growthByBudget { (Self.key($0), [UInt8](repeating: 7, count: 20 + $0 % 300)) } },
        "budget_growth_expiring": { try growthByBudget(timeToLive: .seconds(3_600)) { ($0, $0) } },
    ]

    private static let count = 1_000_000

    /// Bytes per entry above the 16 of key and value.
    private static func overheadOfIntegers() throws -> Double {
        let before = residentBytes
        let cache = try MemoryCache<Int, Int>(capacity: .entries(count))
        for key in 0..<count { cache.setValue(key, forKey: key) }
        return withExtendedLifetime(cache) { (residentBytes - before) / Double(count) - 16 }
    }

    /// Bytes per entry with keys of 20 bytes and values of 100, all included.
    private static func bytesOfBlobs() throws -> Double {
        let before = residentBytes
        let cache = try MemoryCache<String, [UInt8]>(capacity: .entries(count))
        for key in 0..<count { cache.setValue([UInt8](repeating: 7, count: 100), forKey: Self.key(key)) }
        return withExtendedLifetime(cache) { (residentBytes - before) / Double(count) }
    }

    private static func bytesOfBlobsInDictionary() -> Double {
        let before = residentBytes
        var dictionary: [String: [UInt8]] = [:]
        for key in 0..<count { dictionary[Self.key(key)] = [UInt8](repeating: 7, count: 100) }
        return withExtendedLifetime(dictionary) { (residentBytes - before) / Double(count) }
    }

    /// The growth of the process, divided by the capacity in bytes, of a cache that is full and has evicted as much again.
    private static func growthByBudget<Key: Hashable & Sendable, Value: Sendable>(
        timeToLive: Duration? = nil,
        entry: (Int) -> (Key, Value)
    ) throws -> Double {
        let budget = 128 << 20
        let before = residentBytes
        let cache = try MemoryCache<Key, Value>(capacity: .bytes(budget))
        var number = 0
        while cache.statistics.evictions < count {
            for _ in 0..<10_000 {
                let (key, value) = entry(number)
                cache.setValue(value, forKey: key, timeToLive: timeToLive)
                number += 1
            }
        }
        return withExtendedLifetime(cache) { (residentBytes - before) / Double(budget) }
    }

    /// A key of 20 bytes.
    static func key(_ number: Int) -> String {
        let digits = String(number)
        return "key of 20 by" + String(repeating: "0", count: 8 - digits.count) + digits
    }

    private static var residentBytes: Double {
        let statm = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
        let pages = statm.split(separator: " ").dropFirst().first.flatMap { Double($0) } ?? .nan
        return pages * Double(sysconf(Int32(_SC_PAGESIZE)))
    }

    /// Asks a fresh process for a figure, so that nothing that was freed before is used again.
    static func measureInNewProcess(_ kind: String) throws -> Double {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = [kind]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let data = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return Double(String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)) ?? .nan
    }
}
