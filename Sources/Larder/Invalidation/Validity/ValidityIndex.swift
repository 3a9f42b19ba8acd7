/// What one node knows of the invalidations of one namespace, to tell which entries are still valid.
///
/// An entry is valid exactly when no record after its position touches it. Records of tags, patterns and everything are
/// *lazy*: applying one costs the same whatever it touches, and entries are compared with it when they are read. The
/// hit path compares one number, the mark of the entry, with ``newestLazy``; only an entry with a smaller mark is
/// judged by ``validity(ofEntryFrom:key:tags:)``, once, and then carries ``newestLazy`` as its mark.
///
/// The index is bounded. What it must forget, it takes for an invalidation of everything: it may call an entry invalid
/// that is valid, never the other way round. Applying a record twice, or records in another order, changes nothing.
package struct ValidityIndex: Sendable {
    /// How much an index keeps before it forgets the oldest.
    package struct Limits: Hashable, Sendable {
        /// How many tags.
        package var tags = 100_000
        /// How many prefixes and single keys that were named by patterns or invalidated softly.
        package var names = 100_000
        /// How many patterns; each of them may have to be matched when an entry is judged.
        package var patterns = 64
        /// How many keys whose invalidation was recent, for fences.
        package var recentKeys = 65_536

        package init() {}
    }

    private let namespace: String
    private let keyPrefixCount: Int
    private let limits: Limits
    private let judgesKeys: Bool

    private var numbering = LogNumbering()
    private var floor = TouchMarks()
    private var tags: TouchTable<String>
    private var prefixes: TouchTable<ArraySlice<UInt8>>
    private var names: TouchTable<StoreKey>
    private var patterns: [KeyPattern: TouchMarks] = [:]
    private var recentKeys: TouchTable<StoreKey>
    private var recentFloor = LogMark.oldest

    /// The mark of the newest record that may touch entries in memory.
    ///
    /// An entry with this mark or a later one is valid.
    package private(set) var newestLazy = LogMark.oldest

    /// Makes an index that knows nothing: all entries are invalid until it is told where the log begins.
    ///
    /// - Parameters:
    ///   - namespace: The name of the namespace; records of others are passed over.
    ///   - keyPrefix: What all keys of the namespace begin with, and patterns do not see.
    ///   - limits: How much the index keeps.
    ///   - judgesKeys: Whether entries are compared with records of their keys when they are read, because nobody can
    ///     find them in memory by the keys that the records name.
    package init(
        namespace: String,
        keyPrefix: StoreKey,
        limits: Limits = Limits(),
        judgesKeys: Bool = false
    ) {
        self.namespace = namespace
        self.judgesKeys = judgesKeys
        self.keyPrefixCount = keyPrefix.bytes.count
        self.limits = limits
        tags = TouchTable(limit: limits.tags)
        prefixes = TouchTable(limit: limits.names)
        names = TouchTable(limit: limits.names)
        recentKeys = TouchTable(limit: limits.recentKeys)
    }
}

// MARK: - Places in the log

extension ValidityIndex {
    /// The position up to which all records have been applied, or `nil` before the first batch.
    package var position: LogPosition? { numbering.applied }

    /// The mark for a load, or a read of the store, that begins now.
    ///
    /// It stands behind all records that this node knows to be in the log, even if it has not applied some of them
    /// yet: they were appended before the load began, so that the load sees what they announced.
    package var now: LogMark { numbering.known }

    /// The mark up to which all records have been applied.
    ///
    /// Behind it records may still come, even before those that this node has appended itself and applied already.
    package var applied: LogMark { numbering.appliedMark }

    /// The mark of an entry that was just compared with all that is known.
    package var compared: LogMark { min(newestLazy, applied) }

    /// The mark of a position that an entry of the store carries.
    ///
    /// It is the oldest for positions of another epoch: nobody knows what happened in between. It is not newer than the
    /// newest record that this node knows of, so that the marks of a later epoch are larger than all that were given
    /// away.
    package func mark(of position: LogPosition) -> LogMark { min(numbering.mark(of: position), now) }

