/// What a loader found.
public enum LoadResult<Value: Sendable>: Sendable {
    /// The value.
    case value(Value)
    /// The origin has none, which is remembered for the policy's negative time to live.
    case absent
    /// The stale copy in the context is still right: it begins a whole new life in all tiers.
    case notModified
    /// The load failed; the same as throwing the error.
    case failed(any Error)

    /// What a loader found that may find nothing.
    ///
    /// - Parameter value: The value, or `nil` where the origin has none.
    public init(_ value: Value?) {
        self = value.map { .value($0) } ?? .absent
    }
}
