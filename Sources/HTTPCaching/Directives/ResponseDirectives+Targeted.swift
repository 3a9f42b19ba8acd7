public import HTTPTypes
import RawStructuredFieldValues

extension ResponseDirectives {
    /// Reads what a response says to a cache that goes by targeted fields, RFC 9213.
    ///
    /// The first of those fields that is there and valid takes the place of `Cache-Control` and of `Expires`. It is a
    /// dictionary of structured fields: one member that is none makes the field void as a whole.
    ///
    /// - Parameters:
    ///   - fields: The fields of the response.
    ///   - targets: The targeted fields that the cache obeys, the most specific first.
    /// - Returns: The directives, and whether they came from a targeted field.
    public static func reading(
        _ fields: HTTPFields,
        targets: [HTTPField.Name]
    ) -> (directives: ResponseDirectives, isTargeted: Bool) {
        for target in targets where fields.contains(target) {
            if let directives = ResponseDirectives(dictionary: fields[target] ?? "") { return (directives, true) }
        }
        guard fields.contains(.cacheControl) else { return (ResponseDirectives(), false) }
        return (ResponseDirectives(cacheControl: fields[values: .cacheControl]), false)
    }

    /// Reads a targeted field; `nil` if it is empty, no dictionary, or gives a directive that is known a value of
    /// another type.
    init?(dictionary value: String) {
        var parser = StructuredFieldValueParser(Array(value.utf8))
        guard let members = try? parser.parseDictionaryFieldValue(), members.count > 0 else { return nil }
        self.init()
        for (name, member) in members {
            guard case .item(let item) = member else { return nil }
            switch (name, item.rfc9651BareItem) {
            case ("max-age", .integer(let seconds)), ("s-maxage", .integer(let seconds)),
                ("stale-while-revalidate", .integer(let seconds)), ("stale-if-error", .integer(let seconds)):
                add(name, seconds < 0 ? nil : String(seconds))
            case ("no-cache", .string(let names)), ("private", .string(let names)):
                add(name, names)
            case ("max-age", _), ("s-maxage", _), ("stale-while-revalidate", _), ("stale-if-error", _):
                return nil
            case (_, .bool(true)):
                add(name, nil)
            default: break
            }
        }
    }
}
