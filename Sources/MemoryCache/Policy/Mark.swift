/// What the policy knows of a node, in one byte.
@usableFromInline
enum Mark {
    /// The hits since the policy last looked at the entry, up to 3.
    @inlinable static var hits: UInt8 { 0x03 }
    /// The entry is in the main space, not in the window.
    @inlinable static var main: UInt8 { 0x04 }
    /// The node holds an entry.
    @inlinable static var live: UInt8 { 0x80 }
}
