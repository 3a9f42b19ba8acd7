import Synchronization

/// A number that any task may raise, for tests that count loads or calls.
public final class Counter: Sendable {
    private let count = Atomic<Int>(0)

    /// Makes a counter that stands at zero.
    public init() {}

    /// Where the counter stands.
    public var value: Int { count.load(ordering: .sequentiallyConsistent) }

    /// Raises the counter.
    ///
    /// - Parameter amount: By how much; negative to lower it.
    /// - Returns: Where the counter stands then.
    @discardableResult
    public func add(_ amount: Int = 1) -> Int {
        count.wrappingAdd(amount, ordering: .sequentiallyConsistent).newValue
    }
}
