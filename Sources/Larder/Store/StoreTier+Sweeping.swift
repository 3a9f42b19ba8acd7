extension StoreTier {
    /// How many keys are looked at in one step.
    private static var page: Int { 500 }

    /// Buries all entries that an invalidation touches, by looking at all of the namespace.
    func bury(_ target: InvalidationRecord.Target, prefixLength: Int) async throws {
        try await forEachPage(of: target.literalPrefix) { keys in
            var touched: [StoreKey] = []
            switch target {
            case .everything:
                touched = keys
            case .keys(let named):
                touched = keys.filter(named.contains)
            case .pattern(let pattern):
                touched = keys.filter { pattern.mayMatch($0, prefixLength: prefixLength) }
            case .tags(let tags):
                let findings = await read(keys)
                touched = zip(keys, findings)
                    .filter { key, finding in
                        // What could not be read may carry the tag, nor can what is known by a short key alone be read.
                        finding.version == nil || key.readablePart != nil
                            || !(finding.entry?.details?.tags.isDisjoint(with: tags) ?? true)
                    }
                    .map(\.0)
            }
            try await remove(touched)
        }
    }

    /// Removes entries that match a pattern and are invalid already, to free their place.
    ///
    /// Stops where the store fails: nothing depends on it.
    func sweep(_ pattern: KeyPattern, prefixLength: Int, before position: LogPosition) async {
        try? await forEachPage(of: pattern.literalPrefix[...]) { keys in
            let matching = keys.filter { pattern.mayMatch($0, prefixLength: prefixLength) }
            guard !matching.isEmpty else { return }
            let slots = try await gate.read("sweep entries") { try await $0.slots(forKeys: matching) }
            // What was loaded or written since the invalidation stays, even if it comes between reading and removing.
            let removals = zip(matching, slots)
                .filter { key, slot in
                    slot.value.flatMap { self.position(of: $0, key) }.map { $0.precedes(position) } ?? false
                }
                .map { StoreRemoval($0, at: $1.version) }
            guard !removals.isEmpty else { return }
            try await gate.change("sweep entries") { store in _ = try await store.remove(removals) }
        }
    }

    func forEachPage(of start: ArraySlice<UInt8>, _ body: ([StoreKey]) async throws -> Void) async throws {
        let prefix = prefix.listing(Array(start))
        var last: StoreKey?
        while true {
            let keys = try await gate.read("list keys") { [last] store in
                try await store.keys(withPrefix: prefix, after: last, limit: Self.page)
            }
            if !keys.isEmpty { try await body(keys) }
            guard keys.count == Self.page else { return }
            last = keys.last
        }
    }
}

extension InvalidationRecord.Target {
    /// What all keys that are touched begin with, behind the prefix of the namespace.
    fileprivate var literalPrefix: ArraySlice<UInt8> {
        if case .pattern(let pattern) = self { pattern.literalPrefix[...] } else { [] }
    }
}
