import NIOCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Says in words why an address could not be listened on.
enum ListeningFailure {
    /// The error in words, if it is one of listening; else the error itself.
    static func explained(_ error: any Error, host: String, port: Int) -> any Error {
        guard let failure = error as? IOError else { return error }
        switch failure.errnoCode {
        case EADDRINUSE:
            return VaultError(
                .addressInUse,
                "Port \(port) on \(host) is in use. Stop the program that uses it, or choose another port with "
                    + "--port (0 for any that is free)."
            )
        case EACCES:
            return VaultError(.addressInUse, "Port \(port) may not be used. Choose one above 1023 with --port.")
        case EADDRNOTAVAIL:
            return VaultError(.addressInUse, "\(host) is no address of this machine. Choose another with --host.")
        default:
            return error
        }
    }
}
