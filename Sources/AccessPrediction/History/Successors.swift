/// Which keys are read soon after another one while no tier has them: the few that are most often.
///
/// A key that has no place takes one from the key that came least, once it has come as often as that one (the majority
/// vote of Misra and Gries, "Finding Repeated Elements", 1982).
package struct Successors<Key: Hashable & Sendable>: Sendable {
    package struct Successor: Sendable {
        package let key: Key
        /// How often it could have come, and how often it did.
        var chances: UInt16
        var times: UInt16

        /// How probable it is that it comes next time; careful as long as it is not known for long.
        package var probability: Double { Double(times) / (Double(chances) + 1) }
    }

    private static var places: Int { 4 }

    package private(set) var all: [Successor] = []

    package init() {}

    /// Takes note that some of the keys may follow now.
    package mutating func noteChance(of place: Int) {
        all[place].chances += 1
        guard all[place].chances >= 64 else { return }
        all[place].chances /= 2
        all[place].times /= 2
    }

    /// Takes note that a key followed.
    package mutating func noteFollower(_ key: Key) {
        if let place = all.firstIndex(where: { $0.key == key }) {
            all[place].times = min(all[place].times + 1, all[place].chances)
        } else if all.count < Self.places {
            all.append(Successor(key: key, chances: 1, times: 1))
        } else if let least = all.indices.min(by: { all[$0].times < all[$1].times }) {
            if all[least].times <= 1 {
                all[least] = Successor(key: key, chances: 1, times: 1)
            } else {
                all[least].times -= 1
            }
        }
    }
}
