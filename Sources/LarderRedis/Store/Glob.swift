/// The patterns of keys that servers understand.
enum Glob {
    private static let special = Set("*?[]\\^-".utf8)

    /// A pattern of all names that begin with some bytes, whatever these are.
    static func pattern(matchingPrefix prefix: [UInt8]) -> [UInt8] {
        var pattern: [UInt8] = []
        for byte in prefix {
            if special.contains(byte) { pattern.append(UInt8(ascii: "\\")) }
            pattern.append(byte)
        }
        return pattern + [UInt8(ascii: "*")]
    }
}
