import LarderTesting
import Testing

@testable import Larder

@Suite struct AccessPolicyTests {
    private func decision(_ policy: AccessPolicy, _ roles: Set<String>, _ action: AccessAction, _ key: String) -> Bool {
        policy.decision(for: Principal("p", roles: roles), to: action, key.utf8, in: "notes").isAllowed
    }

    @Test("what no rule allows is denied, and the first rule that fits decides")
    func order() throws {
        let policy = try AccessPolicy([
            .deny(nil, [.read], in: "notes", keys: KeyPattern("private:*")),
            .allow("reader", [.read], in: "notes"),
            .allow("owner", [.read, .write], in: "notes"),
        ])
        #expect(!decision(policy, [], .read, "a"))
        #expect(decision(policy, ["reader"], .read, "a"))
        #expect(!decision(policy, ["reader"], .write, "a"))
        #expect(
            !decision(policy, ["reader", "owner"], .read, "private:a"),
            "a role adds no right that was denied before"
        )
        #expect(decision(policy, ["reader", "owner"], .write, "private:a"))
        let elsewhere = policy.decision(for: Principal("p", roles: ["owner"]), to: .read, "a".utf8, in: "users")
        #expect(elsewhere == AccessDecision(isAllowed: false, rule: nil))
        #expect(!decision(.denyAll, ["owner"], .read, "a"))
    }

    @Test("a rule that is never reached is refused, and one that is reached for some action is not")
    func unreachable() throws {
        let all = Set(AccessAction.allCases)
        let draft = try KeyPattern("draft:*")
        let refused: [[AccessRule]] = [
            [.allow(nil, all, in: nil), .deny("x", [.read], in: "notes", keys: draft)],
            [.allow("x", [.read], in: "notes"), .deny("x", [.read], in: "notes", keys: draft)],
            [.allow("x", [.read], in: nil), .allow(nil, [.write], in: nil), .deny("x", [.read, .write], in: "notes")],
            [.allow("x", [.read], in: nil), .allow("x", [.read], in: nil)],
            [.allow("x", [], in: nil)],
        ]
        for rules in refused {
            let error = #expect(throws: CacheError.self, "\(rules)") { try AccessPolicy(rules) }
            #expect(error?.code == .invalidRule)
        }
        let accepted: [[AccessRule]] = [
            [.allow("x", [.read], in: nil), .deny("x", [.read, .write], in: "notes")],
            [.allow("x", [.read], in: "notes"), .deny(nil, [.read], in: "notes")],
            [.allow("x", [.read], in: "notes"), .deny("x", [.read], in: nil)],
            [.deny("x", [.read], in: "notes", keys: draft), .allow("x", [.read], in: "notes")],
        ]
        for rules in accepted { _ = try AccessPolicy(rules) }
    }

    @Test("a right to all keys of a pattern takes a right to each of them")
    func patterns() throws {
        let policy = try AccessPolicy([
            .deny(nil, [.invalidate], in: "notes", keys: KeyPattern("*:locked")),
            .allow("a", [.invalidate], in: "notes", keys: KeyPattern("draft:*")),
            .allow("b", [.invalidate], in: "notes", keys: KeyPattern("draft:[0-9]")),
        ])
        func allows(_ role: String, _ pattern: String) throws -> Bool {
            policy.decision(
                for: Principal("p", roles: [role]),
                to: .invalidate,
                allMatching: try KeyPattern(pattern),
                in: "notes"
            )
            .isAllowed
        }
        #expect(try allows("a", "draft:7"))
        #expect(try !allows("a", "draft:*"), "some of them are locked")
        #expect(try allows("a", "draft:?"))
        #expect(try !allows("a", "*"))
        #expect(try !allows("a", "draf?:7"))
        #expect(try allows("b", "draft:[3-5]"))
        #expect(try !allows("b", "draft:?"))
        #expect(try !allows("c", "draft:7"))
    }

    /// What a policy means, in ten lines.
    private func model(_ rules: [AccessRule], _ roles: Set<String>, _ action: AccessAction, _ key: String) -> Bool {
        for rule in rules {
            guard rule.actions.contains(action) else { continue }
            if let role = rule.role, !roles.contains(role) { continue }
            if let namespace = rule.namespace, namespace != "notes" { continue }
            guard Self.glob(rule.keys.text[...], key[...]) else { continue }
            return rule.verdict == .allow
        }
        return false
    }

    private static func glob(_ pattern: Substring, _ key: Substring) -> Bool {
        guard let first = pattern.first else { return key.isEmpty }
        if first == "*" { return glob(pattern.dropFirst(), key) || (!key.isEmpty && glob(pattern, key.dropFirst())) }
        return key.first.map { $0 == first || first == "?" } == true && glob(pattern.dropFirst(), key.dropFirst())
    }

    @Test("all pairs of principals, keys and actions are decided as by ten lines that anybody can check")
    func reference() async throws {
        let seed = UInt64.random(in: .min ... .max)
        var random = SplitMix64(seed: seed)
        let roles = ["a", "b", "c"]
        let patterns = try ["*", "x*", "*y", "x/?", "x/y", "?", "x*y", "y/*"].map { try KeyPattern($0) }
        let keys = ["x", "y", "x/y", "x/z", "y/x", "xy", "z/z/z"]
        let principals = (0..<8).map { bits in Set(roles.indices.filter { bits & 1 << $0 != 0 }.map { roles[$0] }) }
        var decided = 0
        var patternsAllowed = 0
        for _ in 0..<300 {
            var rules: [AccessRule] = []
            // Behind a rule for everything no other is reached, however many are tried.
            for _ in 0..<40 where rules.count < 6 {
                let actions = Set(AccessAction.allCases.filter { _ in Bool.random(using: &random) })
                let role = Bool.random(using: &random) ? roles.randomElement(using: &random) : nil
                let namespace = ["notes", "users", nil].randomElement(using: &random) ?? nil
                let pattern = patterns.randomElement(using: &random) ?? .everything
                let rule: AccessRule =
                    Bool.random(using: &random)
                    ? .allow(role, actions, in: namespace, keys: pattern)
                    : .deny(role, actions, in: namespace, keys: pattern)
                // Rules that are never reached are left out, as their author would.
                if (try? AccessPolicy(rules + [rule])) != nil { rules.append(rule) }
            }
            let policy = try AccessPolicy(rules)
            let cache = try CacheSystem(access: AccessControl(policy))
                .cache(CacheNamespace<String, Int>.inMemory("notes", policy: exact()))
            for roles in principals {
                let principal = Principal("p", roles: roles)
                let view = try cache.scoped(to: principal)
                for action in AccessAction.allCases {
                    for key in keys {
                        let expected = model(rules, roles, action, key)
                        let comment: Comment = "seed \(seed): \(roles) \(action) \(key) \(rules)"
                        let decision = policy.decision(for: principal, to: action, key.utf8, in: "notes")
                        #expect(decision.isAllowed == expected, comment)
                        // Once as it is found out, and once as it is kept.
                        #expect(view.allows(action, forKey: key) == expected, comment)
                        #expect(view.allows(action, forKey: key) == expected, comment)
                        decided += 1
                    }
                    for pattern in patterns {
                        guard
                            policy.decision(for: principal, to: action, allMatching: pattern, in: "notes").isAllowed
                        else { continue }
                        patternsAllowed += 1
                        for key in keys where pattern.matches(key.utf8) {
                            #expect(model(rules, roles, action, key), "seed \(seed): \(roles) \(pattern) \(rules)")
                        }
                    }
                }
            }
        }
        #expect(decided == 300 * 8 * 6 * 7)
        #expect(patternsAllowed > 100)
    }
}
