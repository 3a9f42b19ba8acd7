import Foundation
import LarderTesting

/// The events of a worker, in a file of fixed records.
enum HistoryFile {
    typealias Event = InvalidationHistory.Event

    static func write(_ events: [Event], to path: String) throws {
        var data = Data(capacity: events.count * 6 * MemoryLayout<Int64>.size)
        for event in events {
            let words = [
                Int64(event.kind.rawValue), Int64(event.node), Int64(event.key), Int64(event.version), event.start,
                event.end,
            ]
            words.withUnsafeBytes { data.append(contentsOf: $0) }
        }
        try data.write(to: URL(filePath: path))
    }

    static func read(_ path: String) throws -> [Event] {
        let data = try Data(contentsOf: URL(filePath: path), options: .alwaysMapped)
        return data.withUnsafeBytes { bytes in
            let words = bytes.bindMemory(to: Int64.self)
            return stride(from: 0, to: words.count, by: 6)
                .compactMap { place in
                    Event.Kind(rawValue: UInt8(truncatingIfNeeded: words[place]))
                        .map { kind in
                            Event(
                                kind,
                                node: Int(words[place + 1]),
                                key: Int(words[place + 2]),
                                version: Int(words[place + 3]),
                                start: words[place + 4],
                                end: words[place + 5]
                            )
                        }
                }
        }
    }
}
