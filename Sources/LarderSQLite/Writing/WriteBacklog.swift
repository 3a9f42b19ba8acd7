/// What a writing thread can be asked to do.
protocol QueuedOperation: Sendable {
    /// What the caller learns.
    associatedtype Outcome: Sendable

    /// How many writes the operation counts as in the queue.
    var writes: Int { get }

    /// How many bytes the operation holds in memory.
    var bytes: Int { get }
}

/// What waits for a writing thread, and whether more may come.
struct WriteBacklog<Operation: QueuedOperation> {
    /// What a caller waits for.
    struct Request {
        let operation: Operation
        let completion: CheckedContinuation<Operation.Outcome, any Error>
    }

    /// What the writer does next.
    enum Turn {
        case perform([Request])
        case wait
        case end
    }

    private enum Phase {
        case open
        case closing
        case closed
    }

    let maximumWrites: Int
    let maximumBytes: Int

    private var requests: [Request] = []
    private var writes = 0
    private var bytes = 0
    private var writesInHand = 0
    private var phase = Phase.open
    private var closers: [CheckedContinuation<Void, Never>] = []

    init(maximumWrites: Int, maximumBytes: Int) {
        self.maximumWrites = maximumWrites
        self.maximumBytes = maximumBytes
    }

    /// Takes in a request, or says why not.
    mutating func admit(_ request: Request) -> SQLiteStoreError? {
        guard phase == .open else { return .shutDown }
        let addedWrites = request.operation.writes
        let addedBytes = request.operation.bytes
        // What is larger than a limit by itself must get its turn some time.
        let fits = writes + addedWrites <= maximumWrites && bytes + addedBytes <= maximumBytes
        guard fits || requests.isEmpty else {
            return SQLiteStoreError(
                .overloaded,
                "\(writes) writes of \(bytes) bytes are waiting already. Write less at once, or raise the limits."
            )
        }
        requests.append(request)
        writes += addedWrites
        bytes += addedBytes
        return nil
    }

    /// How many writes wait or are being performed.
    var pendingWrites: Int { writes + writesInHand }

    /// Hands everything that waits to the writer, which has done what it got before.
    mutating func next() -> Turn {
        writesInHand = writes
        guard !requests.isEmpty else { return phase == .open ? .wait : .end }
        defer {
            requests = []
            writes = 0
            bytes = 0
        }
        return .perform(requests)
    }

    /// Lets nothing more in.
    mutating func close() {
        if phase == .open { phase = .closing }
    }

    /// Lets nothing more in, and tells when the writer has ended.
    ///
    /// - Returns: Whether it has ended already.
    mutating func close(thenResume continuation: CheckedContinuation<Void, Never>) -> Bool {
        close()
        guard phase == .closing else { return true }
        closers.append(continuation)
        return false
    }

    /// Notes that the writer has ended.
    ///
    /// - Returns: Those who wait for it.
    mutating func end() -> [CheckedContinuation<Void, Never>] {
        phase = .closed
        defer { closers = [] }
        return closers
    }
}
