public import Larder
public import Logging
import NIOConcurrencyHelpers
public import NIOCore
import RESP

/// A journal of pending writes on a stream of a Redis or Valkey server or cluster, version 6.2 or newer, which one process
/// at a time owns.
///
/// It suits programs whose machines have no disk of their own, and lets another machine go on where one was lost. What it
/// keeps is as durable as the server: set `appendonly yes` and `appendfsync always`, or an acknowledged write may be lost
/// with it. Writes that come at the same time then share one sync of the disk. A failover may lose the newest writes; set
/// `min-replicas-to-write` against the rest.
///
/// ```swift
/// let journal = try RedisWriteJournal(url: "redis://10.0.0.1", name: "views")
/// ```
///
/// An owner that shows no life loses the journal after ``Configuration/leaseDuration`` to the next one who opens it;
/// whatever it does later is refused.
public final class RedisWriteJournal: Sendable {
    let configuration: Configuration
    let client: any RESPClient
    private let keys: [RESPArgument]
    private let owner = UInt64.random(in: 1...UInt64.max)
    private let clock: any Clock<Duration>
    private let logger: Logger
    private let fence = NIOLockedValueBox<String?>(nil)

    /// Begins to connect, and returns without waiting for it.
    ///
    /// - Parameters:
    ///   - configuration: Where the journal is kept, and its bounds.
    ///   - clock: The clock by which an owner is watched that shows no life.
    ///   - group: The event loops; `nil` is NIO's own group.
    ///   - logger: Where the journal tells that a connection was lost or made, and that the server keeps nothing on disk.
    /// - Throws: ``RedisStoreError`` or `RESPError` if the configuration is out of range.
    public init(
        configuration: Configuration,
        clock: any Clock<Duration> = ContinuousClock(),
        group: (any EventLoopGroup)? = nil,
        logger: Logger = .current
    ) throws {
        try configuration.validate()
        self.configuration = configuration
        self.clock = clock
        self.logger = logger
        keys = ["", ":entries", ":tokens", ":dead", ":dead:order", ":dead:wanted", ":state"]
            .map { .text("{\(configuration.name)}:journal\($0)") }
        client = try configuration.connection.client(ofCluster: configuration.cluster, group: group, logger: logger)
    }

    /// Begins to connect to a server that a URL names, with the default bounds.
    ///
    /// - Parameters:
    ///   - url: The URL; see `RESPConfiguration.init(url:)`.
    ///   - name: What the journal is called; see ``Configuration/name``.
    ///   - logger: Where the journal tells that a connection was lost or made.
    /// - Throws: ``RedisStoreError`` or `RESPError` if the name or the URL cannot be used.
    public convenience init(url: String, name: String, logger: Logger = .current) throws {
        try self.init(
            configuration: Configuration(name: name, connection: RESPConfiguration(url: url)),
            logger: logger
        )
    }

    // MARK: Scripts

    /// Runs a script of the owner.
    func own(_ script: RESPScript, _ arguments: [RESPArgument] = []) async throws -> RESPValue {
        guard let fence = fence.withLockedValue({ $0 }) else { throw notOpen }
        return try await run(script, [.text(fence)] + arguments)
    }

    /// Runs a script.
    func run(_ script: RESPScript, _ arguments: [RESPArgument]) async throws -> RESPValue {
        do {
            return try await client.execute(script, keys: keys, arguments: arguments)
        } catch let error as RESPError {
            switch (error.underlyingError as? RESPServerError)?.kind {
            case "FENCED": throw inUse
            case "LOST":
                throw RedisStoreError(
                    .journalLost,
                    "the server lost the journal '\(name)'; start the program again, and look at the server's disk",
                    underlyingError: error
                )
            case "FULL":
                throw RedisStoreError(
                    .journalFull,
                    "the journal '\(name)' is full; replay or drop dead letters, or raise its bounds",
                    underlyingError: error
                )
            default: throw error
            }
        }
    }

    private var name: String { configuration.name }

    private var inUse: CacheError {
        CacheError(
            .journalInUse,
            "Another process has the journal '\(name)'. Stop it, or give each process a journal of its own."
        )
    }

