import RESP

extension RESPConfiguration {
    /// Settings that bear a busy machine.
    static func patient(url: String) throws -> RESPConfiguration {
        var configuration = try RESPConfiguration(url: url)
        configuration.timeout = .seconds(300)
        configuration.connectTimeout = .seconds(60)
        return configuration
    }
}
