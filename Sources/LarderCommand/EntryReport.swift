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
                ("format version", "\(envelope.formatVersion)"),
                ("value", envelope.isAbsent ? "absent" : "\(bytes.byteCount - envelope.bodyOffset) bytes"),
            ]
            if let tag = envelope.details.entityTag { rows.append(("entity tag", tag)) }
            if !envelope.details.tags.isEmpty {
                rows.append(("tags", envelope.details.tags.sorted().joined(separator: ", ")))
            }
        } catch {
            rows.append(("state", "unusable: \(error)"))
        }
        text = rows.map { name, value in Table.pad(name, 16) + value }.joined(separator: "\n")
    }
}
