import LarderTesting
import MemoryCache
import Testing

@testable import Larder

@Suite struct LoadQueueTests {
    /// A queue by reference, as the macros of the tests want it.
    @dynamicMemberLookup
    private final class Subject {
        private var queue: LoadQueue

        init(_ limits: LoadLimits) { queue = LoadQueue(limits) }

        subscript<Value>(dynamicMember member: KeyPath<LoadQueue, Value>) -> Value { queue[keyPath: member] }

        func start(_ group: String?) -> Bool { queue.start(group) }

        func enqueue(_ group: String?, _ priority: LoadPriority, deadline: UInt64 = Deadline.never)
            -> LoadQueue.Admission
        {
            queue.enqueue(group, priority, deadline: deadline)
        }

        func raise(_ place: LoadQueue.Place) -> LoadQueue.Place? { queue.raise(place) }

        func end(_ group: String?) -> (place: LoadQueue.Place, group: String?)? { queue.end(group) }

        func leave(_ place: LoadQueue.Place) { queue.leave(place) }

        func expire(at now: UInt64) -> [LoadQueue.Place] { queue.expire(at: now) }
    }

    private func limits(
        _ maximum: Int,
        perGroup: Int? = nil,
        queued: Int = 100,
        whenFull: LoadLimits.WhenFull = .wait
    ) -> LoadLimits {
        LoadLimits(
            maximumConcurrentLoads: maximum,
            maximumConcurrentLoadsPerGroup: perGroup,
            maximumQueuedLoads: queued,
            whenFull: whenFull
        )
    }

    private func place(_ admission: LoadQueue.Admission) -> LoadQueue.Place? {
        if case .queued(let place, _) = admission { place } else { nil }
    }

    @Test("those in the foreground come before those in the background, and the first before the others")
    func order() throws {
        let queue = Subject(limits(1))
        #expect(queue.start(nil))
        #expect(!queue.start(nil))
        let priorities: [LoadPriority] = [.background, .foreground, .background, .foreground]
        let places = priorities.map { place(queue.enqueue(nil, $0)) }
        let started = priorities.map { _ in queue.end(nil)?.place }
        #expect(started == [places[1], places[3], places[0], places[2]])
        #expect(queue.end(nil) == nil)
        #expect(queue.running == 0)
    }

    @Test("those who wait for a full group hold up no other group")
    func fullGroup() throws {
        let queue = Subject(limits(3, perGroup: 2))
        #expect(queue.start("a") && queue.start("a"))
        #expect(!queue.start("a"))
        let first = place(queue.enqueue("a", .foreground))
        #expect(queue.start("b"))
        let second = place(queue.enqueue("b", .background))
        let third = place(queue.enqueue(nil, .background))
        #expect(queue.end("b")?.place == second)
        #expect(queue.end("b")?.place == third)
        #expect(queue.end("a")?.place == first)
        #expect(queue.groups == 2)
    }

    @Test("a full queue refuses, but one in the foreground takes the place of the last one in the background")
    func displacement() throws {
        let queue = Subject(limits(1, queued: 2))
        #expect(queue.start(nil))
        let first = place(queue.enqueue(nil, .background))
        let last = try #require(place(queue.enqueue(nil, .background)))
        #expect(queue.enqueue(nil, .background) == .refused)
        guard case .queued(let place, displaced: last) = queue.enqueue(nil, .foreground)
        else {
            Issue.record("the last one in the background keeps its place")
            return
        }
        #expect(queue.refused == 2)
        #expect(queue.end(nil)?.place == place)
        #expect(queue.end(nil)?.place == first)
    }

    @Test("without a queue a load that finds no room is refused")
    func noQueue() {
        let queue = Subject(limits(1, whenFull: .refuse))
        #expect(queue.start(nil))
        #expect(queue.enqueue(nil, .foreground) == .refused)
        #expect(queue.queued == 0)
    }

    @Test("one that is raised comes before the background, after the foreground")
    func raising() throws {
        let queue = Subject(limits(1))
        #expect(queue.start(nil))
        let places = [LoadPriority.background, .background, .foreground]
            .compactMap { place(queue.enqueue(nil, $0, deadline: 7)) }
        let raised = try #require(queue.raise(places[1]))
        #expect(queue.raise(raised) == nil)
        #expect(queue.raise(places[1]) == nil)
        #expect([1, 2, 3].map { _ in queue.end(nil)?.place } == [places[2], raised, places[0]])
        #expect(queue.earliestDeadline == nil)
    }

    /// A queue that scans a list, to compare with.
    private struct Model {
        struct Waiter {
            let place: LoadQueue.Place
            let group: String?
            let deadline: UInt64
        }

