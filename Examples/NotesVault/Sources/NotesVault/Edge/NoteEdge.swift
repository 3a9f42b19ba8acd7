import Hummingbird
import Larder
import LarderEdge

/// What a cache in front of the service is told, so that it keeps pages until what they show has changed.
///
/// A page carries the tag of the entry that it was made of. When the cache removes that entry, here or on another node,
/// the edge is purged of the page; a browser asks again each time, since nobody can purge it.
struct NoteEdge: Sendable {
    private let caches: NoteCaches
    private let policy: EdgePolicy
    private let profile = EdgeProfile.varnish

    init(_ caches: NoteCaches) throws {
        self.caches = caches
        policy = try EdgePolicy(
            browserLifetime: .zero,
            edgeLifetime: .seconds(3_600),
            staleIfError: .seconds(86_400)
        )
    }

    /// Lets the edge keep the page of a note.
    func keep(_ response: inout Response, pageOf id: NoteID) throws {
        keep(&response, madeOf: try caches.views.storeKey(forKey: id), in: "views")
    }

    /// Lets the edge keep a note as the interface tells it.
    func keep(_ response: inout Response, note id: NoteID) throws {
        keep(&response, madeOf: try caches.notes.storeKey(forKey: id), in: "notes")
    }

    private func keep(_ response: inout Response, madeOf key: StoreKey, in namespace: String) {
        var entry = EdgeEntry()
        entry.wideTags = [EdgeMapping.namespaceTag(namespace)]
        entry.tags = entry.wideTags.union([EdgeMapping.keyTag(key)])
        for field in policy.fields(for: entry, profile: profile) { response.headers[field.name] = field.value }
    }
}
