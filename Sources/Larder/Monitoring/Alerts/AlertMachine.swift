import struct Foundation.Date

/// The life of one alert: a value that is told what was read, and says what to tell others.
struct AlertMachine: Sendable {
    private let rule: AlertRule
    private let namespace: String?

    /// The alert; `nil` while there is nothing to tell of.
    private(set) var alert: Alert?

    /// When the state began, and when all began to be well, on the clock of durations.
    private var since = Duration.zero
    private var wellSince: Duration?

    /// Whether others have been told that it fires.
    private var isAnnounced = false

    init(_ rule: AlertRule, namespace: String?) {
        self.rule = rule
        self.namespace = namespace
    }

    /// Takes a reading.
    ///
    /// - Parameters:
    ///   - reading: What was read; `nil` where that tells nothing, which counts as well.
    ///   - now: The time, never less than before.
    ///   - date: The time on the wall.
    ///   - isSilenced: Whether nobody shall be told now.
    /// - Returns: The alert, if others are to be told of it: once when it fires, or the silence ends, and once when it is
    ///   resolved.
    mutating func take(_ reading: AlertReading?, at now: Duration, _ date: Date, isSilenced: Bool) -> Alert? {
        if let reading {
            alert?.value = reading.value
            alert?.limit = reading.limit
        }
        switch alert?.state {
        case nil, .resolved:
            guard let reading, reading.isBad else { return nil }
            isAnnounced = false
            begin(.pending, reading, now, date)
            return fireIfHeld(now, date, isSilenced)
        case .pending:
            guard reading?.isBad == true else {
                alert = nil
                return nil
            }
            return fireIfHeld(now, date, isSilenced)
        case .firing:
            guard reading?.isWell(margin: rule.margin) ?? true else {
                wellSince = nil
                return announce(isSilenced)
            }
            wellSince = wellSince ?? now
            guard let wellSince, now - wellSince >= rule.quietTime else { return announce(isSilenced) }
            alert?.state = .resolved
            alert?.since = date
            return isAnnounced && !isSilenced ? alert : nil
        }
    }

    private mutating func fireIfHeld(_ now: Duration, _ date: Date, _ isSilenced: Bool) -> Alert? {
        guard now - since >= rule.holdTime else { return nil }
        alert?.state = .firing
        alert?.since = date
        wellSince = nil
        return announce(isSilenced)
    }

    private mutating func announce(_ isSilenced: Bool) -> Alert? {
        guard !isAnnounced, !isSilenced else { return nil }
        isAnnounced = true
        return alert
    }

    private mutating func begin(_ state: Alert.State, _ reading: AlertReading, _ now: Duration, _ date: Date) {
        since = now
        alert = Alert(
            rule: rule.name,
            namespace: namespace,
            state: state,
            value: reading.value,
            limit: reading.limit,
            since: date
        )
    }
}
