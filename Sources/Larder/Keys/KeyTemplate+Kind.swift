import struct Foundation.UUID

extension KeyTemplate.Kind {
    /// Reads a value of this kind.
    ///
    /// - Parameter text: The value as people write it, or as it stands in a key.
    /// - Returns: The value; `nil` if it is not of this kind.
    public func value(of text: String) -> KeyValue? {
        switch self {
        case .text: text.isEmpty ? nil : .text(text)
        case .integer: Int64(text).flatMap { "\($0)" == text ? .integer($0) : nil }
        case .identifier: UUID(uuidString: text).map { .identifier($0) }
        case .boolean: ["1": true, "true": true, "0": false, "false": false][text].map { .boolean($0) }
        case .oneOf(let texts): texts.contains(text) ? .text(text) : nil
        }
    }

    func accepts(_ value: KeyValue) -> Bool {
        switch (self, value) {
        case (.text, .text(let text)): !text.isEmpty
        case (.integer, .integer), (.identifier, .identifier), (.boolean, .boolean): true
        case (.oneOf(let texts), .text(let text)): texts.contains(text)
        default: false
        }
    }

    /// Whether a part of a key may be of this kind and of another one.
    func overlaps(_ other: KeyTemplate.Kind) -> Bool {
        switch (self, other) {
        case (.text, _), (_, .text): true
        case (.oneOf(let texts), let kind), (let kind, .oneOf(let texts)): texts.contains { kind.value(of: $0) != nil }
        case (.integer, .boolean), (.boolean, .integer): true
        default: self == other
        }
    }
}

extension KeyTemplate.Kind: CustomStringConvertible {
    /// What a value has to be, for messages.
    public var description: String {
        switch self {
        case .text: "a text that is not empty"
        case .integer: "a whole number"
        case .identifier: "a UUID"
        case .boolean: "true or false"
        case .oneOf(let texts): "one of \(texts.sorted().joined(separator: ", "))"
        }
    }
}
