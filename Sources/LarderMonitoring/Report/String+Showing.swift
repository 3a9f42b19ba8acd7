extension String {
    /// The text without what could move a cursor or turn the direction of writing: each such character becomes `�`.
    ///
    /// Keys and names are what users of the service chose, and a terminal obeys what it is shown.
    package var printable: String {
        String(String.UnicodeScalarView(unicodeScalars.map { $0.isShown ? $0 : "\u{FFFD}" }))
    }

    /// The text as Markdown that shows nothing but the text.
    var markdown: String {
        printable.reduce(into: "") { text, character in
            if "\\`*_[]<>#|~&".contains(character) { text.append("\\") }
            text.append(character)
        }
    }

    /// The text with the characters that mean something in HTML and in attributes written as references.
    var html: String {
        printable.reduce(into: "") { text, character in
            switch character {
            case "&": text += "&amp;"
            case "<": text += "&lt;"
            case ">": text += "&gt;"
            case "\"": text += "&quot;"
            case "'": text += "&#39;"
            default: text.append(character)
            }
        }
    }
}

extension Unicode.Scalar {
    fileprivate var isShown: Bool {
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: false
        default: true
        }
    }
}
