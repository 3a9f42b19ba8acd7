/// The decisions of one node about one namespace: what it may serve, what it may store, and what an invalidation does.
///
/// It does nothing itself: it has no tiers, no log, no lock and no clock, so that the cache and a simulation can drive
/// the same code. Times are durations since a moment of the driver's choice.
///
/// - A **read** of memory asks ``service(ofEntryFrom:key:tags:at:)``.
/// - A **miss** takes a ticket with ``beginLoad(at:)`` before it reads the store, asks
///   ``admission(ofStoredFrom:key:tags:ticket:at:)`` about what it finds there, and
///   ``outcome(of:key:tags:seen:at:)`` about what it loads.
/// - An **invalidation** buries what ``keysToBury(by:)`` names, appends to the log, calls
///   ``apply(_:endingAt:)``, does what that says, and only then returns.
/// - What the **log** answers goes to ``apply(_:askedAt:)``, in order.
package struct InvalidationNode: Sendable {
    /// The times of a node.
    package struct Configuration: Hashable, Sendable {
        /// For how long a node trusts what it has without hearing from the log.
        package var maximumSilence = Duration.seconds(5)
        /// How long a load may take whose value is stored.
        package var loadDeadline = Duration.seconds(30)
        /// How long a tombstone stands; longer than ``loadDeadline``.
        package var tombstoneLife = Duration.seconds(60)

        package init() {}
    }

    /// What a node does with its tiers because of records.
    package struct Effects: Hashable, Sendable {
        /// Keys whose entries leave memory, and whose loads nobody joins any more.
        package var touchedKeys: [StoreKey] = []
        /// For each of these keys, the mark from which on entries are new enough to stay.
        package var touchedMarks: [LogMark] = []
        /// Whether nobody joins any load any more: of lazy records it is not known whose loads they touch.
        package var touchesAllLoads = false
    }

    package let configuration: Configuration
    let fences: Fences
    private let namespace: String
    package private(set) var index: ValidityIndex
    /// When the log was last asked and had nothing more.
    package private(set) var lastContact: Duration?

    package init(
        namespace: String,
        keyPrefix: StoreKey,
        configuration: Configuration = Configuration(),
        limits: ValidityIndex.Limits = ValidityIndex.Limits(),
        judgesKeys: Bool = false,
        fences: Fences = .complete
    ) {
        self.configuration = configuration
        self.fences = fences
        self.namespace = namespace
        index = ValidityIndex(namespace: namespace, keyPrefix: keyPrefix, limits: limits, judgesKeys: judgesKeys)
    }

    /// The position to read the log from.
    package var position: LogPosition? { index.position }

    /// The last moment at which what the node has is trusted, if it hears nothing until then.
    package var trustEnd: Duration {
        guard fences.contains(.silence) else { return .nanoseconds(Int64.max) }
        return lastContact.map { $0 + configuration.maximumSilence } ?? .zero
    }

    /// Whether the node has heard nothing for so long that what it has may be old.
    package func isCutOff(at now: Duration) -> Bool { now > trustEnd }
}

// MARK: - Records

extension InvalidationNode {
    /// Applies what the log has answered.
    ///
    /// - Parameters:
    ///   - batch: The answer.
    ///   - time: When the log was asked; what was appended after that may be missing.
    /// - Returns: What to do with the tiers.
    package mutating func apply(_ batch: LogBatch, askedAt time: Duration) -> Effects {
        var batch = batch
        if !fences.contains(.gaps), index.position?.epoch == batch.position.epoch { batch.isAfterGap = false }
        index.apply(batch)
        if batch.recordsBehind == 0, !batch.isAfterGap { lastContact = max(lastContact ?? time, time) }
        var effects = effects(of: batch.records, epoch: batch.position.epoch)
        if batch.isAfterGap { effects.touchesAllLoads = fences.contains(.freshLoads) }
        return effects
    }

    /// Applies records that this node has appended.
    ///
    /// - Parameters:
    ///   - records: The records.
    ///   - end: The position that the append has returned.
    /// - Returns: What to do with the tiers, before the invalidation returns.
    package mutating func apply(_ records: [InvalidationRecord], endingAt end: LogPosition) -> Effects {
        index.apply(records, endingAt: end)
        let first = end.offset - UInt64(records.count) + 1
        let logged = zip(records, first...).map { LoggedInvalidation($0, at: $1) }
        return effects(of: logged, epoch: end.epoch)
    }

    /// The keys to bury in the store before records are appended.
    ///
    /// What was invalidated softly stays in the store, and is judged by its position.
    package func keysToBury(by records: [InvalidationRecord]) -> [StoreKey] {
        records.flatMap { record -> [StoreKey] in
            guard !record.isSoft, record.namespace == namespace, case .keys(let keys) = record.target else { return [] }
            return keys
        }
    }

    /// Whether burying means a tombstone, and not only a removal.
    package var leavesTombstones: Bool { fences.contains(.tombstones) }

    private func effects(of records: [LoggedInvalidation], epoch: UInt64) -> Effects {
        var effects = Effects()
        for logged in records where logged.record.namespace == namespace {
            if case .keys(let keys) = logged.record.target {
                guard !logged.record.isSoft else { continue }
                let mark = index.mark(of: LogPosition(epoch: epoch, offset: logged.offset))
                effects.touchedKeys += keys
                effects.touchedMarks += keys.map { _ in mark }
            } else {
                effects.touchesAllLoads = effects.touchesAllLoads || fences.contains(.freshLoads)
            }
        }
        return effects
    }

    /// Whether who comes after an invalidation of a key loads anew.
    package var detachesLoads: Bool { fences.contains(.freshLoads) }
}
