/// A request to a vendor.
public struct EdgeCall: Hashable, Sendable {
    /// A field of the request.
    public struct Field: Hashable, Sendable {
        /// Its name.
        public var name: String
        /// Its value, which may be a secret.
        public var value: String

        /// Makes a field.
        ///
        /// - Parameters:
        ///   - name: Its name.
        ///   - value: Its value.
        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// The method.
    public var method: String
    /// The URL, with scheme and host.
    public var url: String
    /// The fields, besides those that every request has.
    public var fields: [Field]
    /// The body.
    public var body: String

    /// Makes a request.
    ///
    /// - Parameters:
    ///   - method: The method.
    ///   - url: The URL, with scheme and host.
    ///   - fields: The fields, besides those that every request has.
    ///   - body: The body.
    public init(_ method: String, _ url: String, _ fields: [Field] = [], body: String = "") {
        self.method = method
        self.url = url
        self.fields = fields
        self.body = body
    }
}

extension EdgeCall: CustomStringConvertible {
    /// Method and URL: no field, since one of them carries the secret.
    public var description: String { "\(method) \(url)" }
}

/// A vendor's answer.
public struct EdgeReply: Hashable, Sendable {
    /// The status.
    public var status: Int
    /// `Retry-After`, if it is a number of seconds.
    public var retryAfter: Duration?
    /// Fields by their names in lower case.
    public var fields: [String: String]
    /// The beginning of the body.
    public var body: String

    /// Makes an answer.
    ///
    /// - Parameters:
    ///   - status: The status.
    ///   - fields: Fields by their names in lower case.
    ///   - body: The beginning of the body.
    public init(status: Int, fields: [String: String] = [:], body: String = "") {
        self.status = status
        self.fields = fields
        self.body = body
        // An absurd number must not keep a purge for ever.
        retryAfter = fields["retry-after"].flatMap { Int64($0) }.map { .seconds(min(max(0, $0), 3_600)) }
    }
}
