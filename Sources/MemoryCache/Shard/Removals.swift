/// Entries that left a shard, to be released and reported when no lock is held.
@usableFromInline
struct Removals<Key, Value> {
    @usableFromInline
    struct Removal {
        @usableFromInline let key: Key
        @usableFromInline let value: Value
        @usableFromInline let weight: Int
        @usableFromInline let cause: RemovalCause

        @inlinable
        init(key: Key, value: Value, weight: Int, cause: RemovalCause) {
            self.key = key
            self.value = value
            self.weight = weight
            self.cause = cause
        }
    }

    // Most operations remove one entry at most, which needs no array.
    @usableFromInline var first: Removal?
    @usableFromInline var rest: [Removal] = []

    @inlinable
    init() {}

    @inlinable
    mutating func append(_ removal: Removal) {
        if first == nil {
            first = removal
        } else {
            rest.append(removal)
        }
    }

    /// Calls `body` with each removal, in the order in which they happened.
    @inlinable
    func report(to body: (Removal) -> Void) {
        guard let first else { return }
        body(first)
        for removal in rest { body(removal) }
    }
}
