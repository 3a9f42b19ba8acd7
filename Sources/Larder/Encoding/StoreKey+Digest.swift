extension StoreKey {
    /// The 64-bit FNV-1a hash of the key's bytes (Fowler, Noll and Vo, RFC 9923), by which an entry knows its key again;
    /// of a long key those of its short form, which is all that a store tells.
    ///
    /// It finds what was copied by accident. Where somebody might mean harm, encryption binds the whole key.
    package var digest: UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in inStore.bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return hash
    }
}
