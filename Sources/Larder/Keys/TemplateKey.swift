public import struct Foundation.UUID

/// A value for a name in a ``KeyTemplate``.
public enum KeyValue: Hashable, Sendable {
    /// A text.
    case text(String)
    /// A whole number.
    case integer(Int64)
    /// A UUID.
    case identifier(UUID)
    /// A truth value.
    case boolean(Bool)
}

extension KeyValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral {
    /// A text.
    public init(stringLiteral value: String) { self = .text(value) }

    /// A whole number.
    public init(integerLiteral value: Int64) { self = .integer(value) }

    /// A truth value.
    public init(booleanLiteral value: Bool) { self = .boolean(value) }
}

extension KeyValue: CacheKey, CustomStringConvertible {
    /// Appends the value as one part.
    public func encode(into encoder: inout CacheKeyEncoder) {
        switch self {
        case .text(let text): encoder.append(text)
        case .integer(let number): encoder.append(number)
        case .identifier(let identifier): encoder.append(identifier)
        case .boolean(let value): encoder.append(value)
        }
    }

    /// The value, a text in quotation marks.
    public var description: String {
        switch self {
        case .text(let text): "\"\(text)\""
        case .integer(let number): "\(number)"
        case .identifier(let identifier): identifier.uuidString.lowercased()
        case .boolean(let value): "\(value)"
        }
    }
}

/// A key that a ``KeyTemplate`` has made.
public struct TemplateKey: CacheKey, CustomStringConvertible {
    /// The key in its encoded form.
    public let text: String

    init(_ encoder: CacheKeyEncoder) {
        text = String(decoding: encoder.bytes, as: UTF8.self)
    }

    /// Appends the parts as the template has encoded them.
    public func encode(into encoder: inout CacheKeyEncoder) { encoder.append(encoded: text) }

    /// The key in its encoded form.
    public var description: String { text }
}
