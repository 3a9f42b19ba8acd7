/// What the workers do, in numbers that all of them know.
struct Plan {
    static let keys = 1_000

    /// Keys below it are changed by writes, each by one task alone; the others by invalidations.
    static let writtenKeys = 100

    /// The tags of the keys: each key has one.
    static let tags = 50

    /// The key by which the delay is measured.
    static let probe = keys

    static let tasks = 8

    /// How long memory is trusted without word from the log, which bounds how late a node may be.
    static let maximumSilence = Duration.seconds(1)

    /// What a clock that ticks by tens of milliseconds, and a timer of a busy machine, may add.
    static let slack = Duration.milliseconds(250)

    let node: Int
    let nodes: Int
    let operations: Int
    let seed: UInt64
}
