public import Larder
import NIOConcurrencyHelpers
import RESP

extension RedisStore {
    /// What other programs change, if ``Configuration/tracksOtherPrograms`` is set; for one reader.
    ///
    /// The server tells of the writes of this process too. Those are known by their versions: a key that holds what this
    /// process wrote last was not changed by anybody else since.
    public var foreignChanges: AsyncStream<StoreChange>? {
        guard let tracker else { return nil }
        let pending = PendingChanges()
        return AsyncStream { [self] in
            while true {
                if let change = await pending.take() { return change }
                var events = tracker.events.makeAsyncIterator()
                guard let event = await events.next() else { return nil }
                await pending.put(await changes(event, tracker))
            }
        }
    }

    private func changes(_ event: KeyTracker.Event, _ tracker: KeyTracker) async -> [StoreChange] {
        if tracker.takeLoss() { return tracker.isTracking ? [.unobserved, .observed] : [.unobserved] }
        switch event {
        case .lost: return [.unobserved]
        case .tracking: return [.observed]
        case .names(let names):
            let foreign = await foreign(names)
            return foreign.isEmpty ? [] : [.keys(foreign.map { StoreKey(bytes: Array($0.dropFirst(prefix.count))) })]
        }
    }

    /// Those of some names that hold something else than what this process has written last.
    private func foreign(_ names: [[UInt8]]) async -> [[UInt8]] {
        let heads = names.map { RESPCommand("GETRANGE", .bytes($0), 0, .integer(SlotContent.headSize - 1)) }
        // What cannot be asked counts as changed by others.
        guard let replies = try? await small.execute(heads) else { return names }
        return recentWrites.withLockedValue { recent in
            zip(names, replies).filter { name, reply in !recent.contains(name, reply.stringBytes ?? []) }.map(\.0)
        }
    }
}

/// The changes that one event has brought and that were not read yet.
private actor PendingChanges {
    private var changes: [StoreChange] = []

    func put(_ added: [StoreChange]) { changes += added }

    func take() -> StoreChange? { changes.isEmpty ? nil : changes.removeFirst() }
}
