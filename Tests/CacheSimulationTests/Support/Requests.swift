import CacheSimulation

/// Requests made by a seed.
struct Requests {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func number(below bound: UInt64) -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return (mixed ^ mixed >> 31) % bound
    }

    /// Requests whose frequency falls with the inverse of the key.
    mutating func zipf(keys: Int, count: Int) -> [UInt64] {
        var sums: [Double] = []
        var sum = 0.0
        for key in 1...keys {
            sum += 1 / Double(key)
            sums.append(sum)
        }
        return (0..<count)
            .map { _ in
                let target = Double(number(below: 1 << 40)) / Double(1 << 40) * sum
                var (low, high) = (0, keys - 1)
                while low < high {
                    let middle = (low + high) / 2
                    if sums[middle] < target { low = middle + 1 } else { high = middle }
                }
                return UInt64(low)
            }
    }

    /// The keys from 0 to a bound, over and over.
    static func loop(keys: Int, rounds: Int) -> [UInt64] {
        (0..<rounds).flatMap { _ in (0..<keys).map { UInt64($0) } }
    }

    /// A Zipf distribution of which every third of the time other keys are the popular ones.
    mutating func shifting(keys: Int, count: Int) -> [UInt64] {
        zipf(keys: keys, count: count).enumerated()
            .map { position, key in (key + UInt64(position * 3 / count * keys / 3)) % UInt64(keys) }
    }

    /// A Zipf distribution that long runs of keys interrupt that are never asked for again.
    mutating func scans(keys: Int, count: Int) -> [UInt64] {
        let parts = zipf(keys: keys, count: count / 2)
        let chunk = parts.count / 10
        return (0..<10)
            .flatMap { part in
                let scan = (0..<chunk).map { UInt64(1_000_000 + part * chunk + $0) }
                return parts[(part * chunk)..<((part + 1) * chunk)] + scan
            }
    }

    /// Traces of several kinds with the names of the kinds.
    static func kinds(seed: UInt64) -> [(name: String, keys: [UInt64])] {
        var requests = Requests(seed: seed)
        return [
            ("zipf", requests.zipf(keys: 600, count: 6_000)),
            ("loop", loop(keys: 200, rounds: 40)),
            ("shifting", requests.shifting(keys: 600, count: 6_000)),
            ("scans", requests.scans(keys: 600, count: 6_000)),
        ]
    }
}

extension EvictionPolicy {
    /// Asks a copy for keys in their order, and returns those that were held, with `-` for the others.
    func replaying(_ keys: String) -> String {
        var policy = self
        return String(keys.map { policy.request(UInt64($0.unicodeScalars.first?.value ?? 0)) ? $0 : "-" })
    }

    /// Asks for keys in their order, and returns how many were held.
    @discardableResult
    mutating func hits(_ keys: [UInt64]) -> Int {
        var hits = 0
        for key in keys where request(key) { hits += 1 }
        return hits
    }
}
