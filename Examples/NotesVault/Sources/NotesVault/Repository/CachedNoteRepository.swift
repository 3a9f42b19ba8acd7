import Larder
import Logging
import Synchronization

/// The notes behind the cache: reads go through it, and so do writes, which then remove what else they touched.
///
/// ## Why nothing stale survives an edit
///
/// - **The note** goes to the vault and then into all tiers, with the key held meanwhile.
/// - **Other notes, backlinks and views** are removed by key, in all tiers, before the write returns. The index knows
///   which: it follows the links of the note before and after the edit (see ``ChangeWriter``). A load that runs
///   meanwhile is fenced off by the cache.
/// - **Searches** cannot be listed, so they are not removed but left behind: their keys carry a version that the
///   edit moves on, for exactly those searches that it may touch (see ``SearchVersions``).
/// - **A crash** between the edit and the removal loses neither: the versions and a note of what is to be
///   removed stand in the transaction of the edit, and ``settleChanges()`` catches up at the next start.
///
/// The order of search results follows statistics over all notes, such as their average length. Those drift
/// with every edit anywhere; a cached result keeps the order it was found in for up to half an hour.
final class CachedNoteRepository: NoteRepository {
    private let vault: Vault
    private let caches: NoteCaches
    private let logger: Logger
    /// Whether a change could not be settled.
    private let hasLeftovers = Atomic(false)

    init(vault: Vault, caches: NoteCaches, logger: Logger) {
        self.vault = vault
        self.caches = caches
        self.logger = logger
    }

    // MARK: Reads

    func note(_ id: NoteID) async throws -> Note? {
        try await caches.notes.valueIfPresent(forKey: id) { [vault] id in try await vault.index.note(id) }
    }

    func search(_ text: String, limit: Int) async throws -> [SearchHit] {
        let query = try vault.index.tokenizer.query(text)
        let key = SearchKey(query: query, limit: limit, version: vault.index.version(of: query))
        return try await caches.searches.value(forKey: key) { [vault] key in
            try await vault.index.search(key.query, limit: key.limit)
        }
    }

    func backlinks(of id: NoteID) async throws -> [NoteReference] {
        try await caches.backlinks.value(forKey: id) { [vault] id in try await vault.index.backlinks(of: id) }
    }

    func view(of id: NoteID) async throws -> NoteView? {
        try await caches.views.valueIfPresent(forKey: id) { [self] id in
            guard let note = try await note(id) else { return nil }
            let backlinks = try await backlinks(of: id)
            return NoteView(note, backlinks: backlinks, destinations: try await vault.index.destinations(of: id))
        }
    }

    func popular() async throws -> [NoteReference] {
        try await caches.popular.value(forKey: "all") { [vault] _ in
            try await vault.index.popular(limit: OriginNoteRepository.popularCount)
        }
    }

    // MARK: Writes

    func save(_ source: String, as id: NoteID) async throws -> Bool {
        var change: VaultChange?
        var isNew = false
        try await caches.notes.writeValue(forKey: id) { [vault] in
            (change, isNew) = try await vault.save(source, as: id)
            // Where the index cannot say what it holds now, the next read finds out.
            return try? await vault.index.note(id)
        }
        if let change { await settle(change, keeping: id) }
        return isNew
    }

    func delete(_ id: NoteID) async throws -> Bool {
        var change: VaultChange?
        try await caches.notes.writeValue(forKey: id) { [vault] in
            change = try await vault.delete(id)
            return nil
        }
        guard let change else { return false }
        await settle(change, keeping: id)
        return true
    }

    func refresh(_ ids: Set<NoteID>) async throws -> Int {
        guard let change = try await vault.refresh(ids) else { return 0 }
        await settle(change)
        return change.count
    }

    func refreshAll() async throws -> Int {
        let changes = try await vault.refreshAll()
        for change in changes { await settle(change) }
        return changes.reduce(0) { $0 + $1.count }
    }

    // MARK: Settling

    /// Removes what a change touched.
    ///
    /// If the store cannot be reached the write stands nonetheless, and the change stays unsettled: it is tried
    /// again with the next change, and at the next start.
    func settle(_ change: VaultChange, keeping written: NoteID? = nil) async {
        do {
            try await remove(change, keeping: written)
            if hasLeftovers.exchange(false, ordering: .relaxed) { try await settleChanges() }
        } catch {
            hasLeftovers.store(true, ordering: .relaxed)
            logger.error(
                "What the cache held of a changed note could not all be removed; will try again",
                metadata: ["change": "\(change.number)", "reason": "\(error)"]
            )
        }
    }

    /// Settles the changes that a crash or a failing store left over.
    func settleChanges() async throws {
        for change in try await vault.index.unsettledChanges() { try await remove(change) }
        try await vault.index.writeSettled()
    }

    private func remove(_ change: VaultChange, keeping written: NoteID? = nil) async throws {
        try await caches.remove(change, keeping: written)
        vault.index.settle(change)
        // To forget everything once more after a crash would be a pity.
        if change.scope == .everything { try await vault.index.writeSettled() }
    }
}
