import Larder

extension RemoteStoreConformance {
    static let sharing: [Check] = [
        Check("tasks that work on their own keys at once see their own writes") { subject in
            let seed = UInt64.random(in: 0...UInt64.max)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for task in 0..<16 {
                    group.addTask {
                        do {
                            try await workAlone(as: task, seed: seed &+ UInt64(task), on: subject.store)
                        } catch let failure as ConformanceFailure {
                            throw ConformanceFailure(message: "\(failure.message) The seed is \(seed).")
                        }
                    }
                }
                try await group.waitForAll()
            }
        },
        Check("a value that many tasks write at once is one that was written") { subject in
            let key = StoreKey("shared")
            try await withThrowingTaskGroup(of: Void.self) { group in
                for task in UInt8(0)..<16 {
                    group.addTask {
                        for _ in 0..<20 {
                            let bytes = [UInt8](repeating: task, count: 1_000 + Int(task))
                            try await subject.store.setValue(bytes, forKey: key, timeToLive: .seconds(60))
                            let read = try await subject.store.value(forKey: key)?.bytes ?? []
                            let isWhole =
                                read.allSatisfy { $0 == read[0] } && read.count == 1_000 + Int(read.first ?? 0)
                            try expect(isWhole, "A value is a mixture of several writes.")
                        }
                    }
                }
                try await group.waitForAll()
            }
        },
        Check("a store that was shut down throws") { subject in
            let store = subject.store
            let key = StoreKey("key")
            try await store.fill(["key"])
            await store.shutdown()
            try await expectError("A read") { _ = try await store.value(forKey: key) }
            try await expectError("A batch of reads") { _ = try await store.values(forKeys: [key]) }
            try await expectError("A write") {
                try await store.setValue([1], forKey: key, timeToLive: .seconds(1))
            }
            try await expectError("A batch of writes") { try await store.fill(["key"]) }
            try await expectError("A batch of slots") { _ = try await store.slots(forKeys: [key]) }
            try await expectError("A fill") {
                let write = StoreWrite(key: key, bytes: [1], timeToLive: .seconds(1))
                _ = try await store.fill([StoreFill(write, over: .vacant)])
            }
            try await expectError("A burial") { try await store.bury([key], for: .seconds(1)) }
            try await expectError("A removal") { try await store.removeValue(forKey: key) }
            try await expectError("A batch of removals") { try await store.removeValues(forKeys: [key]) }
            try await expectError("A list") { _ = try await store.keys(withPrefix: key, after: nil, limit: 1) }
            try await expectError("A removal by prefix") { try await store.removeAll(withPrefix: key) }
        },
        Check("a store may be shut down more than once") { subject in
            await subject.store.shutdown()
            await subject.store.shutdown()
        },
    ]

    /// Does random operations on keys that no other task touches, and compares the store with a dictionary.
    private static func workAlone(as task: Int, seed: UInt64, on store: any RemoteStore) async throws {
        var generator = SplitMix64(seed: seed)
        var model: [StoreKey: [UInt8]] = [:]
        let prefix = StoreKey("task:\(task):")
        let keys = (0..<8).map { StoreKey("task:\(task):\($0)") }
        for _ in 0..<100 {
            let key = keys[Int.random(in: 0..<keys.count, using: &generator)]
            switch Int.random(in: 0..<10, using: &generator) {
            case 0..<4:
                let count = Int.random(in: 0..<300, using: &generator)
                let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
                try await store.setValue(bytes, forKey: key, timeToLive: .seconds(600))
                model[key] = bytes
            case 4..<6:
                let isRemoved = try await store.removeValue(forKey: key)
                try expect(isRemoved, equals: model.removeValue(forKey: key) != nil, "The removal of '\(key)'")
            case 6:
                let removed = try await store.removeAll(withPrefix: prefix)
                try expect(removed, equals: model.count, "The removals of '\(prefix)'")
                model = [:]
            case 7:
                let listed = try await store.keys(withPrefix: prefix, after: nil, limit: 100)
                try expect(listed, equals: model.keys.sorted(), "The keys of '\(prefix)'")
            default:
                let values = try await store.values(forKeys: keys)
                try expect(values.map { $0?.bytes }, equals: keys.map { model[$0] }, "The values of '\(prefix)'")
            }
        }
    }
}
