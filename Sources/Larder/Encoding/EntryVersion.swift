/// The number that tells an entry from the other entries that its key has had.
///
/// The upper 48 bits are the moment of the writing in milliseconds since 1970, by the clock of the writer, for people
/// who look at an entry; the lower 16 are drawn at random. It decides no order: the store's own versions and the
/// positions in the invalidation log do.
package enum EntryVersion {
    static func make(at wallMilliseconds: UInt64) -> UInt64 {
        var random = JitterGenerator()
        return wallMilliseconds << 16 | random.next() & 0xFFFF
    }

    /// When the entry was written, in milliseconds since 1970.
    package static func writtenAt(_ version: UInt64) -> UInt64 { version >> 16 }
}
