import Larder

extension RemoteStoreConformance {
    static let expiry: [Check] = [
        Check("the remaining life begins with the time to live and goes down") { subject in
            let key = StoreKey("key")
            let start = ContinuousClock.now
            try await subject.store.setValue([1], forKey: key, timeToLive: .seconds(100))
            try await expectLife(of: key, in: subject, equals: .seconds(100), since: start)
            try await subject.advanceTime(.milliseconds(250))
            try await expectLife(of: key, in: subject, equals: .milliseconds(99_750), since: start)
            try await subject.advanceTime(.milliseconds(750))
            try await expectLife(of: key, in: subject, equals: .seconds(99), since: start)
        },
        Check("an entry is there until the end of its life, and gone at it") { subject in
            let key = StoreKey("key")
            let start = ContinuousClock.now
            try await subject.store.setValue([1], forKey: key, timeToLive: .seconds(1))
            let last = max(.milliseconds(1), subject.timeTolerance * 2)
            try await subject.advanceTime(.seconds(1) - last)
            let bytes = try await subject.store.bytes(forKey: key)
            let isTold = subject.timeTolerance == .zero || start.duration(to: .now) < .seconds(1)
            if isTold { try expect(bytes, equals: [1], "The value \(last) before its end") }
            try await subject.advanceTime(last)
            try expect(try await subject.store.bytes(forKey: key), equals: nil, "The value at its end")
        },
        Check("each entry of a batch has its own life") { subject in
            let writes = [1, 30, 20].map { StoreWrite(key: StoreKey("\($0)"), bytes: [1], timeToLive: .seconds($0)) }
            try await subject.store.setValues(writes)
            try await subject.advanceTime(.seconds(1))
            let values = try await subject.store.values(forKeys: writes.map(\.key))
            try expect(values.map { $0 != nil }, equals: [false, true, true], "Which entries are alive")
        },
        Check("a write replaces the life, be it longer or shorter") { subject in
            let key = StoreKey("key")
            try await subject.store.setValue([1], forKey: key, timeToLive: .seconds(1))
            var start = ContinuousClock.now
            try await subject.store.setValue([2], forKey: key, timeToLive: .seconds(100))
            try await subject.advanceTime(.seconds(1))
            try await expectLife(of: key, in: subject, equals: .seconds(99), since: start)
            start = .now
            try await subject.store.setValue([3], forKey: key, timeToLive: .seconds(1))
            try await expectLife(of: key, in: subject, equals: .seconds(1), since: start)
            try await subject.advanceTime(.seconds(1))
            try expect(try await subject.store.bytes(forKey: key), equals: nil, "The value with the shorter life")
        },
        Check("an entry may be written again after its end") { subject in
            let key = StoreKey("key")
            try await subject.store.setValue([1], forKey: key, timeToLive: .seconds(1))
            try await subject.advanceTime(.seconds(1))
            try await subject.store.setValue([2], forKey: key, timeToLive: .seconds(5))
            try expect(try await subject.store.bytes(forKey: key), equals: [2], "The new value")
        },
        Check("expired entries are neither listed nor counted as removed") { subject in
            let short = ["p:1", "p:3"].map { StoreKey($0) }
            let long = ["p:2", "p:4"].map { StoreKey($0) }
            for key in short { try await subject.store.setValue([1], forKey: key, timeToLive: .seconds(1)) }
            for key in long { try await subject.store.setValue([1], forKey: key, timeToLive: .seconds(60)) }
            try await subject.advanceTime(.seconds(1))
            let prefix = StoreKey("p:")
            let keys = try await subject.store.keys(withPrefix: prefix, after: nil, limit: 10)
            try expect(keys, equals: long, "The keys")
            let isRemoved = try await subject.store.removeValue(forKey: short[0])
            try expect(isRemoved, equals: false, "Whether an expired entry was removed")
            try expect(
                try await subject.store.removeAll(withPrefix: prefix),
                equals: 2,
                "The number of removed entries"
            )
        },
        Check("a very long life does not overflow") { subject in
            let key = StoreKey("key")
            try await subject.store.setValue([1], forKey: key, timeToLive: .seconds(10 * 365 * 86_400))
            let value = try await subject.store.value(forKey: key)
            try expect((value?.remainingLife ?? .zero) > .seconds(9 * 365 * 86_400), "A life of ten years was cut.")
        },
    ]

    /// Checks a remaining life of an entry that was written at `start`: on a real clock, which a busy machine may be
    /// late by, it may be shorter by all the time since then.
    private static func expectLife(
        of key: StoreKey,
        in subject: StoreUnderTest,
        equals expected: Duration,
        since start: ContinuousClock.Instant
    ) async throws {
        let life = try await subject.store.value(forKey: key)?.remainingLife
        let lateness = subject.timeTolerance == .zero ? .zero : start.duration(to: .now)
        guard let life else {
            if lateness >= expected { return }
            throw ConformanceFailure(message: "'\(key)' should be alive for \(expected), and is missing.")
        }
        try expect(
            life > .zero && life <= expected + subject.timeTolerance
                && life >= expected - subject.timeTolerance - lateness,
            "The remaining life of '\(key)' should be \(expected), and is \(life)."
        )
    }
}
