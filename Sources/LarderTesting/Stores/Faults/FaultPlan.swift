import Larder

/// What happens to one call.
struct FaultPlan {
    private(set) var delay = Duration.zero
    private(set) var errorBefore: (any Error)?
    private(set) var errorAfter: (any Error)?
    private var interruption: (count: Int, error: any Error)?
    private var losses: [@Sendable (StoreKey) -> Bool] = []
    private var corruptions: [@Sendable ([UInt8], UInt64) -> [UInt8]] = []
    private let chance: UInt64

    init(chance: UInt64) {
        self.chance = chance
    }

    mutating func add(_ fault: Fault) {
        switch fault {
        case .failure(let error, .beforeEffect): errorBefore = errorBefore ?? error
        case .failure(let error, .afterEffect): errorAfter = errorAfter ?? error
        case .delay(let duration): delay += duration
        case .interruption(let count, let error): interruption = interruption ?? (max(count, 0), error)
        case .loss(let isLost): losses.append(isLost)
        case .corruption(let change): corruptions.append(change)
        }
    }

    /// What is done of a batch.
    func firstPart<Element>(of batch: [Element]) -> [Element] {
        guard let interruption else { return batch }
        return Array(batch.prefix(interruption.count))
    }

    func throwInterruption() throws {
        if let interruption { throw interruption.error }
    }

    /// What becomes of the answer to a read.
    func distort(_ values: [StoredValue?], of keys: [StoreKey]) -> [StoredValue?] {
        guard !losses.isEmpty || !corruptions.isEmpty else { return values }
        var generator = SeededGenerator(seed: chance)
        return zip(keys, values)
            .map { key, value in
                guard var value, !losses.contains(where: { $0(key) }) else { return nil }
                for change in corruptions { value.bytes = change(value.bytes, generator.next()) }
                return value
            }
    }
}
