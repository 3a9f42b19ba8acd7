import Testing

@testable import RESP

@Suite("The first words on a connection")
struct HandshakeTests {
    private func commands(_ handshake: Handshake) throws -> [String] {
        try parse(handshake.bytes).map { ($0.elements ?? []).compactMap(\.string).joined(separator: " ") }
    }

    private func makeHandshake(
        user: String? = nil,
        password: String? = nil,
        database: Int = 0,
        version: Int = 3
    ) -> Handshake {
        var configuration = RESPConfiguration()
        configuration.clientName = "web"
        configuration.database = database
        configuration.protocolVersion = version
        return Handshake(configuration, credentials: password.map { RESPCredentials(user: user, password: $0) })
    }

    private func failure(of step: Handshake.Step) -> RESPError.Code? {
        if case .fail(let error) = step { error.code } else { nil }
    }

    private func refuse(_ message: String) -> RESPValue { .error(RESPServerError(message: message)) }

    @Test("version, credentials, name and database go out together")
    func commands() throws {
        #expect(try commands(makeHandshake()) == ["HELLO 3 SETNAME web", "CLIENT SETINFO LIB-NAME larder"])
        #expect(
            try commands(makeHandshake(user: "ann", password: "secret", database: 2)) == [
                "HELLO 3 AUTH ann secret SETNAME web", "CLIENT SETINFO LIB-NAME larder", "SELECT 2",
            ]
        )
        #expect(
            try commands(makeHandshake(password: "secret", version: 2)) == [
                "AUTH secret", "CLIENT SETNAME web", "CLIENT SETINFO LIB-NAME larder", "SELECT 0",
            ]
        )
    }

    @Test("a server without SETINFO is welcome")
    func oldServer() {
        var handshake = makeHandshake()
        _ = handshake.receive(.map([]))
        guard case .finish(3) = handshake.receive(refuse("ERR unknown subcommand")) else {
            return #expect(Bool(false), "not finished")
        }
    }

    @Test("a server that does not know HELLO is spoken to in version 2, with all that was to be said")
    func fallback() throws {
        var handshake = makeHandshake(user: "ann", password: "secret", database: 1)
        _ = handshake.receive(refuse("ERR unknown command 'HELLO'"))
        _ = handshake.receive(refuse("NOAUTH Authentication required."))
        guard case .send = handshake.receive(refuse("NOAUTH Authentication required.")) else {
            return #expect(Bool(false), "no fallback")
        }
        #expect(try commands(handshake).first == "AUTH ann secret")
        for _ in 0..<3 { _ = handshake.receive(.text("OK")) }
        guard case .finish(2) = handshake.receive(.text("OK")) else { return #expect(Bool(false), "not finished") }
    }

    @Test(
        "what the server says tells refusals from servers that are not ready",
        arguments: [
            ("WRONGPASS invalid username-password pair", RESPError.Code.authenticationFailed),
            ("NOAUTH HELLO must be called with the client already authenticated", .authenticationFailed),
            ("ERR Client sent AUTH, but no password is set", .authenticationFailed),
            ("LOADING Redis is loading the dataset in memory", .connectionFailed),
        ]
    )
    func failures(message: String, code: RESPError.Code) {
        var handshake = makeHandshake(password: "secret")
        _ = handshake.receive(refuse(message))
        #expect(failure(of: handshake.receive(.text("OK"))) == code)
    }

    @Test("a database that is not there is an error of the configuration")
    func database() {
        var handshake = makeHandshake(database: 99)
        _ = handshake.receive(.map([]))
        _ = handshake.receive(.text("OK"))
        #expect(failure(of: handshake.receive(refuse("ERR DB index is out of range"))) == .invalidConfiguration)
    }

    @Test("no error shows the password")
    func secrecy() {
        var handshake = makeHandshake(user: "ann", password: "secret")
        _ = handshake.receive(refuse("WRONGPASS"))
        guard case .fail(let error) = handshake.receive(.text("OK")) else { return #expect(Bool(false), "accepted") }
        #expect(error.description.contains("ann"))
        #expect(!error.description.contains("secret"))
    }
}
