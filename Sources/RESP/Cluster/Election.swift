/// What several servers agree on.
///
/// One server may be cut off from the others, or may not have heard yet; so what more than half of those that were
/// asked say is believed at once, and without that what most of them say, for the time being.
struct Election<Ballot: Hashable & Sendable>: Sendable {
    private let voters: Int
    private var votes: [Ballot: Int] = [:]

    /// Begins to count.
    ///
    /// - Parameter voters: How many servers are asked.
    init(voters: Int) {
        self.voters = voters
    }

    /// Whether more than half of the voters agree.
    var isDecided: Bool { votes.values.contains { 2 * $0 > voters } }

    /// What most voters say; `nil` if none has said anything, or if several things were said equally often.
    var leader: Ballot? {
        guard let most = votes.values.max() else { return nil }
        let leaders = votes.filter { $0.value == most }
        return leaders.count == 1 ? leaders.first?.key : nil
    }

    /// Counts what a voter says.
    mutating func receive(_ ballot: Ballot) {
        votes[ballot, default: 0] += 1
    }
}
