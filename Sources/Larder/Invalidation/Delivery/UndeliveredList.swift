/// The invalidations that wait to be delivered, by their namespaces.
///
/// A value type without a lock. It is bounded: a namespace with more than the limit is invalidated as a whole.
struct UndeliveredList: Sendable {
    struct Entry: Sendable {
        let id: UInt64
        let record: InvalidationRecord
        /// Its number in the queue; `nil` until the queue has it.
        var number: Int64?
    }

    private let limit: Int
    private var entries: [String: [Entry]] = [:]
    private var lastIdentifier: UInt64 = 0

    /// The numbers of what something else stands for by now.
    private var obsolete: [Int64] = []

    init(limit: Int) {
        self.limit = limit
    }

    /// The namespaces for which something waits.
    var namespaces: Set<String> { Set(entries.keys) }

    /// What waits for a namespace, oldest first.
    func records(of namespace: String) -> [InvalidationRecord] { entries[namespace, default: []].map(\.record) }

    /// What is to be delivered next for a namespace.
    func next(of namespace: String) -> [Entry] { Array(entries[namespace, default: []].prefix(500)) }

    mutating func append(_ record: InvalidationRecord, number: Int64? = nil) {
        lastIdentifier += 1
        entries[record.namespace, default: []].append(Entry(id: lastIdentifier, record: record, number: number))
        guard entries[record.namespace, default: []].count > limit else { return }
        obsolete += entries[record.namespace, default: []].compactMap(\.number)
        let everything = InvalidationRecord(.everything, in: record.namespace)
        entries[record.namespace] = [Entry(id: lastIdentifier, record: everything)]
    }

    /// What the queue does not have yet, and the numbers of what it may forget.
    mutating func takeChanges() -> (added: [Entry], removed: [Int64]) {
        defer { obsolete = [] }
        return (entries.values.joined().filter { $0.number == nil }.sorted { $0.id < $1.id }, obsolete)
    }

    /// Notes the numbers that the queue gave; what is gone by now is forgotten with the next change.
    mutating func setNumbers(_ numbers: [Int64], of added: [Entry]) {
        for (entry, number) in zip(added, numbers) {
            let namespace = entry.record.namespace
            if let index = entries[namespace]?.firstIndex(where: { $0.id == entry.id }) {
                entries[namespace]?[index].number = number
            } else {
                obsolete.append(number)
            }
        }
    }

    /// Forgets what was delivered.
    mutating func remove(_ delivered: [Entry]) {
        let identifiers = Set(delivered.map(\.id))
        for namespace in Set(delivered.map(\.record.namespace)) {
            let isDelivered: (Entry) -> Bool = { identifiers.contains($0.id) }
            obsolete += entries[namespace, default: []].filter(isDelivered).compactMap(\.number)
            entries[namespace]?.removeAll(where: isDelivered)
            if entries[namespace]?.isEmpty == true { entries[namespace] = nil }
        }
    }
}
