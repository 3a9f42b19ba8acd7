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

    /// A key of a size, the same that the C program makes, and like there made anew for each call.
    static func key(_ index: Int, valueBytes: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: 16) { key, count in
            let head: StaticString = valueBytes == 100 ? "key:100:" : "key:4096:"
            key.baseAddress?.initialize(from: head.utf8Start, count: head.utf8CodeUnitCount)
            count = head.utf8CodeUnitCount + 6
            var rest = index
            for place in stride(from: count - 1, through: count - 6, by: -1) {
                key[place] = UInt8(48 + rest % 10)
                rest /= 10
            }
        }
    }
}
