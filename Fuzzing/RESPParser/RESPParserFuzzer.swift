// Compiled together with the parser itself; see `Fuzzing/run`.

/// Feeds the parser with the same bytes in one piece and in two, and traps where the outcomes differ.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    guard count > 1 else { return 0 }
    let bytes = UnsafeRawBufferPointer(start: start + 1, count: count - 1)
    let whole = Outcome(bytes, cutAt: bytes.count)
    let cut = Outcome(bytes, cutAt: Int(start[0]) % (bytes.count + 1))
    precondition(whole == cut, "the same bytes in two pieces are read otherwise")
    precondition(whole.values.count * 3 <= bytes.count, "more values than the bytes can hold")
    return 0
}

private struct Outcome: Equatable {
    var values: [RESPValue] = []
    var isRefused = false

    init(_ bytes: UnsafeRawBufferPointer, cutAt cut: Int) {
        var parser = RESPParser(limits: ParserLimits(depth: 8, replyBytes: 64 << 10))
        do {
            for piece in [bytes[..<cut], bytes[cut...]] {
                var position = 0
                let piece = UnsafeRawBufferPointer(rebasing: piece)
                while let value = try parser.next(in: piece, at: &position) { values.append(value.comparable) }
            }
        } catch {
            isRefused = true
        }
    }
}

extension RESPValue {
    /// A value that equals itself, which a number that is none does not.
    fileprivate var comparable: RESPValue {
        switch self {
        case .double(let double): .bytes(withUnsafeBytes(of: double.bitPattern) { Array($0) })
        case .array(let elements): .array(elements.map(\.comparable))
        case .set(let elements): .set(elements.map(\.comparable))
        case .push(let elements): .push(elements.map(\.comparable))
        case .map(let pairs): .map(pairs.map { RESPPair(key: $0.key.comparable, value: $0.value.comparable) })
        default: self
        }
    }
}
