import Foundation
import LarderTesting
import Testing

@testable import Larder

@Suite struct KeyTemplateTests {
    private func template(_ text: String, _ kinds: [String: KeyTemplate.Kind] = [:]) throws -> KeyTemplate {
        try KeyTemplate(text, kinds)
    }

    @Test("a template puts values where their names are, and reads them back")
    func roundTrip() throws {
        let identifier = try #require(UUID(uuidString: "6B29FC40-CA47-1067-B31D-00DD010662DA"))
        let template = try template(
            "note:{id}:{lang}:{who}:{draft}",
            ["id": .integer, "lang": .oneOf(["de", "en"]), "who": .identifier, "draft": .boolean]
        )
        let values: [String: KeyValue] = ["id": -7, "lang": "en", "who": .identifier(identifier), "draft": true]
        let key = try template.key(values)
        #expect(key.text == "note:-7:en:6b29fc40-ca47-1067-b31d-00dd010662da:1")
        #expect(template.values(of: key.text) == values)
        for other in [
            "note:-7:en", key.text + ":x", key.text.uppercased(), "page" + key.text.dropFirst(4),
            "note:07:en:\(identifier):1",
        ] {
            #expect(template.values(of: other) == nil, "\(other)")
        }
    }

    @Test("a key by a template is the composite key of its parts")
    func sameAsComposite() throws {
        let key = try template("note:{id}:{lang}", ["id": .integer]).key(["id": 7, "lang": "a:b%"])
        var one = CacheKeyEncoder()
        key.encode(into: &one)
        var two = CacheKeyEncoder()
        CompositeKey("note", 7, "a:b%").encode(into: &two)
        #expect(one.bytes == two.bytes)
        #expect(String(decoding: one.bytes, as: UTF8.self) == "note:7:a%3Ab%25")
    }

    @Test("values never run into each other, whatever they hold")
    func injectivity() throws {
        let template = try template("{a}:{b}")
        let seed = UInt64.random(in: .min ... .max)
        var random = SplitMix64(seed: seed)
        var seen: [String: [String: KeyValue]] = [:]
        let alphabet = Array(":%3A{}*")
        for _ in 0..<20_000 {
            func text() -> String {
                String(
                    (0..<Int.random(in: 1...4, using: &random))
                        .map { _ in alphabet.randomElement(using: &random) ?? "a" }
                )
            }
            let values: [String: KeyValue] = ["a": .text(text()), "b": .text(text())]
            let key = try template.key(values).text
            #expect(seen.updateValue(values, forKey: key).map { $0 == values } ?? true, "seed \(seed)")
            #expect(template.values(of: key) == values, "seed \(seed)")
            #expect(try template.pattern(["a": values["a"] ?? ""]).matches(key.utf8), "seed \(seed)")
        }
    }

    @Test(
        "a template that means nothing is refused",
        arguments: ["", "a::b", "a:{}", "a:{b", "v{b}", "{b}x", "{a}:{a}", "{a}{b}", "{{a}}"]
    )
    func malformed(text: String) {
        let error = #expect(throws: CacheError.self) { try KeyTemplate(text) }
        #expect(error?.code == .invalidKey)
    }

    @Test("a kind without a place is refused")
    func unknownKind() {
        #expect(throws: CacheError.self) { try KeyTemplate("a:{b}", ["c": .integer]) }
    }

    @Test(
        "a value that is missing, of another kind, or without a place is refused",
        arguments: [
            ["lang": "en"], ["id": 7, "lang": "fr"], ["id": "7", "lang": "en"], ["id": 7, "lang": 1],
            ["id": 7, "lang": "en", "x": 1], ["id": true, "lang": "en"], ["id": 7, "lang": ""],
        ] as [[String: KeyValue]]
    )
    func wrongValues(values: [String: KeyValue]) throws {
        let template = try template("note:{id}:{lang}", ["id": .integer, "lang": .oneOf(["de", "en"])])
        let error = #expect(throws: CacheError.self) { try template.key(values) }
        #expect(error?.code == .invalidKey)
    }

    @Test("a pattern of some values matches the keys that have them, and special characters stand for themselves")
    func patterns() throws {
        let template = try template("note:{id}:{lang}")
        let pattern = try template.pattern(["id": "*"])
        #expect(pattern.text == "note:\\*:*")
        #expect(try pattern.matches(template.key(["id": "*", "lang": "en"]).text.utf8))
        #expect(try !pattern.matches(template.key(["id": "7", "lang": "en"]).text.utf8))
        #expect(throws: CacheError.self) { try template.pattern(["x": 1]) }
    }

    @Test("registered templates make keys of texts, and tell by which of them a key was made")
    func registry() throws {
        let templates = try KeyTemplates([
            "note": template("note:{id}:{lang}", ["id": .integer]),
            "page": template("page:{name}:{draft}", ["draft": .boolean]),
        ])
        let key = try templates.key("note", parsing: ["id": "7", "lang": "en"])
        #expect(try key == templates.key("note", ["id": 7, "lang": "en"]))
        #expect(try templates.key("page", parsing: ["name": "x", "draft": "true"]).text == "page:x:1")
        let match = try #require(templates.match("note:7:en"))
        #expect(match.name == "note")
        #expect(match.values == ["id": 7, "lang": "en"])
        #expect(templates.match("note:seven:en") == nil)
        #expect(throws: CacheError.self) { try templates.key("note", parsing: ["id": "seven", "lang": "en"]) }
        #expect(throws: CacheError.self) { try templates.key("none", [:]) }
    }

    @Test(
        "templates that can make the same key are refused",
        arguments: [
            ("{a}:{b}", "note:{id}", true), ("note:{a}", "note:{b}", true), ("note:{a}", "note:{a}:{b}", false),
            ("{n}", "x", false), ("{n}", "7", true), ("a:{t}", "b:{t}", false),
        ]
    )
    func conflicts(one: String, two: String, areInConflict: Bool) throws {
        let kinds: [String: KeyTemplate.Kind] = one.contains("{n}") ? ["n": .integer] : [:]
        let templates = ["one": try template(one, kinds), "two": try template(two)]
        if areInConflict {
            let error = #expect(throws: CacheError.self) { try KeyTemplates(templates) }
            #expect(error?.code == .invalidConfiguration)
        } else {
            _ = try KeyTemplates(templates)
        }
    }
}
