import NIOCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The socket of a channel, for writing to it from any thread.
///
/// It is a descriptor of its own for the same connection, so that it cannot become another file's while a thread writes
/// to it, whatever the event loop closes meanwhile. The queue of calls lets one thread at a time write.
final class DirectSocket: Sendable {
    private let descriptor: CInt

    init?(duplicating handle: NIOBSDSocket.Handle) {
        descriptor = fcntl(handle, F_DUPFD_CLOEXEC, 0)
        if descriptor < 0 { return nil }
    }

    deinit {
        _ = close(descriptor)
    }

    /// Writes as much as the socket takes at once; what it does not take, or an error, is left to the event loop.
    func write(_ buffer: inout ByteBuffer) {
        #if canImport(Darwin)
        let flags = CInt(MSG_DONTWAIT)
        #else
        let flags = CInt(MSG_DONTWAIT) | CInt(MSG_NOSIGNAL)
        #endif
        let written = buffer.withUnsafeReadableBytes { send(descriptor, $0.baseAddress, $0.count, flags) }
        if written > 0 { buffer.moveReaderIndex(forwardBy: written) }
    }
}
