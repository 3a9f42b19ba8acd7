import Larder

extension RemoteStoreConformance {
    static let races: [Check] = [
        Check("of the fills that race over one version, one is written") { subject in
            let key = StoreKey("key")
            for round in UInt8(0)..<20 {
                let version = try await subject.version(of: key)
                let winners = try await withThrowingTaskGroup(of: UInt8?.self) { group in
                    for task in UInt8(0)..<8 {
                        group.addTask {
                            let write = StoreWrite(key: key, bytes: [round, task], timeToLive: .seconds(60))
                            let isWritten = try await subject.store.fill([StoreFill(write, over: version)])
                            return isWritten == [true] ? task : nil
                        }
                    }
                    return try await group.reduce(into: [UInt8]()) { if let winner = $1 { $0.append(winner) } }
                }
                try expect(winners.count, equals: 1, "The number of fills that were written")
                try expect(try await subject.store.bytes(forKey: key), equals: [round] + winners, "The value")
                if round % 3 == 0 { try await subject.store.bury([key], for: .seconds(60)) }
            }
        },
        Check("no value that was loaded before a burial is read after it") { subject in
            let key = StoreKey("key")
            let origin = Counter()
            let isOver = Counter()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        while isOver.value == 0 { try await load(key, from: origin, into: subject.store) }
                    }
                }
                group.addTask {
                    defer { isOver.add() }
                    for round in 1...100 {
                        origin.add()
                        try await subject.store.bury([key], for: .seconds(60))
                        let bytes = try await subject.store.value(forKey: key)?.bytes
                        try expect((bytes?.first).map { Int($0) >= round } ?? true, "A value outlived its burial.")
                        await Task.yield()
                    }
                }
                try await group.waitForAll()
            }
        },
    ]

    private static func load(_ key: StoreKey, from origin: Counter, into store: any RemoteStore) async throws {
        let slot = try await store.slots(forKeys: [key])[0]
        let write = StoreWrite(key: key, bytes: [UInt8(origin.value)], timeToLive: .seconds(60))
        await Task.yield()
        _ = try await store.fill([StoreFill(write, over: slot.version)])
    }
}
