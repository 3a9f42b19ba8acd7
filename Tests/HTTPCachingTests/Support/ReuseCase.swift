import HTTPCaching
import HTTPTypes
import Testing

/// A response, a pause, and the same request again: the response is used again, or it is not.
struct ReuseCase: CustomTestStringConvertible, Sendable {
    enum Expectation: Sendable {
        case used
        case notUsed
        case validated
    }

    var promise: String
    var status = 200
    var fields: [(String, String)]
    var request: [(String, String)] = []
    var pause: Int64 = 3
    var later: [(String, String)]?
    var expectation: Expectation

    init(
        _ expectation: Expectation,
        _ promise: String,
        _ fields: [(String, String)],
        status: Int = 200,
        request: [(String, String)] = [],
        later: [(String, String)]? = nil,
        pause: Int64 = 3
    ) {
        self.expectation = expectation
        self.promise = promise
        self.fields = fields
        self.status = status
        self.request = request
        self.later = later
        self.pause = pause
    }

    var testDescription: String { "\(promise): \(expectation)" }

    /// Values such as `@-10` in fields stand for dates, in seconds from now.
    func outcome(_ configuration: SharedCache.Configuration = SharedCache.Configuration()) -> Expectation {
        var cache = ModelCache(configuration)
        let dated = { (pairs: [(String, String)]) in
            pairs.map { pair in
                guard pair.1.hasPrefix("@"), let offset = Int64(pair.1.dropFirst()) else { return pair }
                return (pair.0, cache.date(offset))
            }
        }
        let origin = ModelCache.Origin(status: status, fields: dated(fields))
        let first = dated(request)
        let second = dated(later ?? request)
        _ = cache.send("GET", "/", first, to: origin)
        cache.wait(pause)
        let reply = cache.send("GET", "/", second, to: ModelCache.Origin(body: "new", confirms: true))
        if reply.isFromCache { return .used }
        return reply.body == "the body" ? .validated : .notUsed
    }
}
