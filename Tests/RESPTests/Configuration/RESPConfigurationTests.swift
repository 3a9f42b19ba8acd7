import RESP
import Testing

@Suite("Configuration by URL")
struct RESPConfigurationTests {
    @Test(
        "a URL names the host, the port and the database",
        arguments: [
            ("redis://", "127.0.0.1", 6_379, 0), ("redis://example.com", "example.com", 6_379, 0),
            ("valkey://example.com:7000/3", "example.com", 7_000, 3), ("REDIS://h/", "h", 6_379, 0),
            ("redis://[::1]:7000", "::1", 7_000, 0), ("redis://[::1]/2", "::1", 6_379, 2),
            ("redis://h?db=4", "h", 6_379, 4), ("redis://ann:pass@h:1/1", "h", 1, 1),
        ]
    )
    func addresses(url: String, host: String, port: Int, database: Int) throws {
        let configuration = try RESPConfiguration(url: url)
        #expect(configuration.endpoint == .tcp(host: host, port: port))
        #expect(configuration.database == database)
        #expect(configuration.tls == nil)
    }

    @Test("the schemes with one more s are encrypted", arguments: ["rediss://h", "valkeys://h"])
    func encryption(url: String) throws {
        #expect(try RESPConfiguration(url: url).tls == RESPTransportSecurity())
    }

    @Test("a Unix socket has a path")
    func unixSockets() async throws {
        let configuration = try RESPConfiguration(
            url: "redis+unix://:p%40ss@/run/redis%20server/socket?db=2&protocol=2"
        )
        #expect(configuration.endpoint == .unix(path: "/run/redis server/socket"))
        #expect(configuration.database == 2)
        #expect(configuration.protocolVersion == 2)
        #expect(try await configuration.credentials?() == RESPCredentials(password: "p@ss"))
    }

    @Test(
        "user and password are decoded",
        arguments: [
            ("redis://ann:secret@h", RESPCredentials(user: "ann", password: "secret")),
            ("redis://:secret@h", RESPCredentials(password: "secret")),
            ("redis://a%3Ab:s%2Fe%25c@ret@h", RESPCredentials(user: "a:b", password: "s/e%c@ret")),
        ]
    )
    func credentials(url: String, expected: RESPCredentials) async throws {
        #expect(try await RESPConfiguration(url: url).credentials?() == expected)
    }

    @Test(
        "a URL that says something else is refused, without being quoted",
        arguments: [
            "secret", "http://secret", "redis://h:secret", "redis://h:70000", "redis://h/secret", "redis://secret@h",
            "redis+unix://secret", "redis://h?secret=1", "redis://h?db=secret", "redis://h?protocol=4",
            "redis://:secret%zz@h", "redis://:secret%@h",
        ]
    )
    func refusals(url: String) {
        #expect {
            try RESPConfiguration(url: url)
        } throws: { error in
            guard let error = error as? RESPError, error.code == .invalidConfiguration else { return false }
            return url == "redis://h?secret=1" || url == "http://secret" || !error.message.contains("secret")
        }
    }

    @Test("credentials never show their password")
    func secrecy() {
        let credentials = RESPCredentials(user: "ann", password: "secret")
        #expect(!"\(credentials)\(String(reflecting: credentials))".contains("secret"))
    }
}
