/// Which entries were derived from which others.
///
/// An edge says that a *derived* entry was made of a *source*: a page of the notes on it, say. Invalidating a source
/// invalidates everything that was derived from it, and from that, and so on, cycles included, each once.
///
/// Edges belong to the derived entry and end with it. A source need not be cached for that: it may have been evicted,
/// and what was derived from it is still made of it.
///
/// The graph is bounded, and refuses edges that it has no room for: an entry whose sources are not known must not be
/// cached, because nobody would invalidate it.
package struct DependencyGraph<Node: Hashable & Sendable>: Sendable {
    /// How large a graph may be.
    package struct Limits: Hashable, Sendable {
        /// How many edges there may be.
        package var edges = 1_000_000
        /// How many sources one entry may have.
        package var sources = 1_000
        /// How many entries one invalidation may reach.
        package var dependents = 100_000

        package init() {}
    }

    private let limits: Limits
    private var dependents: [Node: Set<Node>] = [:]
    private var sources: [Node: Set<Node>] = [:]

    /// How many edges there are.
    package private(set) var edgeCount = 0

    package init(limits: Limits = Limits()) {
        self.limits = limits
    }

    /// Notes what an entry was derived from, instead of what it was derived from before.
    ///
    /// - Parameters:
    ///   - derived: The entry.
    ///   - newSources: What it was made of; the entry itself does not count.
    /// - Throws: ``CacheError`` with the code `tooManyDependents` if there is no room. The entry then has no edges.
    package mutating func setSources<Sources: Sequence<Node>>(
        of derived: Node,
        to newSources: Sources
    ) throws(CacheError) {
        remove(derived)
        var unique = Set(newSources)
        unique.remove(derived)
        guard !unique.isEmpty else { return }
        guard unique.count <= limits.sources, edgeCount + unique.count <= limits.edges else {
            throw CacheError(
                .tooManyDependents,
                "'\(derived)' was derived from \(unique.count) entries, of at most \(limits.sources), and there are "
                    + "\(edgeCount) edges, of at most \(limits.edges). Use a tag for what belongs together."
            )
        }
        for source in unique { dependents[source, default: []].insert(derived) }
        sources[derived] = unique
        edgeCount += unique.count
    }

    /// Removes the edges of an entry that is gone.
    package mutating func remove(_ derived: Node) {
        guard let old = sources.removeValue(forKey: derived) else { return }
        edgeCount -= old.count
        for source in old {
            dependents[source]?.remove(derived)
            if dependents[source]?.isEmpty == true { dependents[source] = nil }
        }
    }

    /// Everything that some entries reach: themselves first, then what was derived from them, each once.
    ///
    /// - Parameter roots: The entries that are invalidated.
    /// - Returns: The roots and all that depends on them, nearer ones first.
    /// - Throws: ``CacheError`` with the code `tooManyDependents` if that is more than the limit.
    /// - Complexity: O(number of edges that are followed).
    package func closure(of roots: [Node]) throws(CacheError) -> [Node] {
        var reached: [Node] = []
        var isReached: Set<Node> = []
        for root in roots where isReached.insert(root).inserted { reached.append(root) }
        var next = 0
        while next < reached.count {
            for dependent in dependents[reached[next]] ?? [] where isReached.insert(dependent).inserted {
                reached.append(dependent)
            }
            next += 1
            guard reached.count <= limits.dependents + roots.count else {
                throw CacheError(
                    .tooManyDependents,
                    "More than \(limits.dependents) entries depend on '\(roots.first.map { "\($0)" } ?? "")' and what "
                        + "goes with it. Invalidate a tag or the namespace instead."
                )
            }
        }
        return reached
    }
}
