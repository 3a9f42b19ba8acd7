/// Whether an entry may be served.
package enum Validity: Hashable, Comparable, Sendable {
    /// Nothing has touched it since its load began.
    case valid
    /// It may be served as stale while a load replaces it.
    case softInvalid
    /// It must not be served.
    case hardInvalid
}
