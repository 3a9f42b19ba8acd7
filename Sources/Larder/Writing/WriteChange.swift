/// What a write does to what its key holds.
public enum WriteChange<Value: Sendable>: Sendable {
    /// Puts a value in place of what was there.
    case put(Value)

    /// Removes what is there.
    case delete

    /// Merges a value into what is there, by the ``MergeRule`` of the cache; where nothing is, it is put.
    case merge(Value)
}

extension WriteChange: Equatable where Value: Equatable {}
extension WriteChange: Hashable where Value: Hashable {}

extension WriteChange {
    /// The one change that does what this and then a newer one would do.
    func followed(by newer: WriteChange, merging rule: MergeRule<Value>?) -> WriteChange {
        guard case .merge(let operand) = newer, let rule else { return newer }
        return switch self {
        case .put(let value): .put(rule.merge(value, operand))
        case .delete: .put(operand)
        case .merge(let older): .merge(rule.merge(older, operand))
        }
    }
}

/// How a merge write combines what a key holds with a value.
///
/// ```swift
/// let views = try await WriteBehindCache(cache, sink: sink, journal: journal, merging: .adding)
/// try await views.mergeValue(1, forKey: note)
/// ```
public struct MergeRule<Value: Sendable>: Sendable {
    let merge: @Sendable (Value, Value) -> Value

    /// Makes a rule.
    ///
    /// - Parameter merge: Combines an older value with a newer one. It has to be associative, so that several merges
    ///   may be combined before they reach what is there, and should be quick.
    public init(_ merge: @escaping @Sendable (_ older: Value, _ newer: Value) -> Value) {
        self.merge = merge
    }
}

extension MergeRule where Value: AdditiveArithmetic {
    /// Adds the numbers.
    ///
    /// A sum outside the range of an integer type ends the process, as `+` does.
    public static var adding: MergeRule { MergeRule { $0 + $1 } }
}

extension MergeRule where Value: SetAlgebra {
    /// Unites the sets.
    public static var uniting: MergeRule { MergeRule { $0.union($1) } }
}

extension MergeRule where Value: RangeReplaceableCollection {
    /// Appends the newer elements to the older ones.
    public static var appending: MergeRule { MergeRule { $0 + $1 } }
}
