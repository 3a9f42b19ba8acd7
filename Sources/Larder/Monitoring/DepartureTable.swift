import Synchronization

/// Why keys are not in memory any more, in a few bytes for each of the newest.
///
/// A key has one place, by its hash, and takes it from the key that had it before; twelve more bits of the hash tell
/// them apart. So a reason may be forgotten, and is that of another key once in four thousand times.
final class DepartureTable: @unchecked Sendable {
    // Safe to share: the pointer never changes, and what it points to are atomics.

    private let places: UnsafeMutablePointer<Atomic<UInt16>>
    private let mask: Int

    /// Makes an empty table.
    ///
    /// - Parameter count: For how many keys, rounded up to a power of two, from 1,024 to 65,536; each takes two bytes.
    init(places count: Int) {
        let count = max(1_024, min(65_536, count))
        let rounded = 1 << (Int.bitWidth - (count - 1).leadingZeroBitCount)
        mask = rounded - 1
        places = .allocate(capacity: rounded)
        for index in 0..<rounded { (places + index).initialize(to: Atomic(0)) }
    }

    deinit {
        places.deinitialize(count: mask + 1)
        places.deallocate()
    }

    /// Why a key is not in memory; `nil` if it was not noted, or is forgotten.
    subscript(key: some Hashable) -> MissReason? {
        get {
            let (place, name) = position(of: key)
            let noted = place.pointee.load(ordering: .relaxed)
            guard noted >> 4 == name, noted & 15 != 0 else { return nil }
            return MissReason.allCases[Int(noted & 15) - 1]
        }
        set {
            let (place, name) = position(of: key)
            let number = newValue.flatMap { MissReason.allCases.firstIndex(of: $0) }.map { UInt16($0 + 1) } ?? 0
            // A key that is in memory again leaves the place to the one that took it from it.
            if number == 0, place.pointee.load(ordering: .relaxed) >> 4 != name { return }
            place.pointee.store(name << 4 | number, ordering: .relaxed)
        }
    }

    private func position(of key: some Hashable) -> (UnsafeMutablePointer<Atomic<UInt16>>, UInt16) {
        let hash = UInt(bitPattern: key.hashValue)
        return (places + Int(bitPattern: hash) & mask, UInt16(truncatingIfNeeded: hash >> 52))
    }
}
