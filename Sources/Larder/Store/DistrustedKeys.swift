/// The keys whose value in the store may be an old one, because a write or a removal failed there.
///
/// The cache reads none of them from the store until a later write or removal of the key has succeeded. A change
/// that was given up at its timeout may still take effect, over a later one: its key is in doubt until a change
/// succeeds that began after it had ended.
///
/// A value type without a lock. The number of keys is bounded; past the bound all keys are distrusted.
struct DistrustedKeys: Sendable {
    private let limit: Int

    /// The keys in doubt, with the moment in which they came to be.
    private var keys: [StoreKey: UInt64] = [:]

    /// How many changes of a key have begun and not ended.
    private var underWay: [StoreKey: Int] = [:]

    /// Since when no key of the namespace may be read from the store.
    private var allSince: UInt64?

    private var moment: UInt64 = 0

    init(limit: Int) {
        self.limit = limit
    }

    func contains(_ key: StoreKey) -> Bool {
        allSince != nil || (!keys.isEmpty && keys[key] != nil)
    }

    /// Notes that a change of some keys begins.
    ///
    /// - Returns: Those of the keys that this change can settle: no other change of them is under way, which might
    ///   take effect after this one.
    mutating func begin(_ changed: [StoreKey]) -> [StoreKey] {
        let alone = changed.filter { underWay[$0] == nil }
        for key in changed { underWay[key, default: 0] += 1 }
        return alone
    }

    /// Notes that a change of some keys has ended, even if nobody waited for it any more.
    mutating func end(_ changed: [StoreKey]) {
        for key in changed {
            let left = underWay[key, default: 1] - 1
            underWay[key] = left > 0 ? left : nil
        }
    }

    /// Puts keys in doubt after a change that failed or was given up.
    mutating func insert(_ added: [StoreKey]) {
        moment += 1
        if allSince != nil { allSince = moment }
        for key in added where allSince == nil || underWay[key] != nil { keys[key] = moment }
        if keys.count > limit { insertAll() }
    }

    /// Puts all keys in doubt.
    mutating func insertAll() {
        moment += 1
        allSince = moment
        keys = keys.filter { underWay[$0.key] != nil }
    }

    /// Notes that a change has succeeded that could settle some keys.
    mutating func settle(_ alone: [StoreKey]) {
        guard !keys.isEmpty else { return }
        for key in alone { keys[key] = nil }
    }

    /// The moment to give to ``settleAll(since:)``.
    mutating func beginRemovingAll() -> UInt64 {
        moment += 1
        return moment
    }

    /// Notes that everything was removed, which settles what was in doubt when the removal began.
    mutating func settleAll(since begin: UInt64) {
        keys = keys.filter { $0.value > begin || underWay[$0.key] != nil }
        if let since = allSince, since < begin { allSince = nil }
    }
}
