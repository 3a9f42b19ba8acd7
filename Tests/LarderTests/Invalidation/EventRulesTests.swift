import LarderTesting
import Testing

@testable import Larder

@Suite("EventRules")
struct EventRulesTests {
    private let rules: EventRules

    init() throws {
        rules = try EventRules(
            [
                EventRule(
                    "note.updated",
                    in: "notes",
                    invalidates: ["note:{id}", "note:{id}:*", "tag author:{author}"]
                ),
                EventRule("note.updated", in: "pages", invalidates: ["{{x}}:{id}"], isSoft: true),
                EventRule("vault.moved", in: "notes", invalidates: ["everything"]),
            ],
            keyPrefix: { StoreKey($0 + "/") }
        )
    }

    @Test("an event becomes what its rules say, and one without rules becomes nothing")
    func records() throws {
        let event = CacheEvent("note.updated", id: "1", fields: ["id": "7", "author": "ann", "more": "x"])
        #expect(
            try rules.records(for: event) == [
                InvalidationRecord(.keys([StoreKey("notes/note:7")]), in: "notes"),
                InvalidationRecord(.pattern(try KeyPattern("note:7:*")), in: "notes"),
                InvalidationRecord(.tags(["author:ann"]), in: "notes"),
                InvalidationRecord(.keys([StoreKey("pages/{x}:7")]), in: "pages", isSoft: true),
            ]
        )
        let moved = try rules.records(for: CacheEvent("vault.moved", id: "2"))
        #expect(moved == [InvalidationRecord(.everything, in: "notes")])
        #expect(try rules.records(for: CacheEvent("unknown", id: "3")).isEmpty)
    }

    @Test(
        "a value never widens what a rule names",
        arguments: ["*", "7*", "?", "[a-z]", "\\", "\\*", "a:*", "7:x", "]", "{id}", "%", "\u{301}"]
    )
    func escaping(value: String) throws {
        let event = CacheEvent("note.updated", id: "1", fields: ["id": value, "author": value])
        let records = try rules.records(for: event)
        var encoder = CacheKeyEncoder(prefix: Array("notes/note:".utf8))
        encoder.append(value)
        #expect(records[0].target == .keys([StoreKey(bytes: encoder.bytes)]))
        guard case .pattern(let pattern) = records[1].target else { return #expect(Bool(false)) }
        let name = encoder.bytes.dropFirst(6)
        #expect(pattern.isPrefix && pattern.literalPrefix == name + [0x3A])
        #expect(pattern.matches(name + Array(":x".utf8)))
        for other in ["note:7", "note:7:x", "note:a:b", "note:a:x:y", "note:"] { #expect(!pattern.matches(other.utf8)) }
        #expect(records[2].target == .tags(["author:\(value)"]))
    }

    @Test("a field that is missing is an error that names it")
    func missingField() throws {
        let error = #expect(throws: CacheError.self) {
            try rules.records(for: CacheEvent("note.updated", id: "1", fields: ["id": "7"]))
        }
        #expect(error?.code == .missingField)
        #expect(error?.message.contains("\"author\"") ?? false)
    }

    @Test(
        "a template that says nothing, or in which a value could be special, is refused",
        arguments: [
            "note:{id", "note:id}", "note:{}", "note:[", "note:[{id}]", "note:[!a{id}]", "note:\\{id}", "tag {",
        ]
    )
    func faults(template: String) {
        let error = #expect(throws: CacheError.self) {
            try EventRules([EventRule("e", in: "n", invalidates: [template])], keyPrefix: { StoreKey($0) })
        }
        #expect(error?.code == .invalidRule)
    }
}

@Suite("EventIntake")
struct EventIntakeTests {
    private let event = CacheEvent("moved", id: "1")
    private let record = InvalidationRecord(.everything, in: "n")

    @Test("an event that was confirmed is passed over within the window, and one that was not is not")
    func idempotence() throws {
        var intake = try makeIntake()
        #expect(try intake.receive(event, at: .zero) == [record])
        #expect(try intake.receive(event, at: .seconds(1)) == [record])
        intake.confirm(event, at: .seconds(1))
        #expect(try intake.receive(event, at: .seconds(600)).isEmpty)
        #expect(try intake.receive(CacheEvent("moved", id: "2"), at: .seconds(600)) == [record])
        #expect(try intake.receive(event, at: .seconds(601)) == [record])
    }

    @Test("remembers no more events than its bound, the newest")
    func bound() throws {
        var limits = EventIntake.Limits()
        limits.events = 100
        var intake = try makeIntake(limits)
        for number in 0..<1_000 { intake.confirm(CacheEvent("moved", id: "\(number)"), at: .zero) }
        let isSeen = try (0..<1_000).map { try intake.receive(CacheEvent("moved", id: "\($0)"), at: .zero).isEmpty }
        #expect((100...113).contains(isSeen.count { $0 }))
        #expect(isSeen.suffix(100).allSatisfy { $0 })
    }

    @Test("of what comes too early, the first goes through at once, and the rest once, later")
    func debounce() throws {
        var limits = EventIntake.Limits()
        limits.debounce = .seconds(5)
        var intake = try makeIntake(limits)
        var sent: [Int] = []
        for second in 0..<60 {
            let now = Duration.seconds(second)
            if let due = intake.nextDue, due <= now { sent += intake.due(at: now).map { _ in second } }
            guard second < 23 else { continue }
            sent += try intake.receive(CacheEvent("moved", id: "\(second)"), at: now).map { _ in second }
        }
        #expect(sent == [0, 5, 10, 15, 20, 25])
        #expect(intake.nextDue == nil)
    }

    @Test("what cannot be held back goes through at once")
    func debounceBound() throws {
        var limits = EventIntake.Limits()
        limits.debounce = .seconds(5)
        limits.heldBack = 2
        let rules = try EventRules([EventRule("e", in: "n", invalidates: ["{id}"])], keyPrefix: { StoreKey($0) })
        var intake = EventIntake(rules, limits: limits)
        for number in 0..<10 {
            let event = CacheEvent("e", id: "\(number)", fields: ["id": "\(number % 5)"])
            let isThrough = try !intake.receive(event, at: .zero).isEmpty
            #expect(isThrough == (number < 5 || number % 5 >= 2))
        }
    }

    private func makeIntake(_ limits: EventIntake.Limits = .init()) throws -> EventIntake {
        let rules = try EventRules(
            [EventRule("moved", in: "n", invalidates: ["everything"])],
            keyPrefix: { StoreKey($0) }
        )
        return EventIntake(rules, limits: limits)
    }
}
