import struct Foundation.URL

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// How much memory the process takes, as the system measures it.
package enum ProcessMemory {
    /// The bytes that are in the machine's memory; `nil` where the system does not say.
    package static var residentBytes: Int? {
        #if os(Linux)
        guard let text = try? String(contentsOf: URL(filePath: "/proc/self/statm"), encoding: .utf8) else { return nil }
        let fields = text.split(separator: " ")
        return fields.count > 1 ? Int(fields[1]).map { $0 * Int(getpagesize()) } : nil
        #else
        return nil
        #endif
    }
}
