/// Which columns of a CSV file mean what.
///
/// A name that is nil is looked for: the first column that has one of the usual names is taken, if there is one.
public struct TraceColumns: Sendable {
    /// The column of the keys.
    public var key: String?
    /// The column of the weights.
    public var weight: String?
    /// The column of the times, in seconds.
    public var time: String?
    /// The column of the lifetimes, in seconds.
    public var timeToLive: String?

    /// Names columns.
    ///
    /// - Parameters:
    ///   - key: The column of the keys; if nil, one of `key`, `id`, `obj_id`, `object`, `url`, else the first.
    ///   - weight: The column of the weights; if nil, one of `weight`, `size`, `obj_size`, `bytes`.
    ///   - time: The column of the times, in seconds; if nil, one of `time`, `timestamp`.
    ///   - timeToLive: The column of the lifetimes, in seconds; if nil, one of `ttl`, `time_to_live`.
    public init(key: String? = nil, weight: String? = nil, time: String? = nil, timeToLive: String? = nil) {
        self.key = key
        self.weight = weight
        self.time = time
        self.timeToLive = timeToLive
    }

    /// Where the columns stand in a line.
    struct Indices {
        var key: Int
        var weight: Int?
        var time: Int?
        var timeToLive: Int?
    }

    func indices(in header: [String]) throws -> Indices {
        Indices(
            key: try index(of: key, or: ["key", "id", "obj_id", "object", "url"], in: header) ?? 0,
            weight: try index(of: weight, or: ["weight", "size", "obj_size", "bytes"], in: header),
            time: try index(of: time, or: ["time", "timestamp"], in: header),
            timeToLive: try index(of: timeToLive, or: ["ttl", "time_to_live"], in: header)
        )
    }

    private func index(of name: String?, or usual: [String], in header: [String]) throws -> Int? {
        guard let name else { return header.firstIndex { usual.contains($0.lowercased()) } }
        guard let index = header.firstIndex(of: name) else {
            throw SimulationError(
                .missingColumn,
                "There is no column '\(name)'. The columns are: \(header.joined(separator: ", "))."
            )
        }
        return index
    }
}
