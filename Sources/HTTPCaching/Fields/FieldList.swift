package import HTTPTypes

/// The members of a field whose value is a list, RFC 9110, section 5.6.1.
package enum FieldList {
    /// Splits at the commas that do not stand in quotes, and drops what is empty.
    ///
    /// - Complexity: O(length).
    package static func members(of lines: some Sequence<String>) -> [String] {
        var members: [String] = []
        for line in lines {
            var start = line.startIndex
            var isQuoted = false
            var isEscaped = false
            for index in line.utf8.indices {
                let byte = line.utf8[index]
                if isEscaped {
                    isEscaped = false
                } else if isQuoted, byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte == UInt8(ascii: "\"") {
                    isQuoted.toggle()
                } else if byte == UInt8(ascii: ","), !isQuoted {
                    append(line[start..<index], to: &members)
                    start = line.utf8.index(after: index)
                }
            }
            append(line[start...], to: &members)
        }
        return members
    }

    /// The names of fields that a field lists, as `Vary` and `Connection` do.
    package static func names(in fields: HTTPFields, of name: HTTPField.Name) -> [HTTPField.Name] {
        members(of: fields[values: name]).compactMap { HTTPField.Name($0) }
    }

    private static func append(_ text: Substring, to members: inout [String]) {
        let member = text.trimmed
        if !member.isEmpty { members.append(member) }
    }
}
