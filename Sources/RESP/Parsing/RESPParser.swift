/// Turns bytes into values, as they come.
///
/// Whatever the pieces in which the bytes arrive, each byte is looked at once: the parser keeps the lists that have
/// begun, the string that is being filled, and the line that is not finished. Nothing but those is kept, so the
/// caller's buffer can be used again at once.
///
/// Attributes are read and dropped. The streamed strings and lists of the specification, which no server sends, are
/// refused. After an error the parser cannot be used any more; the connection has to be closed.
package struct RESPParser {
    private let limits: ParserLimits
    private var open: [OpenList] = []
    private var string: OpenString?
    private var line: [UInt8] = []
    private var used = 0

    /// Makes a parser at the start of a stream.
    package init(limits: ParserLimits = ParserLimits()) {
        self.limits = limits
    }

    /// Whether the parser stands between two values.
    package var isBetweenValues: Bool { open.isEmpty && string == nil && line.isEmpty }

    /// Reads on.
    ///
    /// - Parameters:
    ///   - bytes: What arrived.
    ///   - position: Where to go on in `bytes`; moves past what was read.
    /// - Returns: The next value, or `nil` when all bytes are read and the value they belong to is not complete.
    /// - Throws: ``RESPError`` with the code `protocolViolation`.
    package mutating func next(
        in bytes: UnsafeRawBufferPointer,
        at position: inout Int
    ) throws(RESPError) -> RESPValue? {
        while true {
            let value: RESPValue
            if string != nil {
                guard let filled = try fillString(from: bytes, at: &position) else { return nil }
                value = filled
            } else {
                guard position < bytes.count else { return nil }
                guard let head = try readLine(from: bytes, at: &position) else { return nil }
                switch head {
                case .value(let scalar):
                    value = scalar
                case .string(let length, let kind):
                    try use(length)
                    let end = position + length
                    guard kind == .bulk, end + 2 <= bytes.count else {
                        string = OpenString(kind: kind, length: length)
                        continue
                    }
                    try Self.checkEnd(bytes[end], bytes[end + 1])
                    value = .bytes(Self.copy(bytes, position, length))
                    position = end + 2
                case .list(let count, let kind):
                    guard let list = try beginList(count: count, kind: kind) else { continue }
                    value = list
                }
            }
            if let whole = try add(value) { return whole }
        }
    }

    // MARK: Lists

    /// - Returns: The list, if it is empty.
    private mutating func beginList(count: Int, kind: OpenList.Kind) throws(RESPError) -> RESPValue? {
        guard open.count < limits.depth else { throw .violation("a reply nests deeper than \(limits.depth) lists") }
        guard kind != .push || open.isEmpty else { throw .violation("a push message inside of a reply") }
        guard count <= limits.replyBytes else { throw tooLarge }
        let list = OpenList(kind: kind, count: count)
        if list.isComplete, kind != .attribute { return list.value }
        if !list.isComplete { open.append(list) }
        return nil
    }

    /// Puts a value where it belongs.
    ///
    /// - Returns: The value that is complete with it and is not part of another.
    private mutating func add(_ value: RESPValue) throws(RESPError) -> RESPValue? {
        try use(MemoryLayout<RESPValue>.stride)
        var value = value
        while !open.isEmpty {
            let last = open.count - 1
            open[last].append(value)
            guard open[last].isComplete else { return nil }
            let list = open.removeLast()
            if list.kind == .attribute { return nil }
            value = list.value
        }
        used = 0
        return value
    }

    // MARK: Strings

    private mutating func fillString(
        from bytes: UnsafeRawBufferPointer,
        at position: inout Int
    ) throws(RESPError) -> RESPValue? {
        // Taken out while it is filled, so that the array inside has one owner.
        guard var filling = string.take() else { return nil }
        position += try filling.append(bytes, from: position)
        guard filling.isComplete else {
            string = filling
            return nil
        }
        return try filling.value()
    }

    @inline(__always)
    static func copy(_ bytes: UnsafeRawBufferPointer, _ start: Int, _ count: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { target, initialized in
            UnsafeMutableRawBufferPointer(target).copyMemory(from: .init(rebasing: bytes[start..<start + count]))
            initialized = count
        }
    }

    @inline(__always)
    static func checkEnd(_ first: UInt8, _ second: UInt8) throws(RESPError) {
        guard first == 13, second == 10 else { throw .violation("a string is longer than its length says") }
    }

    // MARK: Lines

    private mutating func readLine(
        from bytes: UnsafeRawBufferPointer,
        at position: inout Int
    ) throws(RESPError) -> ReplyHead? {
        var end = position
        while end < bytes.count, bytes[end] != 10 { end += 1 }
        let isWhole = end < bytes.count
        let piece = UnsafeRawBufferPointer(rebasing: bytes[position..<(isWhole ? end + 1 : end)])
        guard line.count + piece.count <= ParserLimits.lineBytes else { throw .violation("a line is too long") }
        position += piece.count
        if isWhole, line.isEmpty { return try ReplyHead(line: piece) }
        line.append(contentsOf: piece)
        guard isWhole else { return nil }
        let whole = line
        line.removeAll(keepingCapacity: true)
        // Typed throws do not pass through the closure of `withUnsafeBytes`.
        let head = whole.withUnsafeBytes { line in
            do throws(RESPError) { return Result<ReplyHead, RESPError>.success(try ReplyHead(line: line)) } catch {
                return .failure(error)
            }
        }
        return try head.get()
    }

    // MARK: Limits

    private mutating func use(_ count: Int) throws(RESPError) {
        guard count <= limits.replyBytes - used else { throw tooLarge }
        used += count
    }

    private var tooLarge: RESPError {
        .violation("a reply is larger than \(limits.replyBytes) bytes; raise the limit if such values are meant")
    }
}

extension RESPError {
    static func violation(_ message: String) -> RESPError { RESPError(.protocolViolation, message) }
}
