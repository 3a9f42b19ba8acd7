import Foundation
import Larder
import LarderEdge
import Testing

@Suite("Queues of purges")
struct PurgeQueueTests {
    private func purge(_ tag: String, isSoft: Bool = false, isEcho: Bool = false, due: Int64 = 0) -> PendingPurge {
        PendingPurge(
            purger: "p",
            request: PurgeRequest(.tag(tag), isSoft: isSoft),
            isEcho: isEcho,
            due: due,
            addedAt: due
        )
    }

    private func withQueues(_ body: (any PurgeQueue) async throws -> Void) async throws {
        try await body(MemoryPurgeQueue())
        let path = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).sqlite").path
        defer { for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + suffix) } }
        try await body(SQLitePurgeQueue(path: path))
    }

    @Test("purges come when they are due, the oldest first, and stay until they are settled")
    func order() async throws {
        try await withQueues { queue in
            #expect(try await queue.position() == nil)
            let position = LogPosition(epoch: .max, offset: 7)
            try await queue.add([purge("b", due: 20), purge("a", due: 10), purge("c", due: 99)], movingTo: position)
            #expect(try await queue.position() == position)
            for _ in 0..<2 {
                let due = try await queue.purges(of: "p", dueAt: 50, limit: 10)
                #expect(due.map(\.request.selector.text) == ["a", "b"])
            }
            #expect(try await queue.purges(of: "q", dueAt: 50, limit: 10).isEmpty)
            #expect(try await queue.purges(of: "p", dueAt: 50, limit: 1).count == 1)
            let backlog = try await queue.backlog(of: "p")
            #expect(backlog.count == 3 && backlog.oldest == 10)
        }
    }

    @Test("what is asked for twice waits once, and hard beats soft")
    func merging() async throws {
        try await withQueues { queue in
            try await queue.add([purge("a", isSoft: true), purge("a"), purge("a", isSoft: true)], movingTo: nil)
            let due = try await queue.purges(of: "p", dueAt: 0, limit: 10)
            #expect(due.count == 1 && due.first?.request.isSoft == false)
        }
    }

    @Test("a purge that is asked for while an equal one is sent stays")
    func meanwhile() async throws {
        try await withQueues { queue in
            try await queue.add([purge("a")], movingTo: nil)
            let sent = try await queue.purges(of: "p", dueAt: 0, limit: 10)
            try await queue.add([purge("a")], movingTo: nil)
            try await queue.settle(sent, adding: [purge("a", isEcho: true, due: 5)])
            let left = try await queue.purges(of: "p", dueAt: 9, limit: 10)
            #expect(left.map(\.isEcho) == [false, true])
            try await queue.settle(left, adding: [])
            #expect(try await queue.purges(of: "p", dueAt: 9, limit: 10).isEmpty)
            #expect(try await queue.backlog(of: "p").oldest == nil)
        }
    }
}
