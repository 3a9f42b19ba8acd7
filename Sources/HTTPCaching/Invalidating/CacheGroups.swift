import HTTPTypes
import RawStructuredFieldValues

/// The fields of RFC 9875, lists of strings.
enum CacheGroups {
    /// How many groups a response may belong to, and how long their names may be: what a cache has to support at least.
    private static let limit = (groups: 128, length: 128)

    static func read(_ fields: HTTPFields, _ name: HTTPField.Name) -> [String] {
        guard let value = fields[name] else { return [] }
        var parser = StructuredFieldValueParser(Array(value.utf8))
        guard let members = try? parser.parseListFieldValue() else { return [] }
        let groups = members.compactMap { member -> String? in
            guard case .item(let item) = member, case .string(let group) = item.rfc9651BareItem else { return nil }
            return group.utf8.count <= limit.length ? group : nil
        }
        return Array(groups.prefix(limit.groups))
    }
}
