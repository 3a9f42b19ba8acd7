#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

extension TraceRecording {
    func startWriter() throws(MemoryCacheError) {
        #if canImport(Darwin)
        var thread: pthread_t?
        #else
        var thread = pthread_t()
        #endif
        let retained = Unmanaged.passRetained(self)
        let failure = pthread_create(
            &thread,
            nil,
            { argument in
                #if canImport(Darwin)
                Unmanaged<TraceRecording>.fromOpaque(argument).takeRetainedValue().writeAll()
                #else
                argument.map { Unmanaged<TraceRecording>.fromOpaque($0).takeRetainedValue().writeAll() }
                #endif
                return nil
            },
            retained.toOpaque()
        )
        guard failure == 0 else {
            retained.release()
            throw Self.error("No thread could be started to write the trace", failure)
        }
        #if canImport(Darwin)
        if let thread { pthread_detach(thread) }
        #else
        pthread_detach(thread)
        #endif
    }

    private func writeAll() {
        while let pieces = nextPieces() {
            var failure: Int32 = 0
            for piece in pieces where failure == 0 { failure = write(piece) }
            state.withLock { state in
                state.spare = pieces.map {
                    var empty = $0
                    empty.removeAll(keepingCapacity: true)
                    return empty
                }
                if failure != 0 {
                    state.failure = failure
                    state.isEnding = true
                    state.full = []
                }
            }
        }
        state.withLock { $0.hasEnded = true }
        pthread_cond_broadcast(condition)
    }

    /// What waits to be written; `nil` at the end.
    private func nextPieces() -> [[UInt64]]? {
        state.withLock { current in
            while current.full.isEmpty, !current.isEnding { pthread_cond_wait(condition, state.mutex) }
            guard !current.full.isEmpty else { return nil }
            defer { current.full = [] }
            return current.full
        }
    }

    /// Writes all of a piece.
    ///
    /// - Returns: The system's error, or 0.
    private func write(_ piece: [UInt64]) -> Int32 {
        piece.withUnsafeBytes { bytes in
            var written = 0
            while written < bytes.count, let start = bytes.baseAddress {
                #if canImport(Glibc)
                let count = Glibc.write(file, start + written, bytes.count - written)
                #elseif canImport(Musl)
                let count = Musl.write(file, start + written, bytes.count - written)
                #else
                let count = Darwin.write(file, start + written, bytes.count - written)
                #endif
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return count < 0 ? errno : EIO }
                written += count
            }
            return 0
        }
    }

    static func error(_ what: String, _ code: Int32) -> MemoryCacheError {
        let reason = strerror(code).map { String(cString: $0) } ?? "error \(code)"
        return MemoryCacheError(code: .recordingFailed, message: "\(what): \(reason).")
    }
}
