/// Turns the positions of a log into marks, and back.
struct LogNumbering: Sendable {
    private(set) var epoch: UInt64?
    /// Where the records of the epoch begin that this node knows of.
    private var base: UInt64 = 0
    /// The mark of the base.
    private var baseMark = LogMark.oldest
    private var appliedOffset: UInt64 = 0

    /// The mark of the newest record that this node knows of.
    private(set) var known = LogMark.oldest

    /// The position up to which all records have been applied.
    var applied: LogPosition? { epoch.map { LogPosition(epoch: $0, offset: appliedOffset) } }

    /// The mark of that position.
    var appliedMark: LogMark { applied.map(mark(of:)) ?? .oldest }

    /// The last epochs before this one.
    private var pastEpochs: [UInt64] = []
    private static let pastLimit = 16

    /// Whether an epoch is over, as far as this node knows.
    func isOver(_ other: UInt64) -> Bool { other != epoch && pastEpochs.contains(other) }

    /// Gives the position up to which all has been applied a mark that is larger than each that was given away.
    mutating func renumber() {
        base = appliedOffset
        baseMark = LogMark(known.number + 1)
        known = baseMark
    }

    /// Begins an epoch, or goes on in the same one behind a gap.
    mutating func restart(at position: LogPosition) {
        if position.epoch != epoch {
            pastEpochs = (pastEpochs + [epoch].compactMap { $0 }).suffix(Self.pastLimit)
            epoch = position.epoch
            base = position.offset
            // Larger than each mark that was ever given away.
            baseMark = LogMark(known.number + 1)
        }
        appliedOffset = position.offset
        learn(of: position)
    }

    mutating func advance(to position: LogPosition) {
        appliedOffset = max(appliedOffset, position.offset)
        learn(of: position)
    }

    mutating func learn(of position: LogPosition) {
        known = max(known, mark(of: position))
    }

    func mark(of position: LogPosition) -> LogMark {
        guard position.epoch == epoch, position.offset >= base else { return .oldest }
        return LogMark(baseMark.number &+ (position.offset - base))
    }

    func position(of mark: LogMark) -> LogPosition? {
        guard let epoch, mark >= baseMark else { return nil }
        return LogPosition(epoch: epoch, offset: base + (mark.number - baseMark.number))
    }
}
