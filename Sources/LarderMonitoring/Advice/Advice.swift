/// Something that might be done about a namespace, with what it would bring.
public struct Advice: Codable, Hashable, Sendable {
    /// What it is about.
    public enum Kind: String, Codable, Hashable, Sendable, CaseIterable {
        /// More or less memory.
        case capacity
        /// A longer lifetime.
        case lifetime
        /// A key that is read much more often than others.
        case hotKey
        /// Settings that do not go together.
        case configuration
        /// Something that goes wrong again and again.
        case failures
    }

    /// What it is about.
    public var kind: Kind

    /// The namespace.
    public var namespace: String

    /// What to do and what that brings, in a sentence or two.
    ///
    /// It may name keys: escape it.
    public var text: String

    /// By how much the hit ratio would rise, from 0 to 1; `nil` where that is not what it is about.
    public var gain: Double?

    /// Makes advice.
    ///
    /// - Parameters:
    ///   - kind: What it is about.
    ///   - namespace: The namespace.
    ///   - text: What to do and what that brings.
    ///   - gain: By how much the hit ratio would rise.
    public init(_ kind: Kind, namespace: String, text: String, gain: Double? = nil) {
        self.kind = kind
        self.namespace = namespace
        self.text = text
        self.gain = gain
    }
}
