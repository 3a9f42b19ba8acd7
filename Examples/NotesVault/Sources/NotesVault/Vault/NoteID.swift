/// The name of a note: the path of its file inside the vault, with `/` between folders and without `.md`.
///
/// An id that exists is safe to join to the vault's folder: it never leads out of it.
struct NoteID: RawRepresentable, Hashable, Sendable {
    /// The longest id, in bytes of UTF-8.
    static let maximumLength = 480

    /// The longest part between two slashes, in bytes; with `.md` it must fit into a file name of 255.
    static let maximumPartLength = 240

    let rawValue: String

    /// Takes a valid id, and nothing else.
    init?(rawValue: String) {
        guard Self.fault(in: rawValue) == nil else { return nil }
        self.rawValue = rawValue
    }

    /// Takes a valid id, or says what is wrong with it.
    init(validating text: String) throws {
        if let fault = Self.fault(in: text) {
            throw VaultError(
                .invalidID,
                "The note id \(HTML.quoted(text, limit: 80)) \(fault). "
                    + "Use the note's path inside the vault without .md, such as projects/garden."
            )
        }
        self.rawValue = text
    }

    /// The last part of the path: what a wiki link usually says.
    var name: String {
        rawValue.split(separator: "/").last.map(String.init) ?? rawValue
    }

    /// What is wrong with a text as an id, as the end of a sentence, or `nil` if nothing is.
    private static func fault(in text: String) -> String? {
        if text.isEmpty { return "is empty" }
        if text.utf8.count > maximumLength { return "is longer than \(maximumLength) bytes" }
        if text.unicodeScalars.contains(where: isForbidden) {
            return "contains a control character or a backslash"
        }
        for part in text.split(separator: "/", omittingEmptySubsequences: false) {
            if part.isEmpty { return "starts or ends with a slash, or has two in a row" }
            if part.hasPrefix(".") { return "has a part that starts with a dot" }
            if part.utf8.count > maximumPartLength { return "has a part longer than \(maximumPartLength) bytes" }
        }
        return nil
    }

    private static func isForbidden(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: true
        default: scalar == "\\"
        }
    }
}

extension NoteID: Codable {}

extension NoteID: Comparable {
    static func < (left: NoteID, right: NoteID) -> Bool { left.rawValue < right.rawValue }
}

extension NoteID: CustomStringConvertible {
    var description: String { rawValue }
}
