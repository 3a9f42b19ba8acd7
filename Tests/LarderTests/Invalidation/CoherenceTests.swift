import MemoryCache
import Testing

@testable import Larder

@Suite struct CoherenceTests {
    @Test("what carries out a record is called as directly after many records as after the first")
    func depth() {
        let coherence = Coherence(
            namespace: "n",
            keyPrefix: StoreKey("n:"),
            log: nil,
            configuration: InvalidationNode.Configuration(),
            judgesKeys: false,
            clock: CacheClock(nil)
        )
        // How far the stack has grown when the call comes, which tells how many calls are in between.
        let depths = Locked<[UInt]>([])
        coherence.onEffects { _ in
            withUnsafeTemporaryAllocation(byteCount: 16, alignment: 16) { memory in
                depths.withLock { $0.append(UInt(bitPattern: memory.baseAddress)) }
            }
        }
        let records = [InvalidationRecord(.tags(["x"]), in: "n")]
        for _ in 0..<1_000 { coherence.apply(records, endingAt: nil) }
        let known = depths.withLock { $0 }
        #expect(known.count == 1_000)
        #expect(known.first == known.last)
    }
}
