extension TagRules {
    /// The form of a tag for this vendor.
    ///
    /// - Parameter tag: The tag as the cache knows it.
    /// - Returns: The tag itself if the vendor can take it, else a hash of it: a tag that looks like such a hash is hashed
    ///   too, so that nobody can choose one that stands for others.
    /// - Complexity: O(length).
    public func form(of tag: String) -> String {
        let folded = isCaseSensitive ? tag : tag.lowercased()
        let isPlain =
            !folded.isEmpty && folded.utf8.count <= maximumTagBytes && !folded.hasPrefix(Self.hashMark)
            && folded.unicodeScalars.allSatisfy(isAllowed)
        return isPlain ? folded : Self.hash(of: folded)
    }

    /// The forms under which a purge has to name a tag: its own, and the short one that crowded responses carry.
    ///
    /// - Parameter tag: The tag as the cache knows it.
    /// - Returns: One or two forms.
    public func purgedForms(of tag: String) -> [String] {
        let form = form(of: tag)
        let short = shortForm(of: tag)
        return form == short ? [form] : [form, short]
    }

    /// The value of the field for some tags, within the limits.
    ///
    /// If the tags do not fit as they are, all of them are shortened to hashes, which purges name too. If they do not fit
    /// even then, the fallback takes their place. Nothing is ever cut off, for a response whose tags are cut off would
    /// outlive its purge.
    ///
    /// - Parameters:
    ///   - tags: The tags of a response.
    ///   - fallback: Fewer tags, whose purge purges more, such as those of namespaces.
    /// - Returns: The value; `nil` if even the fallback does not fit, so that the response must not be stored at the edge.
    /// - Complexity: O(length of all tags).
    public func value(for tags: some Sequence<String>, fallback: some Sequence<String>) -> String? {
        let tags = Set(tags).sorted()
        return joined(tags.map(form)) ?? joined(tags.map(shortForm)) ?? joined(Set(fallback).sorted().map(form))
    }

    private func joined(_ forms: [String]) -> String? {
        var distinct: [String] = []
        for form in forms where distinct.last != form { distinct.append(form) }
        guard distinct.count <= maximumTags else { return nil }
        let value = distinct.joined(separator: separator)
        return value.utf8.count <= maximumFieldBytes ? value : nil
    }

    private func shortForm(of tag: String) -> String {
        let form = form(of: tag)
        // A hash would be no shorter.
        return form.utf8.count <= Self.hashMark.utf8.count + 13 ? form : Self.hash(of: isCaseSensitive ? tag : form)
    }

    private func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9", "-", "_": true
        default: punctuation.unicodeScalars.contains(scalar)
        }
    }

    private static let hashMark = "h-"

    /// FNV-1a of 64 bits, which needs no secret: tags are chosen by the application, and a collision purges too much.
    private static func hash(of tag: String) -> String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in tag.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return hashMark + String(hash, radix: 36)
    }
}
