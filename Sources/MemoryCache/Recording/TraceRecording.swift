#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Writes down which keys a cache is asked for, as ``MemoryCache/MemoryCache/record(toFile:maximumRequests:oneKeyIn:)``
/// begins it.
///
/// The file has one unsigned 64-bit number in little-endian order for each read, and nothing else. The number is the
/// hash of the key, with secrets of the cache that are never written anywhere, so the file tells which reads were of the
/// same key, but not of which one.
public final class TraceRecording: @unchecked Sendable {
    // Safe to share: `state` and the file are touched under a lock, or by the one writer; `condition` belongs to the lock.

    struct State {
        var pending: [UInt64] = []
        var full: [[UInt64]] = []
        var spare: [[UInt64]] = []
        var requests = 0
        var dropped = 0
        var isEnding = false
        var hasEnded = false
        var failure: Int32 = 0
    }

    /// How many numbers are written at once, and how many such pieces wait at most.
    private static let pieceSize = 65_536
    private static let mostPieces = 32

    let state = Locked(State())
    let condition: UnsafeMutablePointer<pthread_cond_t>
    let file: Int32
    let path: String
    private let maximum: Int
    private let modulus: UInt64

    init(path: String, maximum: Int, modulus: Int) throws(MemoryCacheError) {
        // Nobody else's business, and nobody's other file.
        file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        self.path = path
        self.maximum = max(0, maximum)
        self.modulus = UInt64(max(1, modulus))
        condition = .allocate(capacity: 1)
        condition.initialize(to: pthread_cond_t())
        pthread_cond_init(condition, nil)
        guard file >= 0 else { throw Self.error("The trace cannot be written to \(path)", errno) }
        try startWriter()
    }

    deinit {
        if file >= 0 { close(file) }
        pthread_cond_destroy(condition)
        condition.deallocate()
    }

    /// How many reads were recorded so far.
    public var requests: Int { state.withLock { $0.requests } }

    /// How many reads are missing, since the file could not be written as fast as they came.
    public var droppedRequests: Int { state.withLock { $0.dropped } }

    /// Ends the recording, and waits until all of it is in the file.
    ///
    /// - Throws: ``MemoryCacheError`` if the file could not be written in full.
    public func finish() throws(MemoryCacheError) {
        let failure: Int32 = state.withLock { current in
            end(&current)
            while !current.hasEnded { pthread_cond_wait(condition, state.mutex) }
            return current.failure
        }
        guard failure == 0 else { throw Self.error("The trace could not be written to \(path)", failure) }
    }

    /// Whether it ended, for the caches that tell it of reads.
    var hasEnded: Bool { state.withLock { $0.isEnding } }

    /// Ends the recording, and leaves it to the writer to see to the rest.
    func end() { state.withLock { end(&$0) } }

    /// Takes note of a read.
    ///
    /// - Returns: Whether the recording goes on.
    func record(_ hash: UInt64) -> Bool {
        guard hash % modulus == 0 else { return true }
        return state.withLock { state in
            guard !state.isEnding else { return false }
            state.pending.append(hash.littleEndian)
            state.requests += 1
            if state.requests >= maximum {
                end(&state)
            } else if state.pending.count >= Self.pieceSize {
                passOn(&state)
            }
            return !state.isEnding
        }
    }

    private func end(_ state: inout State) {
        guard !state.isEnding else { return }
        state.isEnding = true
        state.full.append(state.pending)
        state.pending = []
        pthread_cond_broadcast(condition)
    }

    private func passOn(_ state: inout State) {
        guard state.full.count < Self.mostPieces else {
            // Rather a gap than a reader that waits for a disk.
            state.dropped += state.pending.count
            state.requests -= state.pending.count
            state.pending.removeAll(keepingCapacity: true)
            return
        }
        state.full.append(state.pending)
        state.pending = state.spare.popLast() ?? []
        pthread_cond_broadcast(condition)
    }
}
