import Foundation

/// Finds ports that nobody listens on.
package enum FreePort {
    /// Ports of the loopback interface that were free a moment ago, all different.
    package static func find(_ count: Int) throws -> [Int] {
        var descriptors: [Int32] = []
        defer { for descriptor in descriptors { close(descriptor) } }
        // Each is held until all are found, so that none is found twice.
        return try (0..<count).map { _ in try find(keepingOpen: &descriptors) }
    }

    /// A port of the loopback interface that was free a moment ago.
    package static func find() throws -> Int {
        try find(1)[0]
    }

    private static func find(keepingOpen descriptors: inout [CInt]) throws -> Int {
        let descriptor = makeSocket()
        guard descriptor >= 0 else { throw RedisServerError("no socket can be made: \(errno)") }
        descriptors.append(descriptor)
        var found = sockaddr_in()
        let result = withAddress(port: 0) { address, size in
            var size = size
            guard bind(descriptor, address, size) == 0 else { return false }
            return withUnsafeMutablePointer(to: &found) { found in
                found.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &size) == 0 }
            }
        }
        guard result else { throw RedisServerError("no port can be had: \(errno)") }
        return Int(in_port_t(bigEndian: found.sin_port))
    }

    /// Whether somebody listens on a port of the loopback interface.
    package static func isTaken(_ port: Int) -> Bool {
        let descriptor = makeSocket()
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return withAddress(port: port) { connect(descriptor, $0, $1) == 0 }
    }

    private static func makeSocket() -> CInt {
        #if canImport(Glibc)
        socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #else
        socket(AF_INET, SOCK_STREAM, 0)
        #endif
    }

    private static func withAddress<Result>(
        port: Int,
        _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return withUnsafePointer(to: &address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}
