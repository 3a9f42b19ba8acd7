/// Bytes that do not have the form they should.
public struct InvalidBytes: Error, Hashable, CustomStringConvertible {
    /// What is wrong with them.
    public let description: String

    /// Makes an error.
    ///
    /// - Parameter description: What is wrong with the bytes.
    public init(_ description: String) {
        self.description = description
    }
}
