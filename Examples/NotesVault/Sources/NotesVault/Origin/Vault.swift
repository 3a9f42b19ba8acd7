import Foundation
import GRDB
import Logging

/// The folder and its index, kept in step: the system that the cache stands before.
final class Vault: Sendable {
    let folder: VaultFolder
    let index: VaultIndex
    private let logger: Logger

    init(folder: VaultFolder, index: VaultIndex, logger: Logger) {
        self.folder = folder
        self.index = index
        self.logger = logger
    }

    /// Writes a note's file, then the index.
    ///
    /// - Returns: What changed, and whether the note is new.
    func save(_ source: String, as id: NoteID) async throws -> (change: VaultChange?, isNew: Bool) {
        guard source.utf8.count <= VaultFolder.maximumNoteSize else {
            throw VaultError(
                .noteTooLarge,
                "The note has \(source.utf8.count) bytes; the limit is \(VaultFolder.maximumNoteSize). Split it."
            )
        }
        let isNew = folder.stamp(of: id) == nil
        // The file is written inside the transaction, so that file and index take changes in one order. If the
        // transaction then fails, the file is newer than the index, and the next look at the folder mends that.
        let change = try await index.change { [folder] _ in
            try folder.write(source, to: id)
            // Another program may have been faster: what counts is what stands in the file after its stamp was read.
            guard let stamp = folder.stamp(of: id), let source = try folder.source(of: id) else { return [.remove(id)] }
            return [.put(id, source: source, stamp: stamp)]
        }
        return (change, isNew)
    }

    /// Deletes a note's file, then its rows.
    ///
    /// - Returns: What changed, or `nil` if there was no such note.
    func delete(_ id: NoteID) async throws -> VaultChange? {
        try await index.change { [folder] db in
            let wasThere = try folder.delete(id)
            return try wasThere || VaultIndex.stamp(of: id, db) != nil ? [.remove(id)] : []
        }
    }

    /// Looks at the files of some notes and takes up what other programs did to them.
    ///
    /// - Returns: What changed, or `nil` if the index knew it all, as it does after ``save(_:as:)``.
    func refresh(_ ids: Set<NoteID>) async throws -> VaultChange? {
        // Most often it is our own write that was noticed, which takes no transaction that writes to find out.
        let known = try await index.stamps(of: ids)
        let different = ids.filter { known[$0] != folder.stamp(of: $0) }
        guard !different.isEmpty else { return nil }
        return try await index.change { [self] db in
            try different.sorted()
                .compactMap { id in
                    let known = try VaultIndex.stamp(of: id, db)
                    return edit(of: id, known: known, found: folder.stamp(of: id))
                }
        }
    }

    /// Compares the whole folder with the index and takes up the differences.
    ///
    /// - Parameter progress: Called after each batch with how many of how many changed notes are done.
    /// - Returns: What changed, one for each batch.
    /// - Throws: The error of the file system or of the index.
    func refreshAll(progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }) async throws -> [VaultChange] {
        let known = try await index.stamps()
        let found = try folder.stamps()
        let different = Set(known.keys).union(found.keys).filter { known[$0] != found[$0] }.sorted()
        // Up to the number of edits that are followed a change stays exact; a larger one forgets everything once.
        let batch = different.count <= VaultIndex.maximumFollowedEdits ? 100 : VaultIndex.maximumFollowedEdits + 1
        var changes: [VaultChange] = []
        var position = 0
        while position < different.count {
            let ids = Set(different[position..<Swift.min(position + batch, different.count)])
            if let change = try await refresh(ids) { changes.append(change) }
            position += ids.count
            progress(position, different.count)
        }
        return changes
    }

    private func edit(of id: NoteID, known: VaultFolder.Stamp?, found: VaultFolder.Stamp?) -> VaultEdit? {
        guard known != found else { return nil }
        guard let found else { return .remove(id) }
        do {
            guard let source = try folder.source(of: id) else { return .remove(id) }
            return .put(id, source: source, stamp: found)
        } catch {
            logger.warning("A note is left out", metadata: ["note": "\(id)", "reason": "\(error)"])
            return known == nil ? nil : .remove(id)
        }
    }
}
