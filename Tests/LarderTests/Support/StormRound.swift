import Larder
import LarderTesting

/// What one round of the storm is about.
struct StormRound: Sendable {
    struct Broken: Error {}

    let keys: [String]
    let fails: Bool
    let pauses: Int
    let hangs: Bool
    /// Whether nothing happens but reads, so that each key is loaded by one at a time without exception.
    let isCalm: Bool
    let softTimeout: Duration
    let hardTimeout: Duration
    let door = Latch()

    init(_ number: Int, _ random: inout SplitMix64) {
        keys = ["a\(number)", "b\(number)"]
        fails = Int.random(in: 0..<4, using: &random) == 0
        pauses = Int.random(in: 0..<20, using: &random)
        hangs = Int.random(in: 0..<3, using: &random) == 0
        isCalm = Int.random(in: 0..<4, using: &random) == 0
        softTimeout = .milliseconds(Int.random(in: 0..<40, using: &random))
        hardTimeout = .milliseconds(Int.random(in: 1..<80, using: &random))
    }

    /// How one caller reads.
    func read(_ random: inout SplitMix64) -> StormRead {
        var policy = exact(
            timeToLive: .milliseconds(50),
            grace: .seconds(1),
            softTimeout: softTimeout,
            hardTimeout: hardTimeout,
            loadDeadline: .milliseconds(100)
        )
        policy.retryPause = .milliseconds(5)
        let way = Int.random(in: 0..<10, using: &random)
        let isForced = !isCalm && Int.random(in: 0..<20, using: &random) == 0
        return StormRead(
            keys: way == 0 ? keys : [keys[Int.random(in: 0..<2, using: &random)]],
            isInBackground: way > 4,
            policy: policy,
            options: isForced ? .forceRefresh : []
        )
    }

    /// Whether a caller may get an error in this round.
    func explains(_ error: any Error, isCancelled: Bool) -> Bool {
        switch error {
        case is CancellationError: isCancelled
        case is Broken: fails
        case let error as CacheError: error.code == .loadTimedOut && !isCalm
        default: false
        }
    }
}

/// How one caller of the storm reads.
struct StormRead: Sendable {
    let keys: [String]
    let isInBackground: Bool
    let policy: CachePolicy
    let options: ReadOptions

    func perform(
        _ cache: TieredCache<String, String>,
        _ loads: LoadsUnderWay,
        _ round: StormRound
    ) async throws -> [String?] {
        if keys.count > 1 {
            let values = try await cache.values(forKeys: keys, policy: policy, options: options) { keys in
                let value = try await loads.load(keys, round)
                return Dictionary(uniqueKeysWithValues: keys.map { ($0, value) })
            }
            return keys.map { values[$0] }
        }
        if isInBackground {
            return [
                try await cache.result(
                    forKey: keys[0],
                    policy: policy,
                    options: options,
                    orLoadInBackground: { key, _ in .value(try await loads.load([key], round)) }
                )
                .value
            ]
        }
        return [
            try await cache.value(forKey: keys[0], policy: policy, options: options) { key in
                try await loads.load([key], round)
            }
        ]
    }
}

/// What happens between two reads of the storm.
enum StormEvent {
    enum Change {
        case remove
        case expire
        case set

        func perform(_ cache: TieredCache<String, String>, _ key: String) async throws {
            switch self {
            case .remove: try await cache.removeValue(forKey: key)
            case .expire: try await cache.expireValue(forKey: key)
            case .set: try await cache.setValue("set", forKey: key)
            }
        }
    }

    case none
    case pause
    case cancel(Int)
    case advance(Duration)
    case change(Change)

    static func random(_ random: inout SplitMix64) -> StormEvent {
        switch Int.random(in: 0..<20, using: &random) {
        case 0..<6: .pause
        case 6..<14: .cancel(Int.random(in: 0..<50, using: &random))
        case 14..<16: .advance(.milliseconds(Int.random(in: 1..<120, using: &random)))
        case 16: .change(.remove)
        case 17: .change(.expire)
        case 18: .change(.set)
        default: .none
        }
    }
}
