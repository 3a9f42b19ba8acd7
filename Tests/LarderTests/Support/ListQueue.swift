import Larder

/// A queue of invalidations in memory, which may outlive its process and may fail.
actor ListQueue: InvalidationQueue {
    struct Down: Error {}

    private var waiting: [UndeliveredInvalidation] = []
    private var lastNumber: Int64 = 0
    private var isDown = false

    func setDown(_ value: Bool) { isDown = value }

    var records: [InvalidationRecord] { waiting.map(\.record) }

    func contents() async throws -> [UndeliveredInvalidation] {
        if isDown { throw Down() }
        return waiting
    }

    func change(adding added: [InvalidationRecord], removing numbers: [Int64]) async throws -> [Int64] {
        if isDown { throw Down() }
        waiting.removeAll { numbers.contains($0.number) }
        return added.map { record in
            lastNumber += 1
            waiting.append(UndeliveredInvalidation(number: lastNumber, record: record))
            return lastNumber
        }
    }

    func close() async {}
}
