/// The notes without a cache: every call asks the origin.
struct OriginNoteRepository: NoteRepository {
    /// How many popular notes there are.
    static let popularCount = 12

    let vault: Vault

    /// Told of each change before the call that made it returns.
    ///
    /// A cache that is used beside this repository learns here what it must forget.
    var didChange: (@Sendable (VaultChange) async -> Void)?

    func note(_ id: NoteID) async throws -> Note? {
        try await vault.index.note(id)
    }

    func search(_ text: String, limit: Int) async throws -> [SearchHit] {
        try await vault.index.search(vault.index.tokenizer.query(text), limit: limit)
    }

    func backlinks(of id: NoteID) async throws -> [NoteReference] {
        try await vault.index.backlinks(of: id)
    }

    func view(of id: NoteID) async throws -> NoteView? {
        guard let note = try await vault.index.note(id) else { return nil }
        let backlinks = try await vault.index.backlinks(of: id)
        return NoteView(note, backlinks: backlinks, destinations: try await vault.index.destinations(of: id))
    }

    func popular() async throws -> [NoteReference] {
        try await vault.index.popular(limit: Self.popularCount)
    }

    func save(_ source: String, as id: NoteID) async throws -> Bool {
        let (change, isNew) = try await vault.save(source, as: id)
        await tell(change)
        return isNew
    }

    func delete(_ id: NoteID) async throws -> Bool {
        let change = try await vault.delete(id)
        await tell(change)
        return change != nil
    }

    func refresh(_ ids: Set<NoteID>) async throws -> Int {
        let change = try await vault.refresh(ids)
        await tell(change)
        return change?.count ?? 0
    }

    func refreshAll() async throws -> Int {
        let changes = try await vault.refreshAll()
        for change in changes { await tell(change) }
        return changes.reduce(0) { $0 + $1.count }
    }

    private func tell(_ change: VaultChange?) async {
        if let change { await didChange?(change) }
    }
}
