/// The policies that can be simulated.
public enum PolicyName: String, CaseIterable, Sendable {
    /// ``FIFOPolicy``.
    case fifo
    /// ``LRUPolicy``.
    case lru
    /// ``LFUPolicy``.
    case lfu
    /// ``CLOCKPolicy``.
    case clock
    /// ``SIEVEPolicy``.
    case sieve
    /// ``S3FIFOPolicy``.
    case s3FIFO = "s3-fifo"
    /// ``TwoQueuePolicy``.
    case twoQueue = "2q"
    /// ``ARCPolicy``.
    case arc
    /// ``LIRSPolicy``.
    case lirs
    /// ``WindowTinyLFUPolicy``.
    case windowTinyLFU = "w-tinylfu"
    /// ``LarderPolicy``.
    case larder
    /// ``OptimalPolicy``.
    case belady

    /// Whether the policy can bound the sum of weights.
    public var weighs: Bool {
        switch self {
        case .fifo, .lru, .clock, .sieve, .larder: true
        default: false
        }
    }
}
