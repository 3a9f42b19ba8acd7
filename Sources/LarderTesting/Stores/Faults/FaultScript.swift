import Larder

/// One way to go wrong.
enum Fault: Sendable {
    case failure(any Error, FaultyStore.Moment)
    case delay(Duration)
    case interruption(Int, any Error)
    case loss(@Sendable (StoreKey) -> Bool)
    /// Gets the bytes and a number of chance.
    case corruption(@Sendable ([UInt8], UInt64) -> [UInt8])
}

/// The instructions of a faulty store, and the chances it takes.
struct FaultScript {
    private struct Instruction {
        let fault: Fault
        let operations: FaultyStore.Operations
        var occurrence: FaultyStore.Occurrence

        /// Whether the instruction can never strike again.
        var isSpent: Bool {
            if case .next(let count) = occurrence.rule { return count <= 0 }
            return false
        }

        mutating func strikes(using generator: inout SplitMix64) -> Bool {
            switch occurrence.rule {
            case .always: return true
            case .probability(let probability): return Double.random(in: 0..<1, using: &generator) < probability
            case .next(let count):
                occurrence.rule = .next(count - 1)
                return count > 0
            }
        }
    }

    private var instructions: [Instruction] = []
    private var callCounts: [FaultyStore.Operations: Int] = [:]
    private var generator: SplitMix64

    init(seed: UInt64) {
        generator = SplitMix64(seed: seed)
    }

    mutating func add(_ fault: Fault, _ occurrence: FaultyStore.Occurrence, of operations: FaultyStore.Operations) {
        instructions.append(Instruction(fault: fault, operations: operations, occurrence: occurrence))
    }

    mutating func removeAll() {
        instructions = []
    }

    func calls(of operations: FaultyStore.Operations) -> Int {
        callCounts.reduce(0) { operations.contains($1.key) ? $0 + $1.value : $0 }
    }

    /// Counts a call and decides what happens to it.
    mutating func plan(for operation: FaultyStore.Operations) -> FaultPlan {
        callCounts[operation, default: 0] += 1
        var plan = FaultPlan(chance: generator.next())
        for index in instructions.indices where instructions[index].operations.contains(operation) {
            if instructions[index].strikes(using: &generator) { plan.add(instructions[index].fault) }
        }
        instructions.removeAll { $0.isSpent }
        return plan
    }
}
