/// What a reply may take at most, so that a broken or hostile peer cannot exhaust the memory.
package struct ParserLimits: Hashable, Sendable {
    /// How deep lists may nest.
    package var depth: Int

    /// The memory that one reply may take, in bytes: of strings their length, of every value a small sum besides.
    package var replyBytes: Int

    /// Makes limits.
    package init(depth: Int = 16, replyBytes: Int = 256 << 20) {
        self.depth = depth
        self.replyBytes = replyBytes
    }

    /// The length of a line: of a number, a simple string, or an error.
    static let lineBytes = 64 << 10
}
