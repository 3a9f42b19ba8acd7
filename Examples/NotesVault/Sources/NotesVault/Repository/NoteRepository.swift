/// What the service asks of the notes, whether a cache stands before the vault or not.
protocol NoteRepository: Sendable {
    /// A note, or `nil` if there is none.
    func note(_ id: NoteID) async throws -> Note?

    /// The notes that contain all words of a text, best first.
    func search(_ text: String, limit: Int) async throws -> [SearchHit]

    /// The notes that link to a note, by title.
    func backlinks(of id: NoteID) async throws -> [NoteReference]

    /// A note as a page shows it, or `nil` if there is none.
    func view(of id: NoteID) async throws -> NoteView?

    /// The notes that most others link to.
    func popular() async throws -> [NoteReference]

    /// Writes a note; says whether it is new. Every read that begins after this returns sees it.
    func save(_ source: String, as id: NoteID) async throws -> Bool

    /// Deletes a note; says whether there was one. Every read that begins after this returns sees it gone.
    func delete(_ id: NoteID) async throws -> Bool

    /// Takes up what other programs did to some files; says how many notes changed.
    func refresh(_ ids: Set<NoteID>) async throws -> Int

    /// Takes up what other programs did to any file; says how many notes changed.
    func refreshAll() async throws -> Int
}
