import MemoryCache
public import ServiceLifecycle

extension WriteBehindCache: Service {
    /// Hands writes to the sink until the service group stops, then what is pending, and shuts down.
    ///
    /// The last part takes ``WriteBehindPolicy/shutdownTimeout`` at most; what is left stays in the journal.
    ///
    /// - Throws: ``CacheError`` with the code `journalInUse` if another process has taken the journal over.
    public func run() async throws {
        await withGracefulShutdownHandler {
            await withTaskGroup { group in
                group.addTask { await self.keepLease() }
                if case .interval(let interval) = policy.durability {
                    group.addTask { await self.save(every: interval) }
                }
                await drain()
                group.cancelAll()
            }
        } onGracefulShutdown: {
            self.beginShutdown()
        }
        let closure = state.withLock { $0.closure }
        await shutdown()
        if let closure, closure.code == .journalInUse { throw closure }
    }

    /// Stops accepting writes, and closes the journal, where the pending ones stay.
    public func shutdown() async {
        await saveUnsaved()
        close(CacheError(.shutDown, "The cache was shut down; the write was not kept. Make a new cache."))
        await journal.close()
    }

    private func beginShutdown() {
        let end = Deadline.after(policy.shutdownTimeout, from: clock.now)
        state.withLock { state in
            if state.closure == nil { state.phase = .draining(until: end) }
            state.pending.isFlushing = true
        }
        wakeUp.signal()
        // Nothing is drained that is not saved.
        Task { await saveUnsaved() }
    }

    /// Lets no more writes in, and tells those who wait.
    private func close(_ error: CacheError) {
        let waiting = state.withLock { state in
            if state.closure == nil { state.phase = .closed(error) }
            defer { state.direct = [:] }
            return state.crowd.removeAll() + state.idlers.removeAll() + state.direct.values
        }
        for continuation in waiting { continuation.resume(throwing: error) }
        wakeUp.signal()
    }

    /// Whether an error says that another process has the journal; the end of this cache.
    func isDeposed(_ error: any Error) -> Bool {
        guard let error = error as? CacheError, error.code == .journalInUse else { return false }
        close(error)
        return true
    }

    // MARK: At intervals

    private func keepLease() async {
        while (try? await clock.sleep(journal.leaseRenewalInterval)) != nil {
            do {
                try await revive(journal.renewLease())
            } catch {
                if isDeposed(error) { return }
                noteJournal(error)
            }
        }
    }

    private func save(every interval: Duration) async {
        while (try? await clock.sleep(interval)) != nil { await saveUnsaved() }
    }

    /// Saves what was acknowledged before it was on the disk.
    private func saveUnsaved() async {
        let unsaved = state.withLock { state in
            defer { state.unsaved = [] }
            return state.unsaved
        }
        guard !unsaved.isEmpty else { return }
        do {
            try await journal.append(unsaved.map(\.record))
            update { state in
                for (record, key) in unsaved { state.pending.noteSaved(record.sequence, key) }
            }
        } catch {
            // Kept for the next time; the bound on pending writes bounds them too.
            state.withLock { $0.unsaved = unsaved + $0.unsaved }
            if !isDeposed(error) { noteJournal(error) }
        }
    }
}
