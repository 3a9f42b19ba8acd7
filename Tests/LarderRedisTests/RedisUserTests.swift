import Larder
import LarderRedis
import LarderTesting
import Logging
import RESP
import Testing

@Suite(.enabled(if: RedisServer.isInstalled), .timeLimit(.minutes(10))) struct RedisUserTests {
    private let policy: AccessPolicy

    init() throws {
        policy = try AccessPolicy([
            .allow("reader", [.read, .inspect], in: "notes"),
            .allow("editor", [.read, .write, .invalidate], in: "notes", keys: KeyPattern("draft/[0-9a-]*")),
            .allow("editor", [.read], in: "notes", keys: KeyPattern("page\\[1\\]/(?)")),
            .allow("operator", Set(AccessAction.allCases), in: nil),
        ])
    }

    /// A server that knows the users of the policy, all with one password.
    private func server(logName: String? = nil) async throws -> RedisServer {
        let server = try await RedisServer.start()
        let admin = try RESPConnection(.patient(url: server.url), logger: Logger(label: "test"))
        for user in try policy.redisUsers(namespaces: ["notes", "users"], logName: logName) {
            let arguments = (["SETUSER", user.name] + user.rules + [">secret"]).map { RESPArgument.text($0) }
            let reply = try await admin.execute(RESPCommand("ACL", arguments: arguments))
            #expect(reply == .text("OK"), "\(user)")
        }
        await admin.close()
        return server
    }

    private func url(_ server: RedisServer, _ role: String) -> String {
        "redis://larder%3A\(role):secret@127.0.0.1:\(server.port)"
    }

    private func cache(_ store: RedisStore, _ name: String = "notes") throws -> TieredCache<String, Int> {
        try CacheSystem(store: store, configuration: patient, logger: Logger(label: "test")).cache(CacheNamespace(name))
    }

    /// So that nothing is late on a busy machine.
    private var patient: CacheSystem.Configuration {
        var configuration = CacheSystem.Configuration()
        configuration.storeBreaker = nil
        configuration.maximumSilence = .seconds(600)
        configuration.storeTimeout = .seconds(300)
        return configuration
    }

    @Test("the lines of a policy are as they are")
    func lines() throws {
        let users = try policy.redisUsers(namespaces: ["notes"])
        let base = "reset on -@all +hello +auth +ping +select +client|setname"
        let editor = "larder:larder:notes:draft/[0123456789a\\-]*"
        let page = "larder:larder:notes:page\\[1\\]/[(]?[)]"
        let all = "larder:larder:notes:*"
        #expect(
            users.map(\.description) == [
                "user larder:editor \(base) (%R~\(editor) %R~\(page) +pttl +getrange +mget) (%W~\(editor) +set) "
                    + "(~\(editor) +getrange +set +eval +evalsha)",
                "user larder:operator \(base) (%R~\(all) +pttl +getrange +mget) (%W~\(all) +set) "
                    + "(~\(all) +getrange +set +eval +evalsha) (~\(all) +scan +getrange +unlink +eval +evalsha) "
                    + "(%R~\(all) +pttl +getrange) +info",
                "user larder:reader \(base) (%R~\(all) +pttl +getrange +mget) (%R~\(all) +pttl +getrange)",
            ]
        )
    }

    @Test("on a real server a role does what the policy allows through the store, and nothing else")
    func roles() async throws {
        let server = try await server()
        let administration = try RedisStore(on: server)
        let keys = ["draft/1", "draft/-", "draft/x", "page[1]/(7)", "page1/(7)", "other"]
        try await cache(administration).setValues(Dictionary(uniqueKeysWithValues: keys.map { ($0, 1) }))
        try await cache(administration, "users").setValue(1, forKey: "draft/1")
        let all = try await administration.keys(withPrefix: StoreKey(""), after: nil, limit: 100)
        #expect(all.count == 7)
        for role in ["reader", "editor", "operator"] {
            let store = try RedisStore(url: url(server, role)) { _ in }
            for key in all {
                let parts = key.description.split(separator: ":", maxSplits: 2).map(String.init)
                func allows(_ action: AccessAction) -> Bool {
                    policy.decision(
                        for: Principal("p", roles: [role]),
                        to: action,
                        parts[2].utf8,
                        in: parts[1]
                    )
                    .isAllowed
                }
                func succeeds(_ call: () async throws -> Void) async -> Bool { await (try? call()) != nil }
                let life = Duration.seconds(600)
                let slot = try await administration.slots(forKeys: [key])[0]
                let bytes = slot.value?.bytes ?? []
                let reads = await succeeds { _ = try await store.slots(forKeys: [key]) }
                #expect(reads == (allows(.read) || allows(.inspect)), "\(role) reads \(key)")
                let readsMany = await succeeds { _ = try await store.slots(forKeys: [key, key]) }
                #expect(readsMany == allows(.read), "\(role) reads \(key) among others")
                let fill = StoreFill(StoreWrite(key: key, bytes: bytes, timeToLive: life), over: slot.version)
                let fills = await succeeds { _ = try await store.fill([fill]) }
                #expect(fills == (allows(.read) && allows(.write)), "\(role) fills \(key)")
                let writes = await succeeds { try await store.setValue(bytes, forKey: key, timeToLive: life) }
                #expect(writes == (allows(.write) || allows(.invalidate)), "\(role) writes \(key)")
            }
            let clears = await (try? store.removeAll(withPrefix: StoreKey("larder:users:"))) != nil
            #expect(clears == (role == "operator"), "\(role) clears")
            let administers = await (try? store.serverStatistics()) != nil
            #expect(administers == (role == "operator"), "\(role) administers")
            await store.shutdown()
        }
        await administration.shutdown()
    }

    @Test("a whole cache works with the user of its role")
    func wholeCache() async throws {
        let server = try await server()
        let store = try RedisStore(url: url(server, "editor")) { _ in }
        let first = try cache(store)
        #expect(try await first.value(forKey: "draft/1") { _ in 7 } == 7)
        #expect(try await cache(store).value(forKey: "draft/1") == 7)
        try await first.removeValue(forKey: "draft/1")
        #expect(try await cache(store).value(forKey: "draft/1") == nil)
        #expect(first.statistics.storeFailures == 0)
        await #expect(throws: CacheError.self) { try await first.removeValue(forKey: "other") }
        await store.shutdown()
    }

    @Test("two processes share a store and a log with the users of their roles")
    func sharedLog() async throws {
        let server = try await server(logName: "larder")
        func process(_ role: String) throws -> (CacheSystem, TieredCache<String, Int>) {
            var connection = try RESPConfiguration(url: url(server, role))
            connection.timeout = .seconds(300)
            let logger = Logger(label: "test")
            let system = try CacheSystem(
                store: try RedisStore(configuration: RedisStore.Configuration(connection: connection), logger: logger),
                log: try RedisInvalidationLog(configuration: .init(connection: connection), logger: logger),
                configuration: patient,
                logger: logger
            )
            return (system, try system.cache(CacheNamespace("notes")))
        }
        let (writing, editor) = try process("editor")
        let (reading, reader) = try process("reader")
        try await editor.setValue(1, forKey: "draft/1")
        #expect(try await reader.value(forKey: "draft/1") == 1)
        #expect(editor.statistics.storeFailures + reader.statistics.storeFailures == 0)
        await writing.shutdown()
        await reading.shutdown()
    }

    @Test(
        "what a server cannot express is refused",
        arguments: [
            [.deny(nil, [.read], in: "notes", keys: "private:*"), .allow("a", [.read], in: "notes", keys: "*")],
            [.allow("a", [.read], in: "notes", keys: "a b")],
            [.allow("a", [.read], in: "notes", keys: "[é]")],
            [
                .allow("a", [.read], in: "notes", keys: "x"), .allow("b c", [.read], in: nil, keys: "x"),
                .allow("b-c", [.read], in: nil, keys: "x"),
            ],
        ] as [[Line]]
    )
    func inexpressible(lines: [Line]) throws {
        let policy = try AccessPolicy(lines.map { try $0.rule() })
        let error = #expect(throws: CacheError.self) { try policy.redisUsers(namespaces: ["notes"]) }
        #expect(error?.code == .invalidRule)
    }

    @Test("a denial of other keys, or of all, is no hindrance")
    func expressible() throws {
        let policy = try AccessPolicy([
            .deny(nil, [.read], in: "notes", keys: KeyPattern("private:*")),
            .allow("a", [.read], in: "notes", keys: KeyPattern("open:*")),
            .allow("b", [.read, .write], in: "notes", keys: KeyPattern("private:7")),
        ])
        let users = try policy.redisUsers(namespaces: ["notes"])
        #expect(users[0].rules.last == "(%R~larder:larder:notes:open:* +pttl +getrange +mget)")
        #expect(users[1].rules.last == "(%W~larder:larder:notes:private:7 +set)")
    }

    /// A rule whose pattern has not been read yet.
    enum Line: Sendable {
        case allow(String?, Set<AccessAction>, in: String?, keys: String)
        case deny(String?, Set<AccessAction>, in: String?, keys: String)

        func rule() throws -> AccessRule {
            switch self {
            case .allow(let role, let actions, let namespace, let keys):
                .allow(role, actions, in: namespace, keys: try KeyPattern(keys))
            case .deny(let role, let actions, let namespace, let keys):
                .deny(role, actions, in: namespace, keys: try KeyPattern(keys))
            }
        }
    }
}