        let limits: LoadLimits
        var running: [String?] = []
        var waiting: [Waiter] = []

        func hasRoom(_ group: String?) -> Bool {
            guard running.count < limits.maximumConcurrentLoads else { return false }
            guard let maximum = limits.maximumConcurrentLoadsPerGroup, group != nil else { return true }
            return running.count { $0 == group } < maximum
        }

        mutating func takeNext() -> LoadQueue.Place? {
            let next = waiting.indices.filter { hasRoom(waiting[$0].group) }
                .min { waiting[$0].place < waiting[$1].place }
            guard let next else { return nil }
            let waiter = waiting.remove(at: next)
            running.append(waiter.group)
            return waiter.place
        }
    }

    @Test("does what a plain list would do, whatever the order of events", arguments: 0..<200)
    func agreesWithModel(round: Int) {
        let seed = UInt64.random(in: .min ... .max)
        var random = SplitMix64(seed: seed)
        let limits = limits(
            .random(in: 1...6, using: &random),
            perGroup: round % 3 == 0 ? nil : .random(in: 1...3, using: &random),
            queued: .random(in: 0...20, using: &random)
        )
        let queue = Subject(limits)
        var model = Model(limits: limits)
        let groups = [nil, "a", "b", "c"]
        var now: UInt64 = 0
        for step in 0..<500 {
            let moment = "seed \(seed), step \(step)"
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<4:
                let group = groups.randomElement(using: &random) ?? nil
                let priority: LoadPriority = Bool.random(using: &random) ? .foreground : .background
                let deadline = Bool.random(using: &random) ? Deadline.never : now + .random(in: 1...50, using: &random)
                let isStarted = queue.start(group)
                #expect(isStarted == model.hasRoom(group), "\(moment)")
                if isStarted {
                    model.running.append(group)
                    break
                }
                let last = model.waiting.filter { $0.place >> 63 == 1 }.map(\.place).max()
                let isFull = model.waiting.count >= limits.maximumQueuedLoads
                switch queue.enqueue(group, priority, deadline: deadline) {
                case .queued(let place, let displaced):
                    #expect(displaced == (isFull ? last : nil), "\(moment)")
                    #expect(!isFull || priority == .foreground && last != nil, "\(moment)")
                    model.waiting.removeAll { $0.place == displaced }
                    model.waiting.append(.init(place: place, group: group, deadline: deadline))
                case .refused:
                    #expect(isFull && (priority == .background || last == nil), "\(moment)")
                }
            case 4..<7:
                guard let index = model.running.indices.randomElement(using: &random) else { break }
                let group = model.running.remove(at: index)
                let started = queue.end(group)?.place
                #expect(started == model.takeNext(), "\(moment)")
                #expect(model.takeNext() == nil, "a wakeup was lost: \(moment)")
            case 7:
                guard let waiter = model.waiting.randomElement(using: &random) else { break }
                queue.leave(waiter.place)
                model.waiting.removeAll { $0.place == waiter.place }
            case 8:
                guard let index = model.waiting.indices.randomElement(using: &random) else { break }
                let old = model.waiting[index]
                let new = queue.raise(old.place)
                #expect((new != nil) == (old.place >> 63 == 1), "\(moment)")
                if let new { model.waiting[index] = .init(place: new, group: old.group, deadline: old.deadline) }
            default:
                now += .random(in: 0...20, using: &random)
                let expired = queue.expire(at: now)
                let expected = model.waiting.filter { $0.deadline <= now }.map(\.place)
                #expect(expired.sorted() == expected.sorted(), "\(moment)")
                model.waiting.removeAll { $0.deadline <= now }
            }
            #expect(queue.running == model.running.count, "\(moment)")
            #expect(queue.running <= limits.maximumConcurrentLoads, "\(moment)")
            #expect(queue.queued == model.waiting.count, "\(moment)")
            let deadline = model.waiting.map(\.deadline).min() ?? Deadline.never
            #expect(queue.earliestDeadline ?? Deadline.never == deadline, "\(moment)")
        }
        while let group = model.running.popLast() {
            if let next = queue.end(group) { model.running.append(next.group) }
        }
        #expect(queue.running == 0 && queue.queued == 0 && queue.groups == 0, "seed \(seed)")
    }

    @Test("settings out of their ranges are refused")
    func validation() {
        let wrong = [limits(0), limits(1, perGroup: 0), limits(1, queued: -1)]
        for limits in wrong {
            let error = #expect(throws: CacheError.self) { try limits.validate() }
            #expect(error?.code == .invalidConfiguration)
        }
        #expect(throws: Never.self) { try LoadLimits().validate() }
        #expect(throws: Never.self) { try limits(1, perGroup: 1, queued: 0).validate() }
    }
}
