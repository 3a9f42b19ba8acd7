/// What one row of the table does.
struct Workload {
    enum Operation: String {
        case get
        case set
        case mget
    }

    static let keyCount = 10_000
    static let batchSize = 50

    var operation: Operation
    var valueBytes: Int
    var tasks: Int

    /// The name of the row, as in `get100_500`.
    var name: String {
        switch (operation, valueBytes) {
        case (.mget, _): "mget\(Self.batchSize)_\(tasks)"
        case (_, 4_096): "\(operation)4k_\(tasks)"
        default: "\(operation)\(valueBytes)_\(tasks)"
        }
    }

    static let all: [Workload] =
        [1, 50, 500]
        .flatMap { tasks in
            [
                Workload(operation: .get, valueBytes: 100, tasks: tasks),
                Workload(operation: .set, valueBytes: 100, tasks: tasks),
                Workload(operation: .get, valueBytes: 4_096, tasks: tasks),
                Workload(operation: .set, valueBytes: 4_096, tasks: tasks),
                Workload(operation: .mget, valueBytes: 100, tasks: tasks),
            ]
        }

    /// The keys of a size, the same that the C program makes.
    static func keys(valueBytes: Int) -> [[UInt8]] {
        (0..<keyCount)
            .map { index in
                let digits = String(index)
                return Array("key:\(valueBytes):\(String(repeating: "0", count: 6 - digits.count))\(digits)".utf8)
            }
    }
}
