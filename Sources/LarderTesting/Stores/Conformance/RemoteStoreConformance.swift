public import Larder

/// The checks that every `RemoteStore` has to pass.
///
/// They need no test framework. With Swift Testing they make one parameterised test:
///
/// ```swift
/// @Test("my store keeps the promises of a store", arguments: RemoteStoreConformance.checks)
/// func conformance(check: RemoteStoreConformance.Check) async throws {
///     try await check.run {
///         let clock = ManualClock()
///         return .init(store: MyStore(clock: clock)) { clock.advance(by: $0) }
///     }
/// }
/// ```
public enum RemoteStoreConformance {
    /// A new, empty store, and what the checks need to know of it.
    public struct StoreUnderTest: Sendable {
        /// The store.
        ///
        /// It holds no entries.
        public var store: any RemoteStore

        /// How far the remaining life of an entry may be off, which is zero for a store with a manual clock.
        public var timeTolerance: Duration

        /// Lets time pass for the store: moves a manual clock, or sleeps.
        public var advanceTime: @Sendable (Duration) async throws -> Void

        /// Removes what the store leaves behind.
        ///
        /// It is called after the store was shut down.
        public var cleanUp: @Sendable () async throws -> Void

        /// Describes a store.
        ///
        /// - Parameters:
        ///   - store: The store, which holds no entries.
        ///   - timeTolerance: How far the remaining life of an entry may be off, from zero to 100 milliseconds.
        ///   - cleanUp: Removes what the store leaves behind.
        ///   - advanceTime: Lets time pass for the store: moves a manual clock, or sleeps. A check asks for a few
        ///     seconds in all.
        public init(
            store: any RemoteStore,
            timeTolerance: Duration = .zero,
            cleanUp: @escaping @Sendable () async throws -> Void = {},
            advanceTime: @escaping @Sendable (Duration) async throws -> Void
        ) {
            self.store = store
            self.timeTolerance = timeTolerance
            self.cleanUp = cleanUp
            self.advanceTime = advanceTime
        }
    }

    /// One promise, and how to find out whether a store keeps it.
    public struct Check: Sendable, CustomStringConvertible {
        /// The promise in a few words, different for each check.
        public let name: String

        /// The name.
        public var description: String { name }

        let body: @Sendable (StoreUnderTest) async throws -> Void

        init(_ name: String, body: @escaping @Sendable (StoreUnderTest) async throws -> Void) {
            self.name = name
            self.body = body
        }

        /// Makes a store, checks it, shuts it down and cleans up.
        ///
        /// - Parameter makeStore: Makes a new, empty store.
        /// - Throws: ``ConformanceFailure`` if the promise is broken; otherwise what the store threw.
        public func run(makeStore: () async throws -> StoreUnderTest) async throws {
            let subject = try await makeStore()
            let outcome: (any Error)?
            do {
                try await body(subject)
                outcome = nil
            } catch {
                outcome = error
            }
            await subject.store.shutdown()
            try await subject.cleanUp()
            switch outcome {
            case let failure as ConformanceFailure: throw failure.named(name)
            case let error?: throw error
            case nil: return
            }
        }
    }

    /// All checks, in an order from simple to involved.
    public static let checks: [Check] =
        reading + writing + expiry + listing + removal + versions + tombstones + races + sharing
}

/// A promise that a store broke.
public struct ConformanceFailure: Error, Hashable, CustomStringConvertible {
    /// The name of the check.
    public var check = ""

    /// What was expected, and what the store did.
    public var message: String

    /// The check and the message.
    public var description: String { "\(check): \(message)" }

    func named(_ check: String) -> ConformanceFailure {
        ConformanceFailure(check: check, message: message)
    }
}
