public import Larder

extension FaultyStore {
    /// The kinds of calls that faults are aimed at.
    public struct Operations: OptionSet, Hashable, Sendable {
        /// One bit for each kind.
        public let rawValue: Int

        /// Makes a set of its bits.
        ///
        /// - Parameter rawValue: One bit for each kind.
        public init(rawValue: Int) {
            self.rawValue = rawValue
        }

        /// Reads of one key or of several, with or without their versions.
        public static let read = Operations(rawValue: 1 << 0)
        /// Unconditional writes of one entry or of several.
        public static let set = Operations(rawValue: 1 << 1)
        /// Removals of one key or of several that leave nothing behind.
        public static let delete = Operations(rawValue: 1 << 2)
        /// Lists of keys.
        public static let list = Operations(rawValue: 1 << 3)
        /// Removals by prefix.
        public static let removeAll = Operations(rawValue: 1 << 4)
        /// Writes that depend on a version.
        public static let fill = Operations(rawValue: 1 << 5)
        /// Removals that leave a tombstone.
        public static let bury = Operations(rawValue: 1 << 6)
        /// Writes of any kind.
        public static let write: Operations = [.set, .fill]
        /// Removals of one key or of several, of any kind.
        public static let remove: Operations = [.delete, .bury]
        /// All calls but the shutdown.
        public static let all: Operations = [.read, .write, .remove, .list, .removeAll]
    }

    /// How often a fault strikes.
    public struct Occurrence: Hashable, Sendable {
        enum Rule: Hashable {
            case always
            case next(Int)
            case probability(Double)
        }

        var rule: Rule

        /// Each call, until ``FaultyStore/heal()``.
        public static let always = Occurrence(rule: .always)

        /// The calls that come next.
        ///
        /// - Parameter count: How many calls are struck; none if it is not more than 0.
        /// - Returns: The occurrence.
        public static func next(_ count: Int) -> Occurrence {
            Occurrence(rule: .next(count))
        }

        /// Each call by chance, until ``FaultyStore/heal()``.
        ///
        /// - Parameter probability: From 0 for never to 1 for always.
        /// - Returns: The occurrence.
        public static func probability(_ probability: Double) -> Occurrence {
            Occurrence(rule: .probability(probability))
        }
    }

    /// When a failing call fails.
    public enum Moment: Hashable, Sendable {
        /// Nothing has been done yet.
        case beforeEffect
        /// Everything has been done, but the caller does not learn of it.
        case afterEffect
    }

    /// What a failing call throws unless another error is given.
    public struct InjectedFailure: Error, Hashable {
        /// Makes the error.
        public init() {}
    }

    /// Makes calls throw.
    ///
    /// - Parameters:
    ///   - occurrence: How often.
    ///   - operations: The kinds of calls.
    ///   - moment: Whether the calls take effect all the same.
    ///   - error: What they throw.
    public func fail(
        _ occurrence: Occurrence,
        of operations: Operations = .all,
        _ moment: Moment = .beforeEffect,
        with error: any Error = InjectedFailure()
    ) {
        add(.failure(error, moment), occurrence, of: operations)
    }

    /// Makes calls wait by the clock of the store before they do anything.
    ///
    /// - Parameters:
    ///   - occurrence: How often.
    ///   - operations: The kinds of calls.
    ///   - delay: How long, more than zero.
    public func delay(_ occurrence: Occurrence, of operations: Operations = .all, by delay: Duration) {
        add(.delay(delay), occurrence, of: operations)
    }

    /// Makes batches of writes or removals stop half-way and throw.
    ///
    /// - Parameters:
    ///   - occurrence: How often.
    ///   - operations: The kinds of calls; only ``Operations/write`` and ``Operations/remove`` are struck.
    ///   - count: How many elements take effect before the call throws.
    ///   - error: What the calls throw.
    public func interrupt(
        _ occurrence: Occurrence,
        of operations: Operations = [.write, .remove],
        afterElements count: Int,
        with error: any Error = InjectedFailure()
    ) {
        add(.interruption(count, error), occurrence, of: operations.intersection([.write, .remove]))
    }

    /// Makes reads answer `nil` for some keys, as if their entries were lost.
    ///
    /// - Parameters:
    ///   - occurrence: How often.
    ///   - isLost: Which keys are lost; all, unless given.
    public func lose(_ occurrence: Occurrence, where isLost: @escaping @Sendable (StoreKey) -> Bool = { _ in true }) {
        add(.loss(isLost), occurrence, of: .read)
    }

    /// Makes reads answer with other bytes than were written.
    ///
    /// - Parameters:
    ///   - occurrence: How often.
    ///   - change: Gets the bytes and returns others.
    public func corrupt(_ occurrence: Occurrence, by change: @escaping @Sendable ([UInt8]) -> [UInt8]) {
        add(.corruption { bytes, _ in change(bytes) }, occurrence, of: .read)
    }

    /// Makes reads answer with one bit flipped, at a place that the seed chooses.
    ///
    /// - Parameter occurrence: How often.
    public func corrupt(_ occurrence: Occurrence) {
        let flip: @Sendable ([UInt8], UInt64) -> [UInt8] = { bytes, chance in
            guard !bytes.isEmpty else { return [UInt8(truncatingIfNeeded: chance)] }
            var bytes = bytes
            let bit = Int(chance % UInt64(bytes.count * 8))
            bytes[bit / 8] ^= 1 << UInt8(bit % 8)
            return bytes
        }
        add(.corruption(flip), occurrence, of: .read)
    }

    /// Forgets all instructions and releases all calls that hang.
    ///
    /// The counts of calls stay.
    public func heal() {
        removeAllFaults()
        release()
    }
}
