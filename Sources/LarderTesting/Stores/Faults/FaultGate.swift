import MemoryCache

/// Where calls hang.
final class FaultGate: Sendable {
    private struct State {
        var closed: FaultyStore.Operations = []
        var heedsCancellation = true
        var nextNumber = 0
        var held: [Int: (operation: FaultyStore.Operations, continuation: CheckedContinuation<Void, any Error>)] = [:]
        var cancelled: Set<Int> = []
        var observers: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []

        mutating func takeSatisfiedObservers() -> [CheckedContinuation<Void, Never>] {
            let count = held.count
            let satisfied = observers.filter { $0.count <= count }
            observers.removeAll { $0.count <= count }
            return satisfied.map(\.continuation)
        }
    }

    private let state = Locked(State())

    func close(_ operations: FaultyStore.Operations, heedsCancellation: Bool) {
        state.withLock { state in
            state.closed.formUnion(operations)
            state.heedsCancellation = heedsCancellation
        }
    }

    func open(_ operations: FaultyStore.Operations) {
        let released = state.withLock { state in
            state.closed.subtract(operations)
            let released = state.held.filter { operations.contains($0.value.operation) }
            for number in released.keys { state.held[number] = nil }
            return released.values.map(\.continuation)
        }
        for continuation in released { continuation.resume() }
    }

    /// Hangs as long as the gate is closed to an operation.
    func pass(_ operation: FaultyStore.Operations) async throws {
        let number: Int? = state.withLock { state in
            guard state.closed.contains(operation) else { return nil }
            state.nextNumber += 1
            return state.nextNumber
        }
        guard let number else { return }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { hold($0, number: number, operation: operation) }
        } onCancel: {
            cancel(number)
        }
    }

    func waitUntilHolding(_ count: Int) async {
        await withCheckedContinuation { continuation in
            let satisfied = state.withLock { state in
                state.observers.append((count, continuation))
                return state.takeSatisfiedObservers()
            }
            for observer in satisfied { observer.resume() }
        }
    }

    private func hold(
        _ continuation: CheckedContinuation<Void, any Error>,
        number: Int,
        operation: FaultyStore.Operations
    ) {
        enum Outcome {
            case holds([CheckedContinuation<Void, Never>])
            case isOpen
            case isCancelled
        }
        let outcome: Outcome = state.withLock { state in
            if state.cancelled.remove(number) != nil { return .isCancelled }
            // The gate may have been opened since the call came to it.
            guard state.closed.contains(operation) else { return .isOpen }
            state.held[number] = (operation, continuation)
            return .holds(state.takeSatisfiedObservers())
        }
        switch outcome {
        case .holds(let observers): for observer in observers { observer.resume() }
        case .isOpen: continuation.resume()
        case .isCancelled: continuation.resume(throwing: CancellationError())
        }
    }

    private func cancel(_ number: Int) {
        let continuation: CheckedContinuation<Void, any Error>? = state.withLock { state in
            guard state.heedsCancellation else { return nil }
            guard let call = state.held.removeValue(forKey: number) else {
                // The handler may run before the call is held; it may also run after the call was released.
                state.cancelled.insert(number)
                return nil
            }
            return call.continuation
        }
        continuation?.resume(throwing: CancellationError())
    }
}
