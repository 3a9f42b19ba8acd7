import Foundation
import Synchronization

/// The versions of all keys, in memory that the processes share.
///
/// A version is raised before its key is invalidated or written, and is what loads bring.
final class SharedOrigin: @unchecked Sendable {
    // Sharing is safe because the words are atomic, and stay mapped as long as the object lives.
    private let words: UnsafeMutablePointer<Atomic<Int>>
    private let count: Int

    struct Failure: Error {
        let message: String
    }

    init(path: String, keys: Int) throws {
        let descriptor = open(path, O_RDWR | O_CREAT, 0o600)
        guard descriptor >= 0 else { throw Failure(message: "The file \(path) cannot be opened.") }
        defer { close(descriptor) }
        count = keys
        let bytes = keys * MemoryLayout<Int>.stride
        guard ftruncate(descriptor, off_t(bytes)) == 0,
            let memory = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0), memory != MAP_FAILED
        else { throw Failure(message: "The file \(path) cannot be mapped.") }
        // The zeros of a new file are atomic words of zero.
        words = memory.assumingMemoryBound(to: Atomic<Int>.self)
    }

    deinit {
        munmap(words, count * MemoryLayout<Int>.stride)
    }

    /// The version of a key now.
    func version(of key: Int) -> Int { words[key].load(ordering: .sequentiallyConsistent) }

    /// Raises the version of a key.
    func raiseVersion(of key: Int) -> Int {
        words[key].wrappingAdd(1, ordering: .sequentiallyConsistent).newValue
    }
}
