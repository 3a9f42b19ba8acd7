public import Foundation
public import Larder

/// What the caches of a process did in a window, and how they are now: the one source of the report, the dashboard and
/// `larder top`.
///
/// Its JSON form has a ``format``; see <doc:Snapshots>. Texts of keys in it are what users of the service chose, and have to
/// be escaped wherever they are shown.
public struct MonitoringSnapshot: Codable, Hashable, Sendable {
    /// The version of the form that this module writes and reads.
    public static let currentFormat = 1

    /// The version of the form.
    public private(set) var format = MonitoringSnapshot.currentFormat

    /// What the process calls itself.
    public var title: String

    /// When the snapshot was taken.
    public var time: Date

    /// What ``recent`` and latencies are of.
    public var window: StatisticsWindow

    /// For how long the process has been monitored, in seconds.
    public var uptime: Double

    /// The memory that the process takes, in bytes, as the system measures it; `nil` where it does not say.
    public var processBytes: Int?

    /// The state of the breaker before the store: `closed`, `open` or `halfOpen`; `nil` if there is none.
    public var storeBreaker: String?

    /// Since the start, of all namespaces together.
    public var total: SnapshotCounts

    /// In the window, of all namespaces together.
    public var recent: SnapshotCounts

    /// How long reads of the store, loads, and the age of stale answers were in the window, of all namespaces together.
    public var latencies: SnapshotLatencies

    /// The steps of the window, the oldest first: of all namespaces together, or of the one named by ``historyOf``.
    public var history: [SnapshotStep]

    /// The namespace that ``history`` is of; `nil` for all.
    public var historyOf: String?

    /// The namespaces, those with the most requests in the window first.
    public var namespaces: [SnapshotNamespace]

    /// How many namespaces are left out because there are too many; they count in the sums.
    public var omittedNamespaces: Int

    /// The hottest keys of all namespaces, the hottest first.
    public var hottestKeys: [SnapshotHotKey]

    /// The alerts that are pending or fire.
    public var alerts: [Alert]

    /// The newest alerts that fired or were resolved, the newest first.
    public var recentAlerts: [Alert]

    /// What might be done, what brings most first.
    public var advice: [Advice]
}

extension MonitoringSnapshot {
    /// Reads the JSON form.
    ///
    /// - Parameter json: The bytes.
    /// - Throws: ``SnapshotError`` if they are no snapshot, or one in a form that this version does not know.
    public init(json: Data) throws(SnapshotError) {
        struct Form: Decodable { let format: Int }
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        do {
            let format = try decoder.decode(Form.self, from: json).format
            guard format == Self.currentFormat else { throw SnapshotError(.unknownFormat(format)) }
            self = try decoder.decode(Self.self, from: json)
        } catch let error as SnapshotError {
            throw error
        } catch {
            throw SnapshotError(.noSnapshot, underlyingError: error)
        }
    }

    /// The JSON form, in one line.
    ///
    /// - Throws: What kept it from being encoded, such as a number that is none.
    public func json() throws -> Data {
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .iso8601
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(self)
    }
}

/// What was read is no snapshot that this version can use.
public struct SnapshotError: Error, CustomStringConvertible {
    /// What is wrong.
    public enum Code: Hashable, Sendable {
        /// The bytes are no snapshot.
        case noSnapshot
        /// The snapshot has a form of another version.
        case unknownFormat(Int)
    }

    /// What is wrong.
    public let code: Code

    /// What the decoder said, if it did.
    public let underlyingError: (any Error)?

    init(_ code: Code, underlyingError: (any Error)? = nil) {
        self.code = code
        self.underlyingError = underlyingError
    }

    /// What is wrong, and what to do.
    public var description: String {
        switch code {
        case .noSnapshot:
            "This is no monitoring snapshot; give the address of a dashboard, or a file with what it serves as snapshot.json."
        case .unknownFormat(let format):
            """
            The snapshot has the form \(format), and this version reads the form \(MonitoringSnapshot.currentFormat); \
            use the version of Larder that wrote it.
            """
        }
    }
}
