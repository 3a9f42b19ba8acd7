/// The versions that this process has written last, by the names of their keys, so that it knows them when the server
/// tells of them.
///
/// A value type without a lock. It is bounded: a write that is forgotten too early is taken for one of another program,
/// which costs an entry of memory.
struct RecentWrites: Sendable {
    private let limit: Int
    private var versions: [[UInt8]: ArraySlice<UInt8>] = [:]
    private var order: [[UInt8]] = []
    private var next = 0

    init(limit: Int = 8_192) {
        self.limit = max(1, limit)
    }

    /// Notes what is written, before the server can tell of it.
    mutating func insert(_ name: [UInt8], _ content: [UInt8]) {
        guard versions.updateValue(content[1..<SlotContent.headSize], forKey: name) == nil else { return }
        if order.count < limit { return order.append(name) }
        versions[order[next]] = nil
        order[next] = name
        next = (next + 1) % limit
    }

    /// Whether a key still holds what this process has written last.
    func contains(_ name: [UInt8], _ head: [UInt8]) -> Bool {
        head.count == SlotContent.headSize && versions[name] == head[1...]
    }
}
