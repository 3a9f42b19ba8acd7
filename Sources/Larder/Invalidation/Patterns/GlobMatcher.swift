/// Follows all the ways through a pattern at once.
///
/// The state is a set of bits. Bit `i` says that the part of the key that was read can be matched by the first `i`
/// elements. A character moves each bit whose element accepts it one up; the bit of a run also stays, and may go on
/// without any character. So each character costs a few operations for each 64 elements, and no part of the key is
/// read twice. (Baeza-Yates and Gonnet, "A New Approach to Text Searching", CACM 1992.)
struct GlobMatcher: Sendable {
    let elements: [GlobElement]
    private let wordCount: Int
    /// The bits of the runs.
    private let runs: [UInt64]
    /// For each ASCII character the bits of the elements that accept it.
    private let accepting: [UInt64]
    private let endsWithRun: Bool

    init(_ elements: [GlobElement]) {
        self.elements = elements
        let wordCount = elements.count / 64 + 1
        var runs = [UInt64](repeating: 0, count: wordCount)
        var accepting = [UInt64](repeating: 0, count: 128 * wordCount)
        for (index, element) in elements.enumerated() {
            let (word, bit) = (index / 64, UInt64(1) << UInt64(index % 64))
            if element == .anyRun { runs[word] |= bit }
            for code in 0..<128 where element.accepts(UInt32(code)) { accepting[code * wordCount + word] |= bit }
        }
        self.wordCount = wordCount
        self.runs = runs
        self.accepting = accepting
        endsWithRun = elements.last == .anyRun
    }

    func matches(_ key: UnsafeBufferPointer<UInt8>) -> Bool {
        wordCount == 1 ? matchesShort(key) : matchesLong(key)
    }

    /// Matches with a pattern of fewer than 64 elements, whose bits are one word.
    private func matchesShort(_ key: UnsafeBufferPointer<UInt8>) -> Bool {
        let runs = self.runs[0]
        let end = UInt64(1) << UInt64(elements.count)
        let enough = endsWithRun ? end : 0
        var state: UInt64 = 1
        state |= (state & runs) << 1
        var reader = ScalarReader(key)
        return accepting.withUnsafeBufferPointer { accepting in
            while state != 0, state & enough == 0, let code = reader.next() {
                let accepted = code < 128 ? accepting[Int(code)] : acceptingWord(0, code)
                state = (state & accepted) << 1 | (state & runs)
                state |= (state & runs) << 1
            }
            return state & end != 0
        }
    }

    private func matchesLong(_ key: UnsafeBufferPointer<UInt8>) -> Bool {
        let end = (word: elements.count / 64, bit: UInt64(1) << UInt64(elements.count % 64))
        var state = [UInt64](repeating: 0, count: wordCount)
        state[0] = 1
        skipRuns(&state)
        var reader = ScalarReader(key)
        while let code = reader.next() {
            if endsWithRun, state[end.word] & end.bit != 0 { return true }
            var carry: UInt64 = 0
            var isDead = true
            for word in 0..<wordCount {
                let accepted = code < 128 ? accepting[Int(code) * wordCount + word] : acceptingWord(word, code)
                let moving = state[word] & accepted
                state[word] = moving << 1 | carry | (state[word] & runs[word])
                carry = moving >> 63
                if state[word] != 0 { isDead = false }
            }
            if isDead { return false }
            skipRuns(&state)
        }
        return state[end.word] & end.bit != 0
    }

    /// Goes on behind runs that match nothing.
    ///
    /// No two runs follow each other, so that one step is enough.
    private func skipRuns(_ state: inout [UInt64]) {
        var carry: UInt64 = 0
        for word in 0..<wordCount {
            let skipping = state[word] & runs[word]
            state[word] |= skipping << 1 | carry
            carry = skipping >> 63
        }
    }

    /// The bits of the elements that accept a character that is not ASCII.
    private func acceptingWord(_ word: Int, _ code: UInt32) -> UInt64 {
        var bits: UInt64 = 0
        for index in word * 64..<min(word * 64 + 64, elements.count) where elements[index].accepts(code) {
            bits |= 1 << UInt64(index % 64)
        }
        return bits
    }
}
