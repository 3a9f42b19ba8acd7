public import Larder
import RESP

extension RedisWriteJournal {
    /// Keeps records in one step.
    public func append(_ records: [JournalRecord]) async throws {
        guard !records.isEmpty else { return }
        _ = try await own(
            JournalScripts.append,
            [.integer(configuration.maximumRecords)] + records.flatMap(arguments)
        )
    }

    /// Notes that records are about to be handed to the sink.
    public func claim(_ claims: [JournalClaim]) async throws {
        guard !claims.isEmpty else { return }
        _ = try await own(
            JournalScripts.claim,
            claims.flatMap { claim in
                [JournalNumber.argument(claim.token), .integer(claim.attempts), .integer(claim.sequences.count)]
                    + claim.sequences.map(JournalNumber.argument)
            }
        )
    }

    /// Forgets what is done, and moves what was given up to the dead letters.
    public func settle(_ settlements: [JournalSettlement]) async throws {
        guard !settlements.isEmpty else { return }
        _ = try await own(
            JournalScripts.settle,
            [.integer(configuration.maximumDeadLetters)]
                + settlements.flatMap { settlement -> [RESPArgument] in
                    let done = settlement.sequences.map(JournalNumber.argument)
                    guard let letter = settlement.deadLetter else { return [.integer(done.count)] + done + [""] }
                    return [.integer(done.count)] + done + [
                        JournalNumber.argument(letter.number), .integer(letter.attempts), .bytes(letter.key.bytes),
                        .text(letter.reason), .bytes(letter.body),
                    ]
                }
        )
    }

    /// Makes pending records of dead letters.
    public func revive(_ records: [JournalRecord]) async throws {
        guard !records.isEmpty else { return }
        _ = try await own(
            JournalScripts.revive,
            [.integer(configuration.maximumRecords)] + records.flatMap(arguments)
        )
    }

    private func arguments(_ record: JournalRecord) -> [RESPArgument] {
        [
            JournalNumber.argument(record.sequence), record.token.map(JournalNumber.argument) ?? "",
            .bytes(record.key.bytes), .bytes(record.body),
        ]
    }

    // MARK: Dead letters

    /// Lists dead letters; for this the lease is not needed.
    public func deadLetters(after number: UInt64?, limit: Int) async throws -> [DeadLetter] {
        let start = number.map(JournalNumber.argument) ?? ""
        return try letters(await run(JournalScripts.list, [start, .integer(max(0, limit))]))
    }

    /// Asks the owner to try dead letters again; for this the lease is not needed.
    @discardableResult
    public func requestReplay(of numbers: [UInt64]?) async throws -> Int { try await change("replay", numbers) }

    /// Forgets dead letters; for this the lease is not needed.
    @discardableResult
    public func dropDeadLetters(_ numbers: [UInt64]?) async throws -> Int { try await change("drop", numbers) }

    private func change(_ verb: RESPArgument, _ numbers: [UInt64]?) async throws -> Int {
        let named = Set(numbers ?? []).map(JournalNumber.argument)
        let reply = try await run(JournalScripts.change, [verb, numbers == nil ? "all" : "named"] + named)
        guard let count = reply.integerValue else { throw RESPError.unexpected(reply, to: "a change of dead letters") }
        return count
    }

    /// Reads dead letters from a reply.
    func letters(_ reply: RESPValue) throws -> [DeadLetter] {
        guard let parts = reply.elements, parts.count.isMultiple(of: 5) else {
            throw RESPError.unexpected(reply, to: "a read of dead letters")
        }
        return try stride(from: 0, to: parts.count, by: 5)
            .map { index in
                guard let number = JournalNumber(parts[index]),
                    let attempts = parts[index + 1].string.flatMap({ Int($0) }),
                    let key = parts[index + 2].stringBytes, let reason = parts[index + 3].string,
                    let body = parts[index + 4].stringBytes
                else { throw RESPError.unexpected(reply, to: "a read of dead letters") }
                return DeadLetter(
                    number: number.value,
                    key: StoreKey(bytes: key),
                    body: body,
                    attempts: attempts,
                    reason: reason
                )
            }
    }
}

/// The number of a record or of a token, as the server holds it: 20 digits, so that they sort as they count.
struct JournalNumber {
    let value: UInt64

    init?(_ reply: RESPValue) {
        guard let value = reply.string.flatMap({ UInt64($0) }) else { return nil }
        self.value = value
    }

    static func argument(_ number: UInt64) -> RESPArgument {
        let digits = String(number)
        return .text(String(repeating: "0", count: 20 - digits.utf8.count) + digits)
    }
}
