import Larder
import LarderTesting
import Logging
import Testing

@Suite struct ConfigurationFindingTests {
    /// A change of the default settings, and the settings that are named because of it.
    struct Rule: Sendable, CustomTestStringConvertible {
        let settings: [String]
        let word: String
        let change: @Sendable (inout CacheNamespace<Int, String>) -> Void

        var testDescription: String { settings.joined(separator: ", ") }

        init(
            _ settings: [String],
            _ word: String,
            _ change: @escaping @Sendable (inout CacheNamespace<Int, String>) -> Void
        ) {
            self.settings = settings
            self.word = word
            self.change = change
        }
    }

    static let rules = [
        Rule(["weigher", "memory"], "never asked") { $0.weigher = { _, _ in 1 } },
        Rule(["loadLimits", "loadGroup"], "no key has a group") { $0.loadLimits.maximumConcurrentLoadsPerGroup = 2 },
        Rule(["loadLimits", "loadGroup"], "groups have no limit") { $0.loadGroup = { _ in "g" } },
        Rule(["loadLimits", "grace"], "without grace") { $0.loadLimits.whenFull = .stale },
        Rule(["breaker", "grace"], "no stale copies to serve") { $0.breaker = try? CircuitBreaker("origin") },
        Rule(["memory"], "no bound") { $0.memory = .entries(.max) },
        Rule(["softTimeout", "hardTimeout"], "as long as") {
            $0.policy.grace = .seconds(60)
            $0.policy.softTimeout = $0.policy.hardTimeout
        },
        Rule(["hardTimeout", "loadDeadline"], "abandoned before") { $0.policy.hardTimeout = .seconds(31) },
        Rule(["grace", "retryPause"], "gone before") { $0.policy.grace = .seconds(4) },
        Rule(["graceAfterInvalidation", "grace"], "cannot lengthen") {
            $0.policy.grace = .seconds(60)
            $0.policy.graceAfterInvalidation = .seconds(361)
        },
        Rule(["timeToLive", "refreshAhead"], "nothing is stored") {
            $0.policy.timeToLive = .zero
            $0.policy.refreshAhead = .afterFraction(0.8)
        },
        Rule(["timeToLive", "refreshAhead"], "expire before") { $0.policy.refreshAhead = .every(.seconds(300)) },
        Rule(["timeToLive", "negativeTimeToLive"], "absences") { $0.policy.negativeTimeToLive = .seconds(301) },
        Rule(["jitter"], "together") { $0.policy.jitter = 0 },
    ]

    @Test("the default settings are without a finding, on their own and with a store")
    func defaults() throws {
        #expect(CachePolicy.default.findings.isEmpty)
        #expect(CacheNamespace<Int, String>("values").findings.isEmpty)
        let log = LogRecorder()
        let caches = try CacheSystem(store: DictionaryStore(), logger: log.logger)
        _ = try caches.cache(CacheNamespace<Int, String>("values", policy: CachePolicy(grace: .seconds(60))))
        #expect(log.lines.isEmpty)
    }

    @Test("each combination that hurts is found, by itself, and logged when the namespace is opened", arguments: rules)
    func rule(_ rule: Rule) throws {
        var namespace = CacheNamespace<Int, String>("values")
        rule.change(&namespace)
        let finding = try #require(namespace.findings.first)
        #expect(namespace.findings.count == 1)
        #expect(finding.settings == rule.settings)
        #expect(finding.message.contains(rule.word))
        #expect(finding.description.hasPrefix(rule.settings.joined(separator: ", ")))
        let log = LogRecorder()
        let caches = try CacheSystem(logger: log.logger)
        _ = try caches.cache(namespace)
        let line = try #require(log.lines.first)
        #expect(log.lines.count == 1)
        #expect(line.metadata["namespace"] == "values")
        #expect(line.metadata["finding"] == "\(finding.message)")
        _ = try caches.cache(namespace)
        #expect(log.lines.count == 1, "opening it again says nothing new")
    }

    @Test("a store that may take longer than callers with a stale copy wait is found")
    func storeTimeout() throws {
        let log = LogRecorder()
        let configuration = CacheSystem.Configuration(storeTimeout: .seconds(1))
        let caches = try CacheSystem(store: DictionaryStore(), configuration: configuration, logger: log.logger)
        _ = try caches.cache(CacheNamespace<Int, String>("fine"))
        #expect(log.lines.isEmpty)
        _ = try caches.cache(CacheNamespace<Int, String>("values", policy: CachePolicy(grace: .seconds(60))))
        #expect(log.lines.map { $0.metadata["settings"] } == ["storeTimeout, softTimeout"])
    }
}
