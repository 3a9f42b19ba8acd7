/// Finds out what might be done, from what a snapshot says alone.
enum Advisor {
    /// The gain or loss of the hit ratio that is worth a change.
    private static let worthwhile = 0.01
    /// The loss of the hit ratio that nobody notices.
    private static let negligible = 0.002
    /// How many reads a window needs for its shares to tell anything.
    private static let minimumRequests = 200
    /// The share of a namespace's reads from which on one key is hot.
    private static let hotShare = 0.1

    /// What might be done, what brings most reads more first.
    static func advice(on namespaces: [SnapshotNamespace]) -> [Advice] {
        let requests = Dictionary(uniqueKeysWithValues: namespaces.map { ($0.name, Double($0.recent.requests)) })
        return namespaces.flatMap(advice)
            .sorted { ($0.gain ?? 0) * (requests[$0.namespace] ?? 0) > ($1.gain ?? 0) * (requests[$1.namespace] ?? 0) }
    }

    static func advice(on namespace: SnapshotNamespace) -> [Advice] {
        [failures(namespace), capacity(namespace), lifetime(namespace), hotKey(namespace)].compactMap { $0 }
            + configuration(namespace)
    }

    // MARK: Capacity

    private static func capacity(_ namespace: SnapshotNamespace) -> Advice? {
        let now = namespace.entryCapacity
        guard let present = namespace.expectedHitRatio(atCapacity: now) else { return nil }
        func text(_ amount: String, _ capacity: Int, _ ratio: Double, _ end: String) -> String {
            """
            \(amount) the capacity, \(Figure.count(capacity)) entries, would have memory answer \(Figure.percent(ratio)) \
            of the reads instead of \(Figure.percent(present))\(end)
            """
        }
        if let doubled = namespace.expectedHitRatio(atCapacity: 2 * now), doubled - present >= worthwhile {
            return Advice(
                .capacity,
                namespace: namespace.name,
                text: text("Twice", 2 * now, doubled, "\(spared(doubled - present, namespace))."),
                gain: doubled - present
            )
        }
        let isFull = namespace.settings.unit != "entries" || namespace.recent.entries > now / 2
        guard isFull, now > 1, let half = namespace.expectedHitRatio(atCapacity: now / 2) else { return nil }
        guard present - half <= negligible else { return nil }
        return Advice(
            .capacity,
            namespace: namespace.name,
            text: text("Half", now / 2, half, ": the memory may serve others better.")
        )
    }

    // MARK: Lifetimes

    private static func lifetime(_ namespace: SnapshotNamespace) -> Advice? {
        let counts = namespace.recent
        guard counts.requests >= minimumRequests, let ratio = counts.hitRatio else { return nil }
        let expired = Double(counts.missReasons["expired"] ?? 0) / Double(counts.requests)
        let gains = namespace.lifetimes.filter { $0.factor > 1 }.map { ($0.factor, expired * (1 - $0.expirations)) }
        // The shortest of those that bring nearly all that can be had.
        guard let most = gains.map(\.1).max(), most >= worthwhile,
            let (factor, gain) = gains.first(where: { $0.1 >= 0.8 * most })
        else { return nil }
        let lifetime = namespace.settings.timeToLive
        return Advice(
            .lifetime,
            namespace: namespace.name,
            text: """
                A time to live of \(Figure.duration(lifetime * factor)) instead of \(Figure.duration(lifetime)) would \
                answer \(Figure.percent(min(1, ratio + gain))) of the reads instead of \(Figure.percent(ratio))\
                \(spared(gain, namespace)), if values may be as old as that.
                """,
            gain: gain
        )
    }

    /// What a gain spares the origin in the window.
    private static func spared(_ gain: Double, _ namespace: SnapshotNamespace) -> String {
        let loads = Int((gain * Double(namespace.recent.requests)).rounded())
        guard loads > 0 else { return "" }
        let time = Double(loads) * namespace.latencies.origin.mean
        let seconds = time > 0 ? " and \(Figure.duration(time)) of loading" : ""
        return ", up to \(Figure.count(loads)) misses\(seconds) fewer in this window"
    }

    // MARK: Hot keys

    private static func hotKey(_ namespace: SnapshotNamespace) -> Advice? {
        guard let key = namespace.hottestKeys.first, key.share >= hotShare, !namespace.settings.refreshesAhead else {
            return nil
        }
        guard namespace.recent.requests >= minimumRequests, namespace.settings.timeToLive > 0 else { return nil }
        return Advice(
            .hotKey,
            namespace: namespace.name,
            text: """
                The key \(key.key) makes up \(Figure.percent(key.share)) of the reads, and all of them wait when it expires; \
                have it refreshed ahead.
                """
        )
    }

    // MARK: Settings

    private static func configuration(_ namespace: SnapshotNamespace) -> [Advice] {
        var messages = namespace.findings.map { "\($0.settings.joined(separator: ", ")): \($0.message)" }
        let (grace, lifetime) = (namespace.settings.grace, namespace.settings.timeToLive)
        if grace > 0, grace < lifetime {
            messages.append(
                """
                grace, timeToLive: stale copies are gone \(Figure.duration(grace)) after they expire, so an outage that \
                outlasts a time to live of \(Figure.duration(lifetime)) ends in errors; make grace at least as long.
                """
            )
        }
        return messages.map { Advice(.configuration, namespace: namespace.name, text: $0) }
    }

    // MARK: Failures

    private static func failures(_ namespace: SnapshotNamespace) -> Advice? {
        let counts = namespace.recent
        let undecodable = counts.undecodable.values.reduce(0, +)
        var texts: [String] = []
        if counts.failedLoads > 0, namespace.settings.grace == 0 {
            texts.append(
                """
                \(Figure.count(counts.failedLoads)) of \(Figure.count(counts.loads)) loads failed, and no stale copy could \
                stand in; give the policy a grace.
                """
            )
        }
        if counts.refusedLoads > 0 {
            texts.append(
                """
                \(Figure.count(counts.refusedLoads)) loads were refused because as many ran and waited as are allowed; \
                raise the limits of loads, or give the policy a grace.
                """
            )
        }
        if undecodable > 0 {
            let reasons = counts.undecodable.keys.sorted().joined(separator: ", ")
            texts.append(
                """
                \(Figure.count(undecodable)) entries of the store could not be used (\(reasons)); see to it that all \
                processes write the same schema.
                """
            )
        }
        guard !texts.isEmpty else { return nil }
        return Advice(.failures, namespace: namespace.name, text: texts.joined(separator: " "))
    }
}
