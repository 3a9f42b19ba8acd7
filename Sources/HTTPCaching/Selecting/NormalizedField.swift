import HTTPTypes

/// The values of request fields in one form for all that mean the same, RFC 9111, section 4.1.
enum NormalizedField {
    /// Joins the lines and drops the blanks around commas; of fields that list preferences the order and the case do not
    /// count either, only their weights.
    ///
    /// - Returns: `nil` if the field is absent.
    static func value(of name: HTTPField.Name, in fields: HTTPFields) -> String? {
        guard fields.contains(name) else { return nil }
        let members = FieldList.members(of: fields[values: name])
        switch name {
        case .acceptLanguage, .acceptEncoding: return preferences(members).joined(separator: ",")
        default: return members.joined(separator: ",")
        }
    }

    /// The member that has more weight than each other one, of a normalised list.
    static func favourite(of value: String) -> String? {
        let members = value.split(separator: ",").map { Preference(String($0)) }
        guard let first = members.first, first.weight > 0, first.name != "*" else { return nil }
        return members.dropFirst().first?.weight == first.weight ? nil : first.name
    }

    private static func preferences(_ members: [String]) -> [String] {
        members.map { Preference($0) }
            .sorted { ($1.weight, $0.name) < ($0.weight, $1.name) }
            .map { $0.weight == 1_000 ? $0.name : "\($0.name);q=\($0.weight)" }
    }

    /// A member of `Accept-Language` or `Accept-Encoding` with its weight, RFC 9110, section 12.4.2.
    private struct Preference {
        var name: String
        /// In thousandths; what cannot be read counts as 1, as if it were absent.
        var weight = 1_000

        init(_ member: String) {
            let parts = member.split(separator: ";", omittingEmptySubsequences: false).map(\.trimmed)
            name = parts[0].lowercased()
            for part in parts.dropFirst() where part.lowercased().hasPrefix("q=") {
                let text = part.dropFirst(2)
                // The normalised form carries thousandths.
                if let thousandths = Int(text), thousandths > 1 {
                    weight = min(thousandths, 1_000)
                } else {
                    weight = Double(text).map { Int(max(0, min($0, 1)) * 1_000) } ?? 1_000
                }
            }
        }
    }
}
