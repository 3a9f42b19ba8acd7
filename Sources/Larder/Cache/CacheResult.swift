/// What a read is answered with, and where it came from.
public struct CacheResult<Value: Sendable>: Sendable {
    /// Where an answer came from.
    public enum Source: Hashable, Sendable {
        /// The memory of this process, or a write that was just under way in it.
        case memory
        /// The store.
        case store
        /// The loader.
        case origin
        /// The default value of the namespace, because there was nothing else.
        case defaultValue
    }

    /// The value, or `nil` where there is none.
    public let value: Value?

    /// Where the answer came from.
    public let source: Source

    /// Whether the answer is a copy that has expired, or that was softly invalidated, or a default value.
    public let isStale: Bool

    /// How long ago the value was loaded or written; zero for what was just loaded.
    public let age: Duration

    /// Why no tier had an answer; `nil` where one had.
    public let missReason: MissReason?

    init(
        value: Value?,
        source: Source,
        isStale: Bool = false,
        age: Duration = .zero,
        missReason: MissReason? = nil
    ) {
        self.missReason = missReason
        self.value = value
        self.source = source
        self.isStale = isStale
        self.age = age
    }
}

extension CacheResult: Equatable where Value: Equatable {}
