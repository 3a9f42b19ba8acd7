/// Numbers that only grow, over restarts and from one owner of a journal to the next.
///
/// The upper bits are the fence, which grows with each owner; the lower 36 count its writes. So no owner has to look
/// up where the last one stopped, and a write of a deposed owner has a lower number than any of its successor.
package struct SequenceNumbers: Sendable {
    private static let countBits: UInt64 = 36

    private var last: UInt64

    package init(fence: UInt64) {
        last = fence << Self.countBits
    }

    package mutating func next() -> UInt64 {
        last += 1
        return last
    }

    /// The fence in a number.
    package static func fence(of number: UInt64) -> UInt64 { number >> countBits }
}
