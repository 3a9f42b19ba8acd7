import LarderTesting

/// How long each version of the probe took to be seen by the last of the other nodes.
struct Delays {
    /// From the return of the change on, to the last of the first sightings.
    private var spans: [ClosedRange<Int64>] = []

    init(_ sightings: [[InvalidationHistory.Event]]) {
        for change in sightings[0] {
            let firsts = sightings.dropFirst().map { $0.first { $0.version >= change.version }?.start }
            guard !firsts.contains(nil), let last = firsts.compactMap(\.self).max() else { continue }
            spans.append(change.end...max(change.end, last))
        }
    }

    /// All delays in milliseconds, in order.
    var all: [Double] { milliseconds(of: spans) }

    /// The delays in milliseconds, in order, but for those in which nodes or the server were held up on purpose.
    func undisturbed(by troubles: [ClosedRange<Int64>]) -> [Double] {
        milliseconds(of: spans.filter { span in !troubles.contains { $0.overlaps(span) } })
    }

    private func milliseconds(of spans: [ClosedRange<Int64>]) -> [Double] {
        spans.map { Double($0.upperBound - $0.lowerBound) / 1e6 }.sorted()
    }
}
