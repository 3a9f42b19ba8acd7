import Crypto

import struct Foundation.Data

/// Signs requests with Akamai's EdgeGrid, `EG1-HMAC-SHA256`.
struct EdgeGridSignature: Sendable {
    var clientToken: EdgeSecret
    var clientSecret: EdgeSecret
    var accessToken: EdgeSecret

    /// How much of a body is signed.
    private static let maximumBody = 131_072

    func signed(_ call: EdgeCall, at seconds: Int64, nonce: String) throws(EdgeError) -> EdgeCall {
        guard let url = EdgeURL(call.url) else {
            throw EdgeError(.invalidConfiguration, "'\(call.url)' is no URL with scheme and host.")
        }
        let stamp = UTCTimestamp(seconds)
        let time = "\(stamp.date)T\(stamp.time(":"))+0000"
        let header =
            "EG1-HMAC-SHA256 client_token=\(clientToken.value);access_token=\(accessToken.value);"
            + "timestamp=\(time);nonce=\(nonce);"
        let body = call.method == "POST" && !call.body.isEmpty
        let hash = body ? Self.base64(SHA256.hash(data: Array(call.body.utf8.prefix(Self.maximumBody)))) : ""
        let scheme = call.url.prefix { $0 != ":" }.lowercased()
        let data = [call.method, scheme, url.host.lowercased(), url.path, "", hash, header].joined(separator: "\t")
        let key = Self.code(time, key: clientSecret.value)
        var signed = call
        signed.fields.append(.init("Authorization", header + "signature=" + Self.code(data, key: key)))
        return signed
    }

    private static func code(_ text: String, key: String) -> String {
        base64(HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: SymmetricKey(data: Array(key.utf8))))
    }

    private static func base64(_ bytes: some Sequence<UInt8>) -> String { Data(bytes).base64EncodedString() }
}
