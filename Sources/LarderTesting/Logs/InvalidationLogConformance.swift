public import Larder

/// The checks that every `InvalidationLog` has to pass.
///
/// They need no test framework. With Swift Testing they make one parameterised test:
///
/// ```swift
/// @Test("my log keeps the promises of a log", arguments: InvalidationLogConformance.checks)
/// func conformance(check: InvalidationLogConformance.Check) async throws {
///     try await check.run { .init(log: MyLog(limit: $0)) }
/// }
/// ```
public enum InvalidationLogConformance {
    /// A new, empty log, and what the checks need to know of it.
    public struct LogUnderTest: Sendable {
        /// The log.
        ///
        /// It holds no records, and keeps at least as many as were asked for, and at most twice as many.
        public var log: any InvalidationLog

        /// How another process would open the same log, or `nil` for a log that cannot be shared.
        public var openAnother: (@Sendable () async throws -> any InvalidationLog)?

        /// Removes what the log leaves behind.
        ///
        /// It is called after the log was shut down.
        public var cleanUp: @Sendable () async throws -> Void

        /// Describes a log.
        ///
        /// - Parameters:
        ///   - log: The log, which holds no records.
        ///   - cleanUp: Removes what the log leaves behind.
        ///   - openAnother: How another process would open the same log.
        public init(
            log: any InvalidationLog,
            cleanUp: @escaping @Sendable () async throws -> Void = {},
            openAnother: (@Sendable () async throws -> any InvalidationLog)? = nil
        ) {
            self.log = log
            self.cleanUp = cleanUp
            self.openAnother = openAnother
        }
    }

    /// One promise, and how to find out whether a log keeps it.
    public struct Check: Sendable, CustomStringConvertible {
        /// The promise in a few words, different for each check.
        public let name: String

        /// The name.
        public var description: String { name }

        let limit: Int
        let body: @Sendable (LogUnderTest) async throws -> Void

        init(_ name: String, limit: Int = 10_000, body: @escaping @Sendable (LogUnderTest) async throws -> Void) {
            self.name = name
            self.limit = limit
            self.body = body
        }

        /// Makes a log, checks it, shuts it down and cleans up.
        ///
        /// - Parameter makeLog: Makes a new, empty log that keeps as many records as it is told.
        /// - Throws: ``ConformanceFailure`` if the promise is broken; otherwise what the log threw.
        public func run(makeLog: (_ limit: Int) async throws -> LogUnderTest) async throws {
            let subject = try await makeLog(limit)
            let outcome: (any Error)?
            do {
                try await body(subject)
                outcome = nil
            } catch {
                outcome = error
            }
            await subject.log.shutdown()
            try await subject.cleanUp()
            switch outcome {
            case let failure as ConformanceFailure: throw failure.named(name)
            case let error?: throw error
            case nil: return
            }
        }
    }

    /// All checks, in an order from simple to involved.
    public static let checks: [Check] = order + gaps + waiting + sharing
}
