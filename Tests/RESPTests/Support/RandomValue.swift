import LarderTesting
import RESP

extension RESPValue {
    /// A value of any type, with lists in it that nest a few times.
    static func random(depth: Int = 3, using generator: inout SplitMix64) -> RESPValue {
        func elements() -> [RESPValue] {
            (0..<Int.random(in: 0...4, using: &generator)).map { _ in random(depth: depth - 1, using: &generator) }
        }
        let bytes = (0..<Int.random(in: 0...40, using: &generator))
            .map { _ in
                UInt8.random(in: 0...255, using: &generator)
            }
        switch Int.random(in: 0..<(depth > 0 ? 11 : 8), using: &generator) {
        case 0: return .null
        case 1: return .bytes(bytes)
        case 2: return .text(["OK", "", "a longer simple string"].randomElement(using: &generator) ?? "")
        case 3: return .integer([Int.min, -1, 0, 7, .max].randomElement(using: &generator) ?? 0)
        case 4: return .double(Double(Int.random(in: -1_000...1_000, using: &generator)) / 8)
        case 5: return .boolean(Bool.random(using: &generator))
        case 6: return .bigNumber("-123456789012345678901234567890")
        case 7: return .error(RESPServerError(message: "ERR some error"))
        case 8: return .array(elements())
        case 9: return .set(elements())
        default:
            return .map(elements().map { RESPPair(key: $0, value: random(depth: depth - 1, using: &generator)) })
        }
    }
}