    private var notOpen: CacheError {
        CacheError(.journalUnavailable, "The journal '\(name)' is not open; open it first.")
    }
}

// MARK: - The owner

extension RedisWriteJournal: WriteJournal {
    /// A quarter of the lease's duration.
    public var leaseRenewalInterval: Duration { configuration.leaseDuration / 4 }

    /// Takes the lease, reads the pending records, and claims those that an earlier owner had handed to the sink.
    ///
    /// If another process has the journal, this waits for it to end or to show no life, up to
    /// ``Configuration/takeOverTimeout``.
    public func open() async throws -> JournalContents {
        var contents = try await takeLease()
        fence.withLockedValue { $0 = "\(contents.fence)" }
        contents.records = try await pendingRecords()
        _ = try await own(JournalScripts.tidy)
        return contents
    }

    private func takeLease() async throws -> JournalContents {
        var beat = ""
        var stillness = Duration.zero
        var waited = Duration.zero
        let pause = min(Duration.milliseconds(50), configuration.leaseDuration / 8)
        while true {
            let isForced = stillness >= configuration.leaseDuration
            let reply = try await run(
                JournalScripts.open,
                [
                    .text(String(owner, radix: 16)), .text(isForced ? beat : ""),
                    .text(String(UInt64.random(in: 1...UInt64.max), radix: 16)),
                ]
            )
            guard let parts = reply.elements, let outcome = parts.first?.integerValue else {
                throw RESPError.unexpected(reply, to: "the opening of a journal")
            }
            if outcome == 1 { return try contents(reply, parts) }
            let newBeat = parts.last?.string ?? ""
            if newBeat != beat { stillness = .zero }
            beat = newBeat
            guard waited < configuration.takeOverTimeout else { throw inUse }
            try await clock.sleep(for: pause)
            stillness += pause
            waited += pause
        }
    }

    private func contents(_ reply: RESPValue, _ parts: [RESPValue]) throws -> JournalContents {
        guard parts.count == 5, let identifier = parts[1].string.flatMap({ UInt64($0, radix: 16) }),
            let fence = parts[2].string.flatMap({ UInt64($0) }), let letters = parts[3].integerValue
        else { throw RESPError.unexpected(reply, to: "the opening of a journal") }
        if parts[4].integerValue == 0 {
            logger.warning(
                "The server keeps nothing on its disk, and loses the journal when it ends; set appendonly to yes",
                metadata: ["journal": "\(name)"]
            )
        }
        return JournalContents(identifier: identifier, fence: fence, deadLetters: letters)
    }

    private func pendingRecords() async throws -> [JournalRecord] {
        var records: [JournalRecord] = []
        var last = ""
        while true {
            let reply = try await own(JournalScripts.page, [.text(last)])
            guard let parts = reply.elements, parts.count.isMultiple(of: 6) else {
                throw RESPError.unexpected(reply, to: "a read of the journal")
            }
            for index in stride(from: 0, to: parts.count, by: 6) {
                guard let entry = parts[index].string, let number = JournalNumber(parts[index + 1]),
                    let key = parts[index + 2].stringBytes, let body = parts[index + 3].stringBytes,
                    let attempts = parts[index + 5].integerValue
                else { throw RESPError.unexpected(reply, to: "a read of the journal") }
                records.append(
                    JournalRecord(
                        sequence: number.value,
                        key: StoreKey(bytes: key),
                        body: body,
                        token: JournalNumber(parts[index + 4])?.value,
                        attempts: attempts
                    )
                )
                last = entry
            }
            if parts.isEmpty { return records.sorted { $0.sequence < $1.sequence } }
        }
    }

    /// Shows that the owner is alive.
    public func renewLease() async throws -> [DeadLetter] { try letters(await own(JournalScripts.renew)) }

    /// Gives the lease back, and disconnects.
    public func close() async {
        if fence.withLockedValue({ $0 }) != nil { _ = try? await own(JournalScripts.close) }
        fence.withLockedValue { $0 = nil }
        await client.close()
    }
}
