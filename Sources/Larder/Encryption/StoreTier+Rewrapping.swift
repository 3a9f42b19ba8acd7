extension StoreTier {
    /// Encrypts an entry anew in the background, if that is due and not too many are.
    func rewrapInBackground(_ key: StoreKey, _ number: UInt16) {
        guard number != 0, let encryption = coder.encryption, !encryption.isActive(number), rewraps.begin() else {
            return
        }
        Task { [self] in
            _ = await rewrap(key)
            rewraps.end()
        }
    }

    /// Encrypts all entries of the namespace anew whose key is not the active one.
    ///
    /// - Returns: How many it was.
    func rewrapAll() async throws -> Int {
        var rewrapped = 0
        try await forEachPage(of: []) { keys in
            let slots = try await gate.read("read entries") { try await $0.slots(forKeys: keys) }
            for (key, slot) in zip(keys, slots) where isDue(slot, key) {
                while !rewraps.begin() { try await clock.sleep(.milliseconds(10)) }
                if await rewrap(key) { rewrapped += 1 }
                rewraps.end()
            }
        }
        return rewrapped
    }

    /// Whether a slot holds what another key than the active one has encrypted.
    private func isDue(_ slot: StoreSlot, _ key: StoreKey) -> Bool {
        guard let stored = slot.value, let number = try? Envelope(stored.bytes.span.bytes, key: key).encryptionKey
        else {
            return false
        }
        return number != 0 && coder.encryption?.isActive(number) == false
    }

    /// Writes an entry with the active key, unless it is changed meanwhile.
    ///
    /// It keeps all else, the life that is left of it included.
    /// What it writes it reads anew, since a removal of everything may have come after the reader's own look: only between
    /// ``Rewraps/begin()`` and ``Rewraps/end()`` there is none.
    private func rewrap(_ key: StoreKey) async -> Bool {
        do {
            let slots = try await gate.read("read an entry to encrypt it anew") { try await $0.slots(forKeys: [key]) }
            guard let slot = slots.first, isDue(slot, key), let stored = slot.value else { return false }
            let bytes = try coder.reencrypt(stored.bytes.span.bytes, key: key)
            let write = StoreWrite(key: key, bytes: bytes, timeToLive: stored.remainingLife)
            let isWritten = await fill([StoreFill(write, over: slot.version)]) == [true]
            if isWritten { counters.rewraps.increment() }
            return isWritten
        } catch let error as InvalidBytes {
            counters.countUndecodable(error.description)
        } catch {
            gate.report("encrypt an entry anew", error)
        }
        return false
    }
}

extension TieredCache {
    /// Encrypts all entries in the store anew whose key is not the active one, so that their keys can be retired.
    ///
    /// Entries that are read are encrypted anew by themselves; this is for those that are not. What it does while others
    /// write and remove entries is of no consequence to them.
    ///
    /// - Returns: How many entries were encrypted anew.
    /// - Throws: ``CacheError`` with the code `storeUnavailable`, or with the code `invalidConfiguration` for a namespace
    ///   without encryption or a store; `CancellationError`.
    /// - Complexity: O(entries of the namespace in the store).
    @discardableResult
    public func reencryptStoredEntries() async throws -> Int {
        guard let store, store.coder.encryption != nil else {
            throw CacheError(
                .invalidConfiguration,
                "The namespace \"\(namespace.name)\" is not encrypted in a store; give it an encryption."
            )
        }
        return try await store.rewrapAll()
    }
}
