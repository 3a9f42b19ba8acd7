import MemoryCache

/// The compression of one opened namespace, with the dictionaries that it knows.
package final class EntryCompression: Sendable {
    private struct State {
        var dictionaries: [UInt16: any ValueCompressor] = [:]
        var current: UInt16 = 0
        var currentBytes: [UInt8] = []
        var need: DictionaryNeed?
        var due: [[UInt8]]?
    }

    /// How many dictionaries are kept; beyond that the oldest is forgotten, and fetched again if an entry needs it.
    private static let maximumDictionaries = 8

    let settings: NamespaceCompression
    private let state: Locked<State>

    package init(_ settings: NamespaceCompression) {
        self.settings = settings
        var state = State()
        state.need = settings.training.map(DictionaryNeed.init)
        self.state = Locked(state)
    }

    // MARK: Values

    /// Compresses a value if that makes it smaller: its size in 4 bytes, then what the compressor made.
    ///
    /// - Parameters:
    ///   - buffer: What ends with the value.
    ///   - offset: Where the value begins.
    /// - Returns: The compressed form and the number of its dictionary, or nil to leave the value as it is.
    /// - Throws: What the compressor throws.
    package func compress(_ buffer: RawSpan, from offset: Int) throws -> (bytes: [UInt8], dictionary: UInt16)? {
        let value = buffer.extracting(offset..<buffer.byteCount)
        let size = value.byteCount
        guard size <= settings.maximumBytes else { return nil }
        let (number, compressor) = state.withLock { state in
            (state.current, state.dictionaries[state.current] ?? settings.compressor)
        }
        let threshold = number == 0 ? settings.threshold : settings.training?.threshold ?? settings.threshold
        var bytes: [UInt8]?
        if size >= threshold {
            let compressed = try compressor.compress(value)
            if compressed.count + 4 < size {
                var form: [UInt8] = []
                form.reserveCapacity(compressed.count + 4)
                form.append(UInt32(size))
                form += compressed
                bytes = form
            }
        }
        note(value, compressedTo: number == 0 ? nil : bytes?.count ?? size)
        return bytes.map { ($0, number) }
    }

    private func note(_ value: RawSpan, compressedTo size: Int?) {
        guard let training = settings.training, value.byteCount >= training.threshold else { return }
        let copy = value.withUnsafeBytes { Array($0) }
        state.withLock { state in
            if let due = state.need?.note(copy, compressedTo: size) { state.due = due }
        }
    }

    /// Decompresses a value.
    ///
    /// - Throws: ``InvalidBytes`` for a size beyond the limit, before anything is allocated, and for bytes that do not
    ///   become exactly as many as they say.
    package func decompress(_ bytes: RawSpan, form: UInt8, dictionary: UInt16) throws(InvalidBytes) -> [UInt8] {
        guard form == settings.compressor.identifier else { throw InvalidBytes("unknown compression") }
        guard bytes.byteCount >= 4 else { throw InvalidBytes("malformed compressed value") }
        let size = Int(bytes.load(0, as: UInt32.self))
        guard size <= settings.maximumBytes else { throw InvalidBytes("value too large") }
        var compressor = settings.compressor
        if dictionary != 0 {
            guard let known = state.withLock({ $0.dictionaries[dictionary] }) else {
                throw InvalidBytes("unknown dictionary")
            }
            compressor = known
        }
        let value = try compressor.decompress(bytes.extracting(4..<bytes.byteCount), size: size)
        guard value.count == size else { throw InvalidBytes("malformed compressed value") }
        return value
    }

    // MARK: Dictionaries

    /// Whether an entry with this dictionary can be read.
    package func knows(_ dictionary: UInt16) -> Bool {
        dictionary == 0 || state.withLock { $0.dictionaries[dictionary] != nil }
    }

    /// The samples that a dictionary is to be trained from now, once.
    func takeDueSamples() -> [[UInt8]]? {
        state.withLock { state in
            defer { state.due = nil }
            return state.due
        }
    }

    /// The number of the newest dictionary; 0 for none.
    package var current: UInt16 { state.withLock { $0.current } }

    /// The newest dictionary.
    var currentDictionary: (bytes: [UInt8], number: UInt16)? {
        state.withLock { $0.current == 0 ? nil : ($0.currentBytes, $0.current) }
    }

    /// Learns of a dictionary; the newest compresses from then on.
    package func add(_ dictionary: [UInt8], number: UInt16) throws(InvalidBytes) {
        let compressor = try settings.compressor.using(dictionary: dictionary)
        state.withLock { state in
            state.dictionaries[number] = compressor
            if number > state.current {
                state.current = number
                state.currentBytes = dictionary
                state.need?.settle(hasDictionary: true)
            }
            if state.dictionaries.count > Self.maximumDictionaries,
                let oldest = state.dictionaries.keys.filter({ $0 != number && $0 != state.current }).min()
            {
                state.dictionaries[oldest] = nil
            }
        }
    }

    /// Notes that no dictionary could be made of the samples.
    func giveUpTraining() { state.withLock { $0.need?.settle(hasDictionary: false) } }
}
