/// Hashes keys, differently in each cache.
///
/// Integers and strings get a hash of our own, several times faster than the standard library's; all other keys
/// are hashed by the standard library with a seed. The secrets are random per instance and take part in each
/// multiplication, so that nobody who does not know them can choose keys that collide.
@usableFromInline
struct KeyHasher: Sendable {
    @usableFromInline let first: UInt64
    @usableFromInline let second: UInt64
    @usableFromInline let seed: UInt64

    /// Makes a hasher with random secrets.
    @usableFromInline
    init() {
        var random = SystemRandomNumberGenerator()
        self.init(using: &random)
    }

    /// Makes a hasher whose secrets come from a generator, for tests that repeat themselves.
    @usableFromInline
    init(using random: inout some RandomNumberGenerator) {
        // Odd, so that a multiplication by one of them loses nothing.
        first = random.next() | 1
        second = random.next() | 1
        seed = random.next()
    }

    /// The hash of a key; equal keys have equal hashes.
    @inlinable
    @inline(__always)
    func hash<Key: Hashable>(_ key: Key) -> UInt64 {
        // The comparisons of types are decided when a caller is specialised, and cost nothing then.
        if Key.self == Int.self { return mix(UInt64(bitPattern: Int64(unsafeBitCast(key, to: Int.self)))) }
        if Key.self == UInt64.self { return mix(unsafeBitCast(key, to: UInt64.self)) }
        if Key.self == Int64.self { return mix(UInt64(bitPattern: unsafeBitCast(key, to: Int64.self))) }
        if Key.self == UInt.self { return mix(UInt64(unsafeBitCast(key, to: UInt.self))) }
        if Key.self == UInt32.self { return mix(UInt64(unsafeBitCast(key, to: UInt32.self))) }
        if Key.self == Int32.self { return mix(UInt64(UInt32(bitPattern: unsafeBitCast(key, to: Int32.self)))) }
        // Safe like the casts above: the types were just found to be the same.
        if Key.self == String.self { return hash(unsafeBitCast(key, to: String.self)) }
        return hashOfOther(key)
    }

    // The standard hash keeps only so many bits apart as the type's own `hash(into:)` gave it.
    @inlinable
    @inline(__always)
    func hashOfOther<Key: Hashable>(_ key: Key) -> UInt64 {
        UInt64(truncatingIfNeeded: key._rawHashValue(seed: Int(truncatingIfNeeded: seed)))
    }

    /// The hash of one word.
    @inlinable
    @inline(__always)
    func mix(_ word: UInt64) -> UInt64 {
        Self.fold(Self.fold(word ^ first, second ^ seed) ^ word, second)
    }

    /// Both halves of a full product, in one word: each bit of the input reaches all bits of the output.
    @inlinable
    @inline(__always)
    static func fold(_ one: UInt64, _ other: UInt64) -> UInt64 {
        let product = one.multipliedFullWidth(by: other)
        return product.high ^ product.low
    }
}