    /// The position of a mark, for an entry on its way into the store; `nil` if the mark is of an earlier epoch.
    package func position(of mark: LogMark) -> LogPosition? { numbering.position(of: mark) }
}

// MARK: - Applying records

extension ValidityIndex {
    /// Applies what the log has answered.
    ///
    /// Batches have to come in the order in which the log gave them.
    package mutating func apply(_ batch: LogBatch) {
        if batch.isAfterGap || batch.position.epoch != numbering.epoch {
            restart(at: batch.position)
        }
        for logged in batch.records {
            apply(logged.record, at: LogPosition(epoch: batch.position.epoch, offset: logged.offset))
        }
        numbering.advance(to: batch.position)
    }

    /// Applies records that this node has appended itself, before the log hands them out.
    ///
    /// - Parameters:
    ///   - records: The records of one append.
    ///   - end: The position that the append has returned.
    package mutating func apply(_ records: [InvalidationRecord], endingAt end: LogPosition) {
        // The log was replaced after the append: nobody else learns of the records, and they have no place in the new log.
        if numbering.isOver(end.epoch) { return forgetAll() }
        // The log was replaced, and this node is the first to notice.
        if end.epoch != numbering.epoch { restart(at: end) }
        for (index, record) in records.reversed().enumerated() {
            apply(record, at: LogPosition(epoch: end.epoch, offset: end.offset - UInt64(index)))
        }
        numbering.learn(of: end)
    }

    /// Makes all entries invalid.
    private mutating func forgetAll() {
        numbering.renumber()
        recentFloor = numbering.known
        touchAll(TouchMarks(hard: numbering.known))
    }

    /// Makes all entries before a position invalid, because records before it are lost.
    private mutating func restart(at position: LogPosition) {
        numbering.restart(at: position)
        let mark = numbering.mark(of: position)
        recentFloor = max(recentFloor, mark)
        touchAll(TouchMarks(hard: mark))
    }

    private mutating func apply(_ record: InvalidationRecord, at position: LogPosition) {
        guard record.namespace == namespace else { return }
        let mark = numbering.mark(of: position)
        let isSoft = record.isSoft
        switch record.target {
        case .keys(let keys):
            for key in keys {
                if let forgotten = recentKeys.touch(key, at: mark, isSoft: isSoft) {
                    recentFloor = max(recentFloor, forgotten.newest)
                }
            }
            // A hard invalidation removes the key from memory; after a soft one the entry stays, and is judged.
            if isSoft || judgesKeys { for key in keys { touch(key, at: mark, isSoft: isSoft) } }
        case .tags(let tags):
            for tag in tags { touchAll(self.tags.touch(tag, at: mark, isSoft: isSoft)) }
            newestLazy = max(newestLazy, mark)
        case .pattern(let pattern):
            apply(pattern, at: mark, isSoft: isSoft)
            newestLazy = max(newestLazy, mark)
        case .everything:
            var marks = TouchMarks()
            marks.raise(to: mark, isSoft: isSoft)
            touchAll(marks)
        }
    }

    /// Has the entry of a key judged when it is read.
    private mutating func touch(_ key: StoreKey, at mark: LogMark, isSoft: Bool) {
        touchAll(names.touch(key, at: mark, isSoft: isSoft))
        newestLazy = max(newestLazy, mark)
    }

    /// Files a pattern where it is found quickest: as a prefix of whole parts of a key, or in the list.
    private mutating func apply(_ pattern: KeyPattern, at mark: LogMark, isSoft: Bool) {
        if pattern.isPrefix, pattern.literalPrefix.last == UInt8(ascii: ":") {
            touchAll(prefixes.touch(pattern.literalPrefix[...], at: mark, isSoft: isSoft))
            return
        }
        patterns[pattern, default: TouchMarks()].raise(to: mark, isSoft: isSoft)
        while patterns.count > max(limits.patterns, 1) {
            guard let oldest = patterns.min(by: { $0.value.newest < $1.value.newest }) else { return }
            patterns[oldest.key] = nil
            touchAll(oldest.value)
        }
    }

