import Crypto

/// Signs requests with Amazon's "Signature Version 4".
struct AWSSignature: Sendable {
    var accessKey: String
    var secretKey: EdgeSecret
    var sessionToken: EdgeSecret?
    var region: String
    var service: String

    func signed(_ call: EdgeCall, at seconds: Int64) throws(EdgeError) -> EdgeCall {
        guard let url = EdgeURL(call.url) else {
            throw EdgeError(.invalidConfiguration, "'\(call.url)' is no URL with scheme and host.")
        }
        let time = Self.timestamp(seconds)
        var signed = call
        signed.fields.append(.init("X-Amz-Date", time))
        if let sessionToken { signed.fields.append(.init("X-Amz-Security-Token", sessionToken.value)) }
        let fields = (signed.fields + [.init("Host", url.host)])
            .map { (name: $0.name.lowercased(), value: $0.value) }.sorted { $0.name < $1.name }
        let names = fields.map(\.name).joined(separator: ";")
        let request = [
            call.method, String(url.path.prefix { $0 != "?" }), Self.query(url.path),
            fields.map { "\($0.name):\($0.value)\n" }.joined(), names, SHA256.hash(data: Array(call.body.utf8)).hex,
        ]
        .joined(separator: "\n")
        let scope = "\(time.prefix(8))/\(region)/\(service)/aws4_request"
        let text = "AWS4-HMAC-SHA256\n\(time)\n\(scope)\n\(SHA256.hash(data: Array(request.utf8)).hex)"
        let signature = Self.code(text, key: key(date: String(time.prefix(8))))
        signed.fields.append(
            .init(
                "Authorization",
                "AWS4-HMAC-SHA256 Credential=\(accessKey)/\(scope), SignedHeaders=\(names), Signature=\(signature.hex)"
            )
        )
        return signed
    }

    func key(date: String) -> [UInt8] {
        [date, region, service, "aws4_request"].reduce(Array("AWS4\(secretKey.value)".utf8)) { Self.code($1, key: $0) }
    }

    private static func code(_ text: String, key: [UInt8]) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: SymmetricKey(data: key)))
    }

    /// The parameters, sorted; they are encoded already.
    private static func query(_ path: String) -> String {
        path.drop { $0 != "?" }.dropFirst().split(separator: "&").sorted().joined(separator: "&")
    }

    private static func timestamp(_ seconds: Int64) -> String {
        let stamp = UTCTimestamp(seconds)
        return "\(stamp.date)T\(stamp.time())Z"
    }
}

extension Sequence<UInt8> {
    var hex: String { map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() }
}
