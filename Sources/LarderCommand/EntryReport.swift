import Foundation
import Larder

/// What one entry of a store is.
struct EntryReport {
    let text: String

    init(store: some RemoteStore, key: StoreKey) async throws {
        guard let stored = try await store.value(forKey: key) else {
            throw CommandError("There is no live entry '\(key)'. List keys with --prefix.")
        }
        var rows = [
            ("key", key.description),
            ("bytes", "\(stored.bytes.count)"),
            ("life left", "\(stored.remainingLife)"),
        ]
        do {
            let bytes = stored.bytes.span.bytes
            let envelope = try Envelope(bytes, key: key)
            let life = min(stored.remainingLife, envelope.timeToLive + envelope.grace)
            let fresh = life - envelope.grace
            rows += [
                ("state", fresh > .zero ? "fresh for \(fresh)" : "stale for \(.zero - fresh)"),
                ("time to live", "\(envelope.timeToLive)"),
                ("grace", "\(envelope.grace)"),
                ("age", "\(envelope.timeToLive + envelope.grace - life)"),
                ("written", Self.moment(envelope.version)),
                ("schema version", "\(envelope.schemaVersion)"),
                ("codec", "\(envelope.codec)"),
                ("load cost", "\(envelope.loadCost)"),
            ]
            rows += try Self.contents(of: envelope, bytes)
        } catch {
            let isShort = key.readablePart != nil
            rows.append(
                ("state", isShort ? "the short form of a long key, unreadable without it" : "unusable: \(error)")
            )
        }
        text = rows.map { name, value in Table.pad(name, 16) + value }.joined(separator: "\n")
    }

    /// When the writer says that it wrote the entry.
    private static func moment(_ version: UInt64) -> String {
        Date(timeIntervalSince1970: Double(EntryVersion.writtenAt(version)) / 1_000).formatted(.iso8601)
    }

    /// What can be said of details and value without a key or a codec.
    private static func contents(of envelope: Envelope, _ bytes: RawSpan) throws -> [(String, String)] {
        let contents = bytes.extracting(envelope.contentsOffset..<bytes.byteCount)
        guard envelope.encryptionKey == 0 else {
            return [("encryption key", "\(envelope.encryptionKey)"), ("contents", "\(contents.byteCount) bytes")]
        }
        let size = contents.byteCount - envelope.detailsLength
        var rows = [("value", envelope.isAbsent ? "absent" : "\(size) bytes")]
        if envelope.compression != 0 { rows.append(("compression", "\(envelope.compression)")) }
        if envelope.dictionary != 0 { rows.append(("dictionary", "\(envelope.dictionary)")) }
        let details = try EnvelopeDetails(contents.extracting(0..<envelope.detailsLength))
        if let tag = details.entityTag { rows.append(("entity tag", tag)) }
        if !details.tags.isEmpty { rows.append(("tags", details.tags.sorted().joined(separator: ", "))) }
        return rows
    }
}
