#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// How much memory the process may use.
///
/// In a container that is what its control group allows; the limits of the groups around it count too.
package struct MachineMemory {
    /// Where the files of the system begin; another directory in tests.
    let root: String

    /// Makes a look at the system's files, or at others like them.
    package init(root: String = "") { self.root = root }

    /// The lowest of all limits, in bytes.
    package var limit: Int {
        let groups = text(of: "/proc/self/cgroup") ?? ""
        let limits = groups.split(separator: "\n").compactMap { limit(ofGroup: $0) }
        return limits.min().map { min($0, physical) } ?? physical
    }

    /// The limit that a line such as `0::/system.slice/web.service` leads to.
    private func limit(ofGroup line: Substring) -> Int? {
        let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
        guard fields.count == 3 else { return nil }
        let isSecond = fields[0] == "0" && fields[1].isEmpty
        guard isSecond || fields[1].split(separator: ",").contains("memory") else { return nil }
        let mount = isSecond ? "/sys/fs/cgroup" : "/sys/fs/cgroup/memory"
        let file = isSecond ? "memory.max" : "memory.limit_in_bytes"
        var path = fields[2].split(separator: "/")
        var limits: [Int] = []
        // From the group of the process up to the root, which in a container is all there is.
        while true {
            let directory = path.reduce(mount) { $0 + "/" + $1 }
            if let limit = number(in: directory + "/" + file) { limits.append(limit) }
            guard path.popLast() != nil else { return limits.min() }
        }
    }

    /// The memory of the machine, in bytes.
    package var physical: Int { Int(sysconf(Int32(_SC_PHYS_PAGES))) * Int(sysconf(Int32(_SC_PAGESIZE))) }

    /// The number in a file; `nil` for a word like `max`, and if there is no such file.
    private func number(in path: String) -> Int? {
        guard let text = text(of: path) else { return nil }
        return Int(text.prefix { $0.isASCII && $0.isNumber })
    }

    private func text(of path: String) -> String? {
        guard let file = fopen(root + path, "r") else { return nil }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 16_384)
        let count = fread(&bytes, 1, bytes.count, file)
        return String(decoding: bytes.prefix(count), as: UTF8.self)
    }
}
