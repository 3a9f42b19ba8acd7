import GRDB

/// Cuts text into the words that the full-text index knows, by asking the tokenizer of the index itself.
///
/// The words decide which cached searches an edit touches, so a second opinion on what a word is would be a
/// stale result waiting to happen.
final class SearchTokenizer: Sendable {
    static var descriptor: FTS5TokenizerDescriptor { .unicode61(diacritics: .remove) }

    /// Holds nothing; a tokenizer just needs a connection to live in.
    private let connection: DatabaseQueue

    init() throws {
        connection = try DatabaseQueue()
    }

    /// The words of a search, each once, in order.
    func query(_ text: String) throws -> SearchQuery {
        try SearchQuery.checkLength(of: text)
        let words = try connection.inDatabase { db in
            try db.makeTokenizer(Self.descriptor).tokenize(query: text).map(\.token)
        }
        return try SearchQuery(words: words.removingDuplicates(by: \.self))
    }

    /// All the words of some texts, as the index would file them.
    static func words(of texts: [String], _ db: Database) throws -> Set<String> {
        let tokenizer = try db.makeTokenizer(descriptor)
        var words: Set<String> = []
        for text in texts {
            for (word, _) in try tokenizer.tokenize(document: text) { words.insert(word) }
        }
        return words
    }
}

/// What to search for: notes that contain all of some words.
struct SearchQuery: Codable, Hashable, Sendable {
    /// The most words of a search.
    static let maximumWords = 16

    /// The longest text of a search, in characters.
    static let maximumLength = 200

    /// The words as the index files them: folded to lower case without accents, each once, at least one.
    let words: [String]

    fileprivate init(words: [String]) throws {
        guard !words.isEmpty else {
            throw VaultError(.invalidQuery, "The search contains no word. Ask for at least one letter or digit.")
        }
        guard words.count <= Self.maximumWords else {
            throw VaultError(.invalidQuery, "The search has more than \(Self.maximumWords) words. Ask for fewer.")
        }
        self.words = words
    }

    /// The search in the query language of FTS5: every word quoted, so that none can be an operator.
    var pattern: String {
        words.map { "\"\($0.replacing("\"", with: "\"\""))\"" }.joined(separator: " ")
    }

    fileprivate static func checkLength(of text: String) throws {
        guard text.unicodeScalars.count <= maximumLength else {
            throw VaultError(.invalidQuery, "The search is longer than \(maximumLength) characters. Shorten it.")
        }
    }
}
