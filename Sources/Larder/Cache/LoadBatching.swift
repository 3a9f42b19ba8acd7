/// How the loads of single keys are gathered into calls for many.
public struct LoadBatching: Hashable, Sendable {
    /// How long the first load of a batch waits for others, from zero to a second.
    public var window: Duration

    /// Makes rules of gathering.
    ///
    /// A batch holds at most the namespace's ``CacheNamespace/maximumBatch`` keys.
    ///
    /// - Parameter window: How long the first load of a batch waits for others; 300 microseconds unless given.
    public init(window: Duration = .microseconds(300)) {
        self.window = window
    }

    func validate() throws(CacheError) {
        guard window >= .zero, window <= .seconds(1) else {
            throw CacheError(
                .invalidConfiguration,
                "The window of batching is \(window); give zero to a second, best some hundred microseconds."
            )
        }
    }
}
