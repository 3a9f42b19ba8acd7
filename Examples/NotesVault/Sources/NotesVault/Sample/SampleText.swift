/// Sentences of sample notes, put together from templates.
struct SampleText {
    let topic: SampleTopic
    var generator: SeededGenerator

    private static let openings = [
        "What I keep coming back to is the {aspect} of {subject}.",
        "{Subject} reward anyone who will {action} them with some patience.",
        "A {quality} approach to {subject} starts with {aspect}.",
        "Most advice about {subject} forgets the {aspect}.",
        "Started a new page on {subject}, because the old one said too little about {aspect}.",
        "The question is how {aspect} and {aspect} pull {subject} in different directions.",
    ]

    private static let sentences = [
        "When the {aspect} is right, {subject} become almost {quality}.",
        "I used to {action} first and think about {aspect} later; now it is the other way round.",
        "It helps to {action} in small steps and to write down what changed.",
        "The {quality} part is the {aspect}, and nobody warns you about it.",
        "If {aspect} fails, {action} again and look at the {aspect} before anything else.",
        "Compared with {subject}, this needs less {aspect} and more {aspect}.",
        "After {number} attempts the {aspect} was finally {quality}.",
        "A rule of thumb: {action} twice, then check the {aspect}.",
        "The {aspect} was **{quality}** this time, which surprised me.",
        "There is a *{quality}* middle way, and it begins with {aspect}.",
        "Others {action} only once a season, which leaves the {aspect} to chance.",
        "Keep the {aspect} {quality}; everything else about {subject} can wait.",
        "What I wrote {number} weeks ago about {aspect} still holds.",
    ]

    private static let linking = [
        "See also {link} for the {aspect}.",
        "This builds on {link}.",
        "The same thought about {aspect} stands in {link}.",
        "{link} says the opposite, and I am not sure who is right.",
        "Compare with {link}, which is more {quality}.",
        "Before the next attempt, reread {link} and {link}.",
    ]

    private static let tasks = [
        "{action} the {quality} one", "ask about the {aspect}", "{action} before the {aspect} changes",
        "read two chapters on {aspect}", "{action} again in {number} days", "note the {aspect} of {subject}",
    ]

    /// A title: an aspect of a subject, or a turn of phrase about it.
    mutating func title() -> String {
        let form = generator.pick([
            "{Aspect} of {subject}", "{Subject} and {aspect}", "On {quality} {subject}", "{Subject}: notes on {aspect}",
            "Why {subject} need {aspect}", "How to {action} {subject}", "{Quality} {aspect}", "{Aspect} and {aspect}",
        ])
        return fill(form, link: "")
    }

    /// A paragraph of so many sentences; the links are worked in until there are none left.
    mutating func paragraph(sentences count: Int, opens: Bool, links: inout ArraySlice<String>) -> String {
        var parts: [String] = []
        if opens { parts.append(fill(generator.pick(Self.openings), link: "")) }
        while parts.count < count {
            if !links.isEmpty, generator.chance(0.4) {
                parts.append(linkingSentence(&links))
            } else {
                parts.append(fill(generator.pick(Self.sentences), link: ""))
            }
        }
        return parts.joined(separator: " ")
    }

    /// An item of a list of things to do.
    mutating func task() -> String {
        fill(generator.pick(Self.tasks), link: "")
    }

    private mutating func linkingSentence(_ links: inout ArraySlice<String>) -> String {
        var sentence = generator.pick(Self.linking)
        while let place = sentence.firstRange(of: "{link}") {
            sentence.replaceSubrange(place, with: links.popFirst() ?? "an older note")
        }
        return fill(sentence, link: "")
    }

    /// Fills the places of a template.
    private mutating func fill(_ template: String, link: String) -> String {
        var result = ""
        var rest = template[...]
        while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
            result += rest[..<open]
            result += word(String(rest[rest.index(after: open)..<close]))
            rest = rest[rest.index(after: close)...]
        }
        return result + rest
    }

    private mutating func word(_ place: String) -> String {
        let text =
            switch place.lowercased() {
            case "subject": generator.pick(topic.subjects)
            case "aspect": generator.pick(topic.aspects)
            case "action": generator.pick(topic.actions)
            case "quality": generator.pick(topic.qualities)
            default: generator.pick(["two", "three", "four", "five", "six", "seven"])
            }
        guard place.first?.isUppercase == true else { return text }
        return text.prefix(1).uppercased() + text.dropFirst()
    }
}
