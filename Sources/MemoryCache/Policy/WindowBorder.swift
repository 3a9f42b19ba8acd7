import Synchronization

/// How large the window of an ``EvictionPolicy`` should be, from the hits on both sides of its border.
///
/// All state is atomic, since readers count hits, and the one that ends a period moves the border; what two readers
/// count at the same moment may count once.
struct WindowBorder: ~Copyable {
    private let capacity: Int
    private let minimum: Int
    private let maximum: Int
    /// How many misses and counted hits make a period.
    private let period: Int
    /// The size of the window that is wanted, in 1/256 entries.
    private let target: Atomic<Int>
    private let events = Atomic<Int>(0)
    private let windowHits = Atomic<Int>(0)
    private let mainHits = Atomic<Int>(0)

    // Rarely, when there are hardly any hits, a period tries the largest window.
    private let isProbing = Atomic<Bool>(false)
    private let formerTarget = Atomic<Int>(0)
    private let formerHits = Atomic<Int>(0)
    /// The periods from one probe to the next, and those that are left of them.
    private let interval = Atomic<Int>(4)
    private let wait = Atomic<Int>(4)

    /// What a slot of the window has to earn more than one of the main space, in 1/256 doublings: the full counters
    /// hide more hits in the main space than in the window.
    private static var bias: Int { 64 }

    /// Draws the border for a number of entries.
    ///
    /// The wanted size of the window is in 1/256 entries; `nil` for a small one.
    init(capacity: Int, target: Int? = nil) {
        self.capacity = capacity
        minimum = max(256, 256 * capacity / 100)
        maximum = max(minimum, 256 * capacity * 9 / 10)
        period = max(2_000, 3 * capacity)
        self.target = Atomic(min(maximum, max(minimum, target ?? 12 * capacity)))
    }

    deinit {}

    /// The same border for another number of entries.
    func scaled(to other: Int) -> WindowBorder {
        WindowBorder(capacity: other, target: target.load(ordering: .relaxed) / capacity * other)
    }

    /// How many entries the window should hold at most.
    var windowSize: Int { target.load(ordering: .relaxed) / 256 }

    /// Counts a hit on one side.
    func countHit(inWindow: Bool) {
        if inWindow { Self.increment(windowHits) } else { Self.increment(mainHits) }
    }

    private static func increment(_ counter: borrowing Atomic<Int>) {
        counter.store(counter.load(ordering: .relaxed) &+ 1, ordering: .relaxed)
    }

    /// Counts a miss or a hit, and may end the period.
    func tick(window: Int, main: Int) {
        let count = events.load(ordering: .relaxed)
        if count &+ 1 < period {
            events.store(count &+ 1, ordering: .relaxed)
        } else if events.compareExchange(expected: count, desired: 0, ordering: .relaxed).exchanged {
            // Of several readers that come here at once, one.
            endPeriod(window: window, main: main)
            windowHits.store(0, ordering: .relaxed)
            mainHits.store(0, ordering: .relaxed)
        }
    }

    private func endPeriod(window: Int, main: Int) {
        let hits = windowHits.load(ordering: .relaxed) + mainHits.load(ordering: .relaxed)
        if isProbing.load(ordering: .relaxed) {
            endProbe(hits)
        } else if 24 * hits < period {
            let waiting = wait.load(ordering: .relaxed)
            steer(window: window, main: main)
            if waiting > 0 {
                wait.store(waiting - 1, ordering: .relaxed)
            } else {
                beginProbe(hits)
            }
        } else {
            interval.store(4, ordering: .relaxed)
            wait.store(4, ordering: .relaxed)
            steer(window: window, main: main)
        }
    }

    /// Moves the border to where a slot earns more hits.
    ///
    /// By a 48th of the capacity for each doubling of the hits per slot on one side over those on the other. The hit
    /// that both sides get for nothing draws it to the middle when there are hardly any.
    private func steer(window: Int, main: Int) {
        let inWindow = (windowHits.load(ordering: .relaxed) + 1) * max(1, main)
        let inMain = (mainHits.load(ordering: .relaxed) + 1) * max(1, window)
        let doublings = Self.logarithm(inWindow) - Self.logarithm(inMain) - Self.bias
        let moved = target.load(ordering: .relaxed) + capacity * doublings / 48
        target.store(min(maximum, max(minimum, moved)), ordering: .relaxed)
    }

    private func beginProbe(_ hits: Int) {
        isProbing.store(true, ordering: .relaxed)
        formerHits.store(hits, ordering: .relaxed)
        formerTarget.store(target.load(ordering: .relaxed), ordering: .relaxed)
        target.store(maximum, ordering: .relaxed)
    }

    /// Keeps the largest window if it found keys that come back soon, but not as soon as a small one would need.
    private func endProbe(_ hits: Int) {
        isProbing.store(false, ordering: .relaxed)
        if hits >= 4 * formerHits.load(ordering: .relaxed), 4 * hits >= period {
            interval.store(4, ordering: .relaxed)
        } else {
            target.store(formerTarget.load(ordering: .relaxed), ordering: .relaxed)
            interval.store(min(64, 4 * interval.load(ordering: .relaxed)), ordering: .relaxed)
        }
        wait.store(interval.load(ordering: .relaxed), ordering: .relaxed)
    }

    /// The binary logarithm of a positive number, in 1/256, linear between powers of two.
    private static func logarithm(_ number: Int) -> Int {
        let exponent = Int.bitWidth - 1 - number.leadingZeroBitCount
        let fraction = exponent >= 8 ? number >> (exponent - 8) : number << (8 - exponent)
        return 256 * exponent + (fraction & 255)
    }
}
