public import HTTPTypes

/// Which requests a stored response answers, RFC 9111, section 4.1: those whose fields named by `Vary` say the same.
public struct Variant: Hashable, Sendable {
    /// A field that the response depends on.
    public struct Selector: Hashable, Sendable {
        /// The name of the field.
        public var name: HTTPField.Name
        /// Its value in the request, in one form for all that mean the same; `nil` if the request had none.
        public var value: String?
    }

    /// The fields that the response depends on, sorted by name.
    public let selectors: [Selector]

    /// The language of the response, if it has exactly one.
    let language: String?

    /// Reads `Vary`; `nil` if nothing but the request is answered by the response, since it says `*` or cannot be read.
    ///
    /// - Parameters:
    ///   - fields: The fields of the response.
    ///   - request: The request that it answers.
    public init?(of fields: HTTPFields, for request: HTTPRequest) {
        var names: Set<HTTPField.Name> = []
        for member in FieldList.members(of: fields[values: .vary]) {
            guard member != "*", let name = HTTPField.Name(member) else { return nil }
            names.insert(name)
        }
        selectors = names.sorted { $0.canonicalName < $1.canonicalName }
            .map {
                Selector(name: $0, value: NormalizedField.value(of: $0, in: request.headerFields))
            }
        let languages = FieldList.members(of: fields[values: .contentLanguage])
        language = languages.count == 1 ? languages[0].lowercased() : nil
    }

    /// Whether the response answers a request.
    ///
    /// - Parameter request: A request for the same URL.
    /// - Returns: Whether all selectors match. A response in the one language that a request prefers over all others
    ///   matches too: it is what the origin would choose.
    /// - Complexity: O(selectors · fields).
    public func matches(_ request: HTTPRequest) -> Bool {
        selectors.allSatisfy { selector in
            let value = NormalizedField.value(of: selector.name, in: request.headerFields)
            if value == selector.value { return true }
            guard selector.name == .acceptLanguage, let language, let value else { return false }
            return NormalizedField.favourite(of: value) == language
        }
    }
}
