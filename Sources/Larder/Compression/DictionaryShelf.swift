import MemoryCache

/// The dictionaries of a namespace in the store, beside its entries.
///
/// They are envelopes, encrypted like entries, under `PREFIX:%dictionaries:NAMESPACE:NUMBER`: no encoded key has a `%`
/// that no two digits follow. What was once written under a number never changes.
struct DictionaryShelf: Sendable {
    let compression: EntryCompression
    private let gate: StoreGate
    private let coder: EntryCoder<[UInt8]>
    private let prefix: [UInt8]
    private let clock: CacheClock
    private let state = Shared()

    private final class Shared: Sendable {
        /// When a dictionary that was not to be had is asked for again, by its number.
        let pauses = Locked<[UInt16: UInt64]>([:])
        let nextCheck = Locked<UInt64>(0)
        let work = Locked<Task<Void, Never>?>(nil)
    }

    private static let pause = Duration.seconds(5)
    private static let checkInterval = Duration.seconds(600)

    init(
        _ compression: EntryCompression,
        encryption: NamespaceEncryption?,
        gate: StoreGate,
        prefix: [UInt8],
        clock: CacheClock
    ) {
        self.compression = compression
        self.gate = gate
        self.prefix = prefix
        self.clock = clock
        // What a dictionary holds comes from values of all tenants.
        let settings = encryption.map { NamespaceEncryption($0.cipher) }
        coder = EntryCoder(codec: BytesCodec(), encryption: settings.map { EntryEncryption($0, prefixLength: 0) })
    }

    private func key(_ number: UInt16) -> StoreKey {
        let digits = String(number)
        return StoreKey(bytes: prefix + String(repeating: "0", count: 5 - digits.count).utf8 + digits.utf8)
    }

    /// Fetches the dictionaries that some entries need and that are not known.
    func fetch(for stored: [StoredValue?], _ keys: [StoreKey]) async {
        var missing: Set<UInt16> = []
        for (value, key) in zip(stored, keys) {
            guard let value, let head = try? Envelope(value.bytes.span.bytes, key: key), head.dictionary != 0,
                !compression.knows(head.dictionary)
            else { continue }
            missing.insert(head.dictionary)
        }
        let now = clock.now
        for number in missing where state.pauses.withLock({ $0[number, default: 0] <= now }) {
            if await !fetch(number) {
                // Bounded by the numbers that there are.
                state.pauses.withLock { $0[number] = Deadline.after(Self.pause, from: now) }
            }
        }
    }

    private func fetch(_ number: UInt16) async -> Bool {
        let key = key(number)
        guard let slots = try? await gate.read("read a dictionary", { try await $0.slots(forKeys: [key]) }),
            let bytes = slots.first?.value?.bytes,
            let dictionary = (try? coder.decode(bytes.span.bytes, key: key))?.value
        else { return false }
        return (try? compression.add(dictionary, number: number)) != nil
    }

    /// Does in the background what is due: trains a dictionary, or sees to it that the store still has the current one.
    func lookAfter() {
        if let samples = compression.takeDueSamples() {
            perform { await train(samples) }
        }
        let now = clock.now
        guard let (dictionary, number) = compression.currentDictionary,
            state.nextCheck.withLock({ next in
                defer { if next <= now { next = Deadline.after(Self.checkInterval, from: now) } }
                return next <= now
            })
        else { return }
        // A store that is out of room gives up dictionaries like entries.
        perform { _ = await publish(dictionary, number) }
    }

    private func perform(_ work: @escaping @Sendable () async -> Void) {
        let task = Task.detached(priority: .background) { await work() }
        state.work.withLock { $0 = task }
    }

    /// Waits for what is done in the background, for tests.
    func finish() async { await state.work.withLock { $0 }?.value }

    /// Trains a dictionary and puts it into the store, unless another process was first; then takes that one.
    private func train(_ samples: [[UInt8]]) async {
        // Others may have trained one that this process has not met yet.
        if compression.current == 0, let newest = await newest(), await fetch(newest) { return }
        guard let training = compression.settings.training,
            let dictionary = compression.settings.compressor.train(samples, maximumBytes: training.maximumBytes)
        else { return compression.giveUpTraining() }
        let number = compression.current &+ 1
        guard number != 0, await publish(dictionary, number) else {
            if await !fetch(number) { compression.giveUpTraining() }
            return
        }
        do { try compression.add(dictionary, number: number) } catch { compression.giveUpTraining() }
    }

    private func newest() async -> UInt16? {
        let keys = try? await gate.read("list dictionaries") { [prefix] store in
            try await store.keys(withPrefix: StoreKey(bytes: prefix), after: nil, limit: 10_000)
        }
        guard let last = keys?.last else { return nil }
        return UInt16(String(decoding: last.bytes.dropFirst(prefix.count), as: UTF8.self))
    }

    private func publish(_ dictionary: [UInt8], _ number: UInt16) async -> Bool {
        let key = key(number)
        let life = CachePolicy.maximumDuration
        let envelope = Envelope(
            isAbsent: false,
            version: EntryVersion.make(at: clock.wallMilliseconds),
            timeToLive: life,
            grace: .zero,
            schemaVersion: coder.codec.formatVersion,
            codec: coder.codec.identifier
        )
        do {
            let bytes = try coder.encode(dictionary, envelope, EnvelopeDetails(), key: key)
            let write = StoreWrite(key: key, bytes: bytes, timeToLive: life)
            let made = Locked(false)
            try await gate.change("store a dictionary") { store in
                let answer = try await store.fill([StoreFill(write, over: .vacant)])
                made.withLock { $0 = answer == [true] }
            }
            return made.withLock { $0 }
        } catch {
            gate.report("store a dictionary", error)
            return false
        }
    }
}