    private mutating func touchAll(_ marks: TouchMarks?) {
        guard let marks else { return }
        floor.raise(to: marks)
        newestLazy = max(newestLazy, marks.newest)
    }
}

// MARK: - Judging entries

extension ValidityIndex {
    /// Judges an entry by all that is known.
    ///
    /// - Parameters:
    ///   - mark: The entry's mark.
    ///   - key: The entry's key in the form of the store.
    ///   - entryTags: The entry's tags.
    /// - Returns: Whether the entry may be served.
    /// - Complexity: O(number of tags + length of the key), and the length of the key again for each pattern.
    package func validity(
        ofEntryFrom mark: LogMark,
        key: StoreKey,
        tags entryTags: some Sequence<String> = EmptyCollection()
    ) -> Validity {
        let marks = marks(of: key, tags: entryTags, since: mark)
        return marks.hard > mark ? .hardInvalid : marks.soft > mark ? .softInvalid : .valid
    }

    /// Whether something may have made a copy invalid since a mark, other than softly.
    ///
    /// - Parameters:
    ///   - key: The key in the form of the store.
    ///   - entryTags: The tags of the entry.
    ///   - mark: The mark at which the copy could be served.
    /// - Returns: `true` also if the index has forgotten what happened since then.
    package func isRemoved(
        _ key: StoreKey,
        tags entryTags: some Sequence<String> = EmptyCollection(),
        since mark: LogMark
    ) -> Bool {
        recentFloor > mark || validity(ofEntryFrom: mark, key: key, tags: entryTags) == .hardInvalid
    }

    /// What kind of record has made an entry invalid: the newest that touches it.
    func missReason(ofEntryFrom mark: LogMark, key: StoreKey, tags entryTags: Set<String>) -> MissReason {
        let name = key.bytes.dropFirst(keyPrefixCount)
        let ends = prefixes.isEmpty ? [] : name.indices.filter { name[$0] == UInt8(ascii: ":") }
        let touches: [(MissReason, LogMark?)] = [
            (.cleared, floor.newest),
            (.tag, entryTags.compactMap { tags[$0]?.newest }.max()),
            (.removed, [names[key]?.newest, recentKeys[key]?.newest].compactMap { $0 }.max()),
            (
                .pattern,
                (ends.compactMap { prefixes[name[...$0]]?.newest }
                    + patterns.filter { $0.key.matches(name) }.map(\.value.newest))
                    .max()
            ),
        ]
        let newest = touches.compactMap { reason, touch in touch.map { (reason, $0) } }.max { $0.1 < $1.1 }
        return newest.flatMap { $0.1 > mark ? $0.0 : nil } ?? .cleared
    }

    private func marks(of key: StoreKey, tags entryTags: some Sequence<String>, since mark: LogMark) -> TouchMarks {
        var marks = floor
        if !tags.isEmpty { for tag in entryTags { tags[tag].map { marks.raise(to: $0) } } }
        if !names.isEmpty { names[key].map { marks.raise(to: $0) } }
        recentKeys[key].map { marks.raise(to: $0) }
        let name = key.bytes.dropFirst(keyPrefixCount)
        if !prefixes.isEmpty {
            for index in name.indices where name[index] == UInt8(ascii: ":") {
                prefixes[name[...index]].map { marks.raise(to: $0) }
            }
        }
        for (pattern, touch) in patterns where touch.newest > max(mark, marks.hard) && pattern.matches(name) {
            marks.raise(to: touch)
        }
        return marks
    }

    /// Whether anything may have touched a key since a mark, so that what was loaded from then on must not be stored.
    ///
    /// - Parameters:
    ///   - key: The key in the form of the store.
    ///   - entryTags: The tags that the entry would carry.
    ///   - mark: The mark of the moment in which the load began.
    /// - Returns: `true` also if the index has forgotten what happened since then.
    package func isTouched(
        _ key: StoreKey,
        tags entryTags: some Sequence<String> = EmptyCollection(),
        since mark: LogMark
    ) -> Bool {
        recentFloor > mark || validity(ofEntryFrom: mark, key: key, tags: entryTags) != .valid
    }
}
