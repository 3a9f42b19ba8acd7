import MemoryCache

extension TieredCache {
    /// Asks the origin for one key, when there is leave to.
    func ask<Result>(
        _ flight: Flight<Key, Value>,
        _ call: LoadCall<Key, Value>,
        _ load: () async throws -> Result
    ) async throws -> Result {
        counters.loads.increment()
        do {
            let result = try await load()
            return result
        } catch {
            if !Task.isCancelled { counters.loadFailures.increment() }
            throw error
        }
    }
}
