public import Synchronization

/// Which entry of a shard leaves when there is no room.
///
/// An entry is first held in a window, in the order of arrival. What leaves the window has to be asked for more
/// often than an entry of the main space to take its place; a sketch remembers how often a key was asked for, also
/// if it is no longer held. The main space gives each entry a second chance, by a hand that goes from old to young
/// (SIEVE; Zhang et al., NSDI 2024). The border between the two moves to where a slot earns more hits.
///
/// A hit adds one to a two-bit counter in the entry's mark until that is full, and nothing more: the sketch is
/// worked on when an entry leaves the window and when the hand passes one, on misses, never on hits.
@usableFromInline
struct EvictionPolicy: ~Copyable {
    @usableFromInline var window = NodeList()
    @usableFromInline var main = NodeList()
    /// Where in `main` the search for the next victim starts; the oldest entry if there is none.
    @usableFromInline var hand: Node = .none
    /// How many entries there is room for.
    @usableFromInline private(set) var capacity: Int
    private var sketch: FrequencySketch?
    private var border: WindowBorder

    /// The entries that the hand passes at most for one victim.
    private static var reach: Int { 16 }

    init(capacity: Int) {
        self.capacity = capacity
        border = WindowBorder(capacity: capacity)
    }

    @usableFromInline
    deinit {}

    /// Adapts to another number of entries; what the window was wanted to hold grows along.
    @usableFromInline
    mutating func setCapacity(_ new: Int) {
        guard new != capacity else { return }
        border = border.scaled(to: new)
        capacity = new
        sketch = nil
    }

    // MARK: Requests

    /// Takes note of a hit, by any number of readers at once.
    @inlinable
    @inline(__always)
    func hit(_ mark: UnsafeMutablePointer<Atomic<UInt8>>) {
        let old = mark.pointee.load(ordering: .relaxed)
        // Written three times, not on each hit: a line that is only read can be in all caches of the machine.
        if old & Mark.hits != Mark.hits { count(mark, old) }
    }

    @usableFromInline
    @inline(never)
    func count(_ mark: UnsafeMutablePointer<Atomic<UInt8>>, _ old: UInt8) {
        mark.pointee.store(old &+ 1, ordering: .relaxed)
        border.countHit(inWindow: old & Mark.main == 0)
        border.tick(window: window.count, main: main.count)
    }

    /// Takes in a new node.
    @usableFromInline
    mutating func insert(_ node: Node, _ nodes: NodeTable) {
        border.tick(window: window.count, main: main.count)
        window.insert(node, nodes)
    }

    /// Lets go of a node, whatever the reason.
    @usableFromInline
    mutating func remove(_ node: Node, _ nodes: NodeTable) {
        if nodes.mark(node) & Mark.main == 0 {
            window.remove(node, nodes)
        } else {
            if hand == node { hand = nodes.links[Int(node)].newer }
            main.remove(node, nodes)
        }
    }

    // MARK: The window

    /// The entry that is to leave the window, if that is larger than it should be.
    @usableFromInline
    var candidate: Node { window.count > border.windowSize ? window.oldest : .none }

    /// Moves a node from the window to the main space.
    @usableFromInline
    mutating func promote(_ node: Node, _ nodes: NodeTable) {
        window.remove(node, nodes)
        main.insert(node, nodes)
        let mark = nodes.mark(node)
        nodes.setMark(node, mark | Mark.main)
        remember(node, 1, nodes)
    }

    /// Whether a candidate is asked for more often than a victim.
    @usableFromInline
    mutating func prefers(_ candidate: Node, to victim: Node, _ nodes: NodeTable) -> Bool {
        heat(candidate, nodes) > heat(victim, nodes)
    }

    /// How often an entry was asked for, estimated.
    @usableFromInline
    func heat(_ node: Node, _ nodes: NodeTable) -> Int {
        let known = sketch?.frequency(nodes.links[Int(node)].hash) ?? 0
        return known + hits(node, nodes)
    }

    @usableFromInline
    func hits(_ node: Node, _ nodes: NodeTable) -> Int {
        Int(nodes.mark(node) & Mark.hits)
    }

    /// Counts requests for the key of an entry in the sketch.
    @usableFromInline
    mutating func remember(_ node: Node, _ count: Int, _ nodes: NodeTable) {
        guard count > 0 else { return }
        if sketch == nil { sketch = FrequencySketch(capacity: capacity) }
        sketch?.add(nodes.links[Int(node)].hash, count)
    }

    // MARK: The main space

    /// Moves the hand to the entry of the main space that is to leave next; there must be one.
    @usableFromInline
    mutating func findVictim(_ nodes: NodeTable) -> Node {
        if hand == .none { hand = main.oldest }
        var passed = 0
        while passed < Self.reach {
            let hits = hits(hand, nodes)
            guard hits > 0 else { break }
            remember(hand, hits, nodes)
            let mark = nodes.mark(hand)
            nodes.setMark(hand, mark & ~Mark.hits)
            passHand(nodes)
            passed += 1
        }
        return hand
    }

    /// Moves the hand on to the next younger entry, after the youngest to the oldest.
    @usableFromInline
    mutating func passHand(_ nodes: NodeTable) {
        let next = nodes.links[Int(hand)].newer
        hand = next == .none ? main.oldest : next
    }
}
