import Larder
import Testing

@testable import LarderSQLite

@Suite("WriteBacklog")
struct WriteBacklogTests {
    @Test("takes in no more writes than its bound, until the writer has taken them")
    func writes() async {
        var backlog = WriteBacklog<WriteOperation>(maximumWrites: 2, maximumBytes: 1_000)
        #expect(await admit(.remove(keys(1)), to: &backlog) == nil)
        #expect(await admit(.remove(keys(2)), to: &backlog) == .overloaded)
        #expect(await admit(.remove(keys(1)), to: &backlog) == nil)
        #expect(await admit(.sweep, to: &backlog) == .overloaded)
        #expect(take(from: &backlog) == 2)
        #expect(backlog.pendingWrites == 2)
        #expect(await admit(.remove(keys(2)), to: &backlog) == nil)
        #expect(backlog.pendingWrites == 4)
        #expect(take(from: &backlog) == 1)
        #expect(backlog.pendingWrites == 2)
    }

    @Test("takes in no more bytes than its bound, unless nothing else waits")
    func bytes() async {
        var backlog = WriteBacklog<WriteOperation>(maximumWrites: 100, maximumBytes: 10)
        #expect(await admit(.remove([StoreKey("eleven byte")]), to: &backlog) == nil)
        #expect(await admit(.remove([StoreKey("a")]), to: &backlog) == .overloaded)
        #expect(take(from: &backlog) == 1)
        #expect(await admit(.remove([StoreKey("12345"), StoreKey("12345")]), to: &backlog) == nil)
        #expect(await admit(.remove([StoreKey("a")]), to: &backlog) == .overloaded)
    }

    @Test("takes in nothing after it was closed, and ends when it is empty")
    func closing() async {
        var backlog = WriteBacklog<WriteOperation>(maximumWrites: 100, maximumBytes: 100)
        #expect(await admit(.sweep, to: &backlog) == nil)
        backlog.close()
        #expect(await admit(.sweep, to: &backlog) == .shutDown)
        #expect(take(from: &backlog) == 1)
        guard case .end = backlog.next() else {
            Issue.record("An empty backlog that was closed should end.")
            return
        }
    }

    @Test("waits when it is empty and open")
    func waiting() {
        var backlog = WriteBacklog<WriteOperation>(maximumWrites: 1, maximumBytes: 1)
        guard case .wait = backlog.next() else {
            Issue.record("An empty backlog that is open should wait.")
            return
        }
    }

    private func keys(_ count: Int) -> [StoreKey] {
        Array(repeating: StoreKey("a"), count: count)
    }

    private func take(from backlog: inout WriteBacklog<WriteOperation>) -> Int? {
        guard case .perform(let requests) = backlog.next() else { return nil }
        return requests.count
    }

    /// Offers an operation that nobody waits for.
    private func admit(_ operation: WriteOperation, to backlog: inout WriteBacklog<WriteOperation>) async
        -> SQLiteStoreError.Code?
    {
        var code: SQLiteStoreError.Code?
        _ = try? await withCheckedThrowingContinuation { completion in
            code =
                backlog.admit(WriteBacklog<WriteOperation>.Request(operation: operation, completion: completion))?.code
            completion.resume(returning: WriteOutcome())
        }
        return code
    }
}
