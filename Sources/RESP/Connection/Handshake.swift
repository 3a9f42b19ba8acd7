/// What is said on a new connection before the first call: version, credentials, names, database.
///
/// All of it goes out in one write. A server that does not know `HELLO` is spoken to again in version 2.
struct Handshake: Sendable {
    enum Step {
        /// More replies have to come.
        case wait
        /// The server does not know version 3; these bytes have to be sent.
        case send([UInt8])
        /// The connection can be used.
        case finish(protocolVersion: Int)
        /// It cannot.
        case fail(RESPError)
    }

    /// A command, and what its failure means.
    private struct Part {
        enum Failure {
            case ignored
            case credentials
            case version
            case fatal
            /// The reply has to be that of a primary.
            case role
        }

        var command: RESPCommand
        var failure: Failure
    }

    private let clientName: String?
    private let database: Int
    private let credentials: RESPCredentials?
    private let isReadOnly: Bool
    private let requiresPrimary: Bool
    private var version: Int
    private var parts: ArraySlice<Part> = []
    private var mustFallBack = false
    private var failure: RESPError?

    init(_ configuration: RESPConfiguration, credentials: RESPCredentials?) {
        clientName = configuration.clientName
        database = configuration.database
        isReadOnly = configuration.isReadOnly
        requiresPrimary = configuration.sentinel != nil
        version = configuration.protocolVersion
        self.credentials = credentials
        parts = makeParts()[...]
    }

    /// The bytes that begin the connection.
    var bytes: [UInt8] { parts.flatMap(\.command.bytes) }

    /// Takes a reply.
    mutating func receive(_ reply: RESPValue) -> Step {
        guard let part = parts.popFirst() else { return .fail(.unexpected(reply, to: "the handshake")) }
        if case .error(let error) = reply {
            note(error, of: part)
        } else if part.failure == .role, reply.elements?.first?.string != "master" {
            failure = failure ?? RESPError(.connectionFailed, "the server is not a primary, or not any more")
        }
        guard parts.isEmpty else { return .wait }
        if mustFallBack {
            mustFallBack = false
            failure = nil
            version = 2
            parts = makeParts()[...]
            return .send(bytes)
        }
        return failure.map { .fail($0) } ?? .finish(protocolVersion: version)
    }

    private mutating func note(_ error: RESPServerError, of part: Part) {
        switch part.failure {
        case .ignored:
            return
        case .version where ["ERR", "NOPROTO"].contains(error.kind) && !error.message.contains("AUTH"):
            mustFallBack = true
        case .version, .credentials, .fatal, .role:
            failure = failure ?? meaning(of: error, isSelection: part.failure == .fatal)
        }
    }

    private func meaning(of error: RESPServerError, isSelection: Bool) -> RESPError {
        switch (error.kind, isSelection) {
        case ("ERR", true):
            return RESPError(
                .invalidConfiguration,
                "the server refused the database \(database): \(error.message)",
                underlyingError: error
            )
        case ("ERR", false), ("NOAUTH", _), ("WRONGPASS", _), ("NOPERM", _):
            return RESPError(
                .authenticationFailed,
                "the server refused the \(credentials?.description ?? "connection without credentials")",
                underlyingError: error
            )
        default:
            return RESPError(
                .connectionFailed,
                "the server is not ready: \(error.message)",
                underlyingError: error
            )
        }
    }

    private func makeParts() -> [Part] {
        var parts: [Part] = []
        if version == 3 {
            var arguments: [RESPArgument] = [3]
            if let credentials {
                arguments += ["AUTH", .text(credentials.user ?? "default"), .text(credentials.password)]
            }
            if let clientName { arguments += ["SETNAME", .text(clientName)] }
            parts.append(Part(command: RESPCommand("HELLO", arguments: arguments), failure: .version))
        } else {
            if let credentials {
                let user = credentials.user.map { [RESPArgument.text($0)] } ?? []
                let arguments = user + [.text(credentials.password)]
                parts.append(Part(command: RESPCommand("AUTH", arguments: arguments), failure: .credentials))
            }
            if let clientName {
                parts.append(Part(command: RESPCommand("CLIENT", "SETNAME", .text(clientName)), failure: .ignored))
            }
        }
        parts.append(Part(command: RESPCommand("CLIENT", "SETINFO", "LIB-NAME", "larder"), failure: .ignored))
        if database != 0 || version == 2 {
            // In version 2 also to hear whether a connection without credentials is welcome.
            parts.append(Part(command: RESPCommand("SELECT", .integer(database)), failure: .fatal))
        }
        if isReadOnly { parts.append(Part(command: RESPCommand("READONLY"), failure: .ignored)) }
        if requiresPrimary { parts.append(Part(command: RESPCommand("ROLE"), failure: .role)) }
        return parts
    }
}
