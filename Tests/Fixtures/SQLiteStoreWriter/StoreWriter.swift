import Foundation
import Larder
import LarderSQLite
import Logging

/// A process that works on a store and tells its parent what was acknowledged, one line each.
@main
enum StoreWriter {
    static func main() async throws {
        let arguments = CommandLine.arguments
        guard arguments.count == 4, let first = Int(arguments[3]) else {
            tell("usage: sqlite-store-writer (write|fill) PATH FIRST-NUMBER")
            exit(64)
        }
        var configuration = SQLiteStore.Configuration()
        configuration.busyTimeout = .seconds(30)
        let store = try SQLiteStore(path: arguments[2], configuration: configuration, logger: Logger(label: "writer"))
        switch arguments[1] {
        case "write": try await write(to: store, from: first)
        default: try await fill(store, upTo: first)
        }
        await store.shutdown()
    }

    /// Writes from four tasks until somebody writes the key "stop".
    private static func write(to store: SQLiteStore, from first: Int) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in 0..<4 {
                group.addTask {
                    var number = first
                    while try await store.value(forKey: StoreKey("stop")) == nil {
                        try await store.setValues([
                            write("entry:\(task):\(number)", number), write("newest:\(task)", number),
                        ])
                        tell("wrote \(task) \(number)")
                        if number % 3 == 0 {
                            try await store.removeValue(forKey: StoreKey("entry:\(task):\(number)"))
                            tell("removed \(task) \(number)")
                        }
                        number += 1
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    /// Writes until the file may grow no more, reads everything, and goes on when it may grow again.
    private static func fill(_ store: SQLiteStore, upTo limit: Int) async throws {
        signal(SIGXFSZ, SIG_IGN)
        setFileSizeLimit(limit)
        var written = 0
        while true {
            do {
                try await store.setValues([write("entry:\(written)", written)])
                written += 1
            } catch let error as SQLiteStoreError where error.code == .diskFull {
                break
            }
        }
        tell("full")
        for number in 0..<written where try await store.value(forKey: StoreKey("entry:\(number)")) == nil {
            tell("lost \(number)")
        }
        setFileSizeLimit(nil)
        try await store.setValues([write("entry:\(written)", written)])
        tell("recovered")
    }

    private static func write(_ key: String, _ number: Int) -> StoreWrite {
        StoreWrite(key: StoreKey(key), bytes: Array("\(number)".utf8), timeToLive: .seconds(3_600))
    }

    private static func setFileSizeLimit(_ limit: Int?) {
        #if canImport(Glibc)
        let resource = __rlimit_resource_t(RLIMIT_FSIZE.rawValue)
        #else
        let resource = RLIMIT_FSIZE
        #endif
        var limits = rlimit()
        getrlimit(resource, &limits)
        limits.rlim_cur = limit.map { rlim_t($0) } ?? limits.rlim_max
        setrlimit(resource, &limits)
    }

    /// Writes a line in one system call, so that the parent reads it whole or not at all.
    private static func tell(_ line: String) {
        let bytes = Array((line + "\n").utf8)
        _ = bytes.withUnsafeBytes { Foundation.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
    }
}
