import Foundation

/// A vault of linked notes with natural-looking text, the same for the same seed.
struct SampleVault: Sendable {
    /// How many notes there are, at least 1.
    let count: Int

    /// What all random choices follow from.
    let seed: UInt64

    private static let dailyShare = 0.08

    /// A note before it is written.
    private struct Plan {
        var id: NoteID
        var title: String
        var topic: SampleTopic
        var day: Int?
    }

    /// Makes the text of each note, in a stable order.
    func notes() throws -> [(id: NoteID, source: String)] {
        var generator = SeededGenerator(seed: seed)
        let plans = try plan(&generator)
        // Notes are linked to by their popularity, and the popular ones are spread over all topics.
        let popular = plans.indices.shuffled(using: &generator)
        let popularity = ZipfDistribution(count: plans.count, exponent: 0.75)
        return plans.map { plan in
            var links: [String] = []
            for _ in 0..<(plan.day == nil ? 2 + generator.index(below: 6) : 1 + generator.index(below: 3)) {
                let target = plans[popular[popularity.rank(using: &generator)]]
                if target.id != plan.id { links.append(link(to: target, &generator)) }
            }
            return (plan.id, source(of: plan, links: links, &generator))
        }
    }

    /// Writes the vault into a folder, which is made; a folder that exists is complete and left alone.
    ///
    /// - Parameters:
    ///   - path: The folder of the vault.
    ///   - progress: Called now and then with how many notes are written.
    /// - Throws: The error of the file system.
    func write(to path: String, progress: (Int) -> Void) throws {
        let files = FileManager.default
        guard !files.fileExists(atPath: path) else { return }
        // Written beside its place and moved there as a whole: what an interrupted run left is not taken for a vault.
        let draft = path + ".unfinished"
        try? files.removeItem(atPath: draft)
        var folders: Set<String> = []
        for (position, note) in try notes().enumerated() {
            let file = draft + "/" + note.id.rawValue + ".md"
            let folder = String(file.dropLast(note.id.name.count + 4))
            if folders.insert(folder).inserted {
                try files.createDirectory(atPath: folder, withIntermediateDirectories: true)
            }
            try Data(note.source.utf8).write(to: URL(fileURLWithPath: file))
            if position % 100 == 0 { progress(position) }
        }
        try files.moveItem(atPath: draft, toPath: path)
        progress(count)
    }

    private func plan(_ generator: inout SeededGenerator) throws -> [Plan] {
        var taken: Set<String> = []
        return try (0..<count)
            .map { position in
                let topic = generator.pick(SampleTopic.all)
                let dailyCount = Int(Double(count) * Self.dailyShare)
                if position < dailyCount {
                    let date = Self.date(daysBack: position)
                    return Plan(id: try NoteID(validating: "daily/\(date)"), title: date, topic: topic, day: position)
                }
                var text = SampleText(topic: topic, generator: generator)
                var title = text.title()
                var attempt = 1
                let stem = title
                while !taken.insert(title.lowercased()).inserted {
                    attempt += 1
                    title = attempt <= 4 ? text.title() : "\(stem) \(Self.numeral(attempt - 4))"
                }
                generator = text.generator
                let name = title.replacing(":", with: "").replacing("'", with: "")
                return Plan(id: try NoteID(validating: "\(topic.name)/\(name)"), title: title, topic: topic, day: nil)
            }
    }

    private func source(of plan: Plan, links: [String], _ generator: inout SeededGenerator) -> String {
        var text = SampleText(topic: plan.topic, generator: generator)
        var tags = [plan.topic.name]
        for _ in 0..<text.generator.index(below: 3) { tags.append(text.generator.pick(plan.topic.tags)) }
        if plan.day != nil { tags.append("daily") }
        var rest = links[...]
        var parts = ["# \(plan.title)"]
        let paragraphs = plan.day == nil ? 2 + text.generator.index(below: 4) : 1 + text.generator.index(below: 2)
        for number in 0..<paragraphs {
            if number == 2 { parts.append("## \(text.title())") }
            let length = 2 + text.generator.index(below: 4)
            parts.append(text.paragraph(sentences: length, opens: number == 0, links: &rest))
        }
        if text.generator.chance(plan.day == nil ? 0.25 : 0.8) {
            let items = (0..<(2 + text.generator.index(below: 4)))
                .map { _ in
                    "- [\(text.generator.chance(0.4) ? "x" : " ")] \(text.task())"
                }
            parts.append("## To do\n\n" + items.joined(separator: "\n"))
        }
        if text.generator.chance(0.12) {
            parts.append("> \(text.paragraph(sentences: 1, opens: true, links: &rest))")
        }
        if !rest.isEmpty {
            parts.append("Related: " + rest.joined(separator: ", "))
        }
        if text.generator.chance(0.4) {
            parts.append("#\(text.generator.pick(plan.topic.tags))")
        }
        let created = Self.date(daysBack: plan.day ?? text.generator.index(below: 900))
        generator = text.generator
        let header = """
            ---
            title: "\(plan.title)"
            created: \(created)
            tags: [\(tags.removingDuplicates(by: \.self).joined(separator: ", "))]
            ---
            """
        return header + "\n\n" + parts.joined(separator: "\n\n") + "\n"
    }

    private func link(to plan: Plan, _ generator: inout SeededGenerator) -> String {
        let name = plan.id.name
        return generator.chance(0.2) ? "[[\(name)|\(plan.title.lowercased())]]" : "[[\(name)]]"
    }

    private static func numeral(_ number: Int) -> String {
        let symbols = [(10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")]
        var rest = number + 1
        var result = ""
        for (value, symbol) in symbols {
            while rest >= value {
                result += symbol
                rest -= value
            }
        }
        return result
    }

    /// A day as `2026-03-31`, counted back from the end of 2026 so that it never depends on today.
    private static func date(daysBack: Int) -> String {
        let lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        var year = 2026
        var rest = daysBack
        while rest >= 365 {
            rest -= 365
            year -= 1
        }
        var day = 364 - rest
        var month = 0
        while day >= lengths[month] {
            day -= lengths[month]
            month += 1
        }
        return "\(year)-\(month < 9 ? "0" : "")\(month + 1)-\(day < 9 ? "0" : "")\(day + 1)"
    }
}
