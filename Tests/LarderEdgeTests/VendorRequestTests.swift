import LarderEdge
import Testing

/// Each vendor's requests, sent through the client to a server that checks what arrives.
@Suite("Requests of vendors", .timeLimit(.minutes(10)))
struct VendorRequestTests {
    private let secret = EdgeSecret("s3cret")

    /// What a server receives for some selectors.
    private func received(
        _ selectors: [EdgeSelector],
        isSoft: Bool = false,
        by purger: (String) throws -> any EdgePurger
    ) async throws -> [VendorServer.Received] {
        try await VendorServer.withServer { server in
            let context = EdgeCallContext(secondsSince1970: 1_440_938_160, identifier: "batch-1")
            for call in try purger(server.base).calls(for: selectors, isSoft: isSoft, context: context) {
                let reply = try await HTTPEdgeTransport().send(call, timeout: .seconds(30))
                #expect(reply.status == 200)
            }
            return server.received
        }
    }

    @Test("Fastly: tags in one request, soft or hard, URLs one by one, everything never soft")
    func fastly() async throws {
        let purger: (String) throws -> any EdgePurger = { try FastlyPurger(service: "SID", token: secret, base: $0) }
        let tags = try await received([.tag("p-1"), .tag("p:2")], isSoft: true, by: purger)
        #expect(tags.count == 1)
        #expect(tags[0].method == "POST" && tags[0].target == "/service/SID/purge")
        #expect(tags[0].body == #"{"surrogate_keys":["p-1","p:2"]}"#)
        #expect(tags[0]["Fastly-Key"] == "s3cret" && tags[0]["Fastly-Soft-Purge"] == "1")
        #expect(tags[0]["Content-Type"] == "application/json" && tags[0]["Accept"] == "application/json")
        let urls = try await received([.url("https://a.example/x?y=1"), .url("https://a.example")], by: purger)
        #expect(urls.map(\.target) == ["/purge/a.example/x?y=1", "/purge/a.example/"])
        #expect(urls[0]["Fastly-Soft-Purge"] == nil && urls[0].body.isEmpty)
        let all = try await received([.everything], by: purger)
        #expect(all[0].method == "POST" && all[0].target == "/service/SID/purge_all")
    }

    @Test("Cloudflare: one body per kind")
    func cloudflare() async throws {
        let cases: [([EdgeSelector], String)] = [
            ([.tag("A"), .tag("b")], #"{"tags":["a","b"]}"#),
            (
                [.url("https://a.example/x"), .url("https://a.example/\"")],
                #"{"files":["https://a.example/x","https://a.example/\""]}"#
            ),
            ([.prefix("https://a.example/docs?x=1")], #"{"prefixes":["a.example/docs"]}"#),
            ([.host("a.example")], #"{"hosts":["a.example"]}"#),
            ([.everything], #"{"purge_everything":true}"#),
        ]
        for (selectors, body) in cases {
            let requests = try await received(selectors) { try CloudflarePurger(zone: "Z", token: secret, base: $0) }
            #expect(requests.map(\.body) == [body])
            #expect(requests[0].method == "POST" && requests[0].target == "/client/v4/zones/Z/purge_cache")
            #expect(
                requests[0]["Authorization"] == "Bearer s3cret" && requests[0]["Content-Type"] == "application/json"
            )
        }
    }

    @Test("CloudFront: a signed batch with a reference that stays the same")
    func cloudFront() async throws {
        let requests = try await received([.tag("P-1"), .tag("a&b")]) { base in
            try CloudFrontPurger(distribution: "DIST", accessKey: "AKID", secretKey: secret, base: base)
        }
        let request = try #require(requests.first)
        let hash = TagRules.cloudFront.form(of: "a&b")
        #expect(request.method == "POST" && request.target == "/2020-05-31/distribution/DIST/invalidation")
        #expect(
            request.body
                == "<InvalidationBatch xmlns=\"http://cloudfront.amazonaws.com/doc/2020-05-31/\">"
                + "<CallerReference>batch-1</CallerReference><Paths><Items><Path>#p-1</Path><Path>#\(hash)</Path></Items>"
                + "<Quantity>2</Quantity></Paths></InvalidationBatch>"
        )
        #expect(request["X-Amz-Date"] == "20150830T123600Z")
        #expect(
            request["Authorization"]?
                .hasPrefix(
                    "AWS4-HMAC-SHA256 Credential=AKID/20150830/us-east-1/cloudfront/aws4_request, "
                        + "SignedHeaders=content-type;host;x-amz-date, Signature="
                ) == true
        )
        let paths = try await received([.url("https://a.example/x?a=1&b=2")]) { base in
            try CloudFrontPurger(distribution: "D", accessKey: "A", secretKey: secret, sessionToken: secret, base: base)
        }
        #expect(paths[0].body.contains("<Path>/x?a=1&amp;b=2</Path>") && paths[0]["X-Amz-Security-Token"] == "s3cret")
    }

    @Test("Akamai: invalidate for soft, delete for hard, signed")
    func akamai() async throws {
        for (isSoft, verb) in [(true, "invalidate"), (false, "delete")] {
            let requests = try await received([.tag("p-1"), .tag("p:2")], isSoft: isSoft) { base in
                try AkamaiPurger(
                    base: base,
                    clientToken: EdgeSecret("ct"),
                    clientSecret: secret,
                    accessToken: EdgeSecret("at")
                )
            }
            #expect(requests[0].method == "POST" && requests[0].target == "/ccu/v3/\(verb)/tag/production")
            #expect(requests[0].body == "{\"objects\":[\"p-1\",\"\(TagRules.akamai.form(of: "p:2"))\"]}")
            #expect(
                requests[0]["Authorization"]?
                    .hasPrefix(
                        "EG1-HMAC-SHA256 client_token=ct;access_token=at;timestamp=20150830T12:36:00+0000;nonce=batch-1;signature="
                    ) == true
            )
        }
        let urls = try await received([.url("https://a.example/x")]) { base in
            try AkamaiPurger(
                base: base,
                clientToken: EdgeSecret("c"),
                clientSecret: secret,
                accessToken: EdgeSecret("a"),
                network: "staging"
            )
        }
        #expect(
            urls[0].target == "/ccu/v3/delete/url/staging" && urls[0].body == #"{"objects":["https://a.example/x"]}"#
        )
    }

    @Test("Bunny: one request for each")
    func bunny() async throws {
        let purger: (String) throws -> any EdgePurger = { try BunnyPurger(pullZone: 7, key: secret, base: $0) }
        let tags = try await received([.tag("a"), .tag("b")], by: purger)
        #expect(tags.map(\.body) == [#"{"CacheTag":"a"}"#, #"{"CacheTag":"b"}"#])
        #expect(tags[0].target == "/pullzone/7/purgeCache" && tags[0]["AccessKey"] == "s3cret")
        let urls = try await received([.url("https://a.example/x?y=1 2")], by: purger)
        #expect(urls[0].target == "/purge?async=false&url=https%3A%2F%2Fa.example%2Fx%3Fy%3D1%202")
        let prefix = try await received([.prefix("https://a.example/x")], by: purger)
        #expect(prefix[0].target == "/purge?async=false&url=https%3A%2F%2Fa.example%2Fx%2A")
        let all = try await received([.everything], by: purger)
        #expect(all[0].target == "/pullzone/7/purgeCache" && all[0].body.isEmpty)
    }

    @Test("Varnish: PURGEKEYS, PURGE and BAN, as its configuration reads them")
    func varnish() async throws {
        let purger: (String) throws -> any EdgePurger = { try VarnishPurger(base: $0 + "/") }
        let tags = try await received([.tag("p-1"), .tag("p:2")], isSoft: true, by: purger)
        #expect(tags[0].method == "PURGEKEYS" && tags[0].target == "/" && tags[0]["xkey-softpurge"] == "p-1 p:2")
        let hard = try await received([.tag("p-1")], by: purger)
        #expect(hard[0]["xkey-purge"] == "p-1" && hard[0]["xkey-softpurge"] == nil)
        let urls = try await received([.url("https://a.example/x?y=1")], isSoft: true, by: purger)
        #expect(urls[0].method == "PURGE" && urls[0].target == "/x?y=1")
        #expect(urls[0]["Host"] == "a.example" && urls[0]["x-purge-mode"] == "soft")
        let prefix = try await received([.prefix("https://a.example/a.b?c")], by: purger)
        #expect(prefix[0].method == "BAN" && prefix[0]["Host"] == "a.example")
        #expect(prefix[0]["x-ban-url"] == #"^/a\.b\?c"#)
        let all = try await received([.everything], by: purger)
        #expect(all[0].method == "BAN" && all[0]["x-ban-all"] == "1")
    }

    @Test("larder edge: PURGE with a token for all that it can")
    func larder() async throws {
        let purger: (String) throws -> any EdgePurger = { try LarderPurger(base: $0, token: secret) }
        for (selector, isSoft, name, value) in [
            (EdgeSelector.tag("t"), false, "xkey-purge", "t"), (.tag("t"), true, "xkey-softpurge", "t"),
            (.url("https://a.example/"), true, "x-purge-mode", "soft"), (.everything, false, "x-purge-all", "1"),
        ] {
            let requests = try await received([selector], isSoft: isSoft, by: purger)
            #expect(requests[0].method == "PURGE" && requests[0].target == "/" && requests[0][name] == value)
            #expect(requests[0]["Authorization"] == "Bearer s3cret")
        }
    }

    @Test("nginx: GET below the location for purges, and never PURGE, which kills its worker")
    func nginx() async throws {
        let requests = try await received([.url("https://a.example/x?y=1")]) { try NginxPurger(base: $0 + "/purge") }
        #expect(
            requests[0].method == "GET" && requests[0].target == "/purge/x?y=1" && requests[0]["Host"] == "a.example"
        )
    }

    @Test("what a vendor cannot purge becomes the nearest wider purge, or is refused")
    func widening() throws {
        let akamai = EdgeCapabilities(batch: [.tag: 1, .url: 1], soft: [.tag])
        let cloudflare = EdgeCapabilities(batch: [.host: 1, .everything: 1])
        #expect(try PurgeRequest(.tag("a"), isSoft: true).fitted(to: akamai, mayWiden: false).isSoft)
        #expect(try !PurgeRequest(.url("a"), isSoft: true).fitted(to: akamai, mayWiden: false).isSoft)
        #expect(throws: EdgeError.self) { try PurgeRequest(.everything).fitted(to: akamai, mayWiden: true) }
        let url = PurgeRequest(.url("https://a.example/x"))
        #expect(try url.fitted(to: cloudflare, mayWiden: true).selector == .host("a.example"))
        #expect(throws: EdgeError.self) { try url.fitted(to: cloudflare, mayWiden: false) }
        #expect(try PurgeRequest(.tag("a")).fitted(to: cloudflare, mayWiden: true).selector == .everything)
    }

    @Test("secrets cannot be printed")
    func secrets() throws {
        #expect("\(secret) \(String(reflecting: secret))" == "secret secret")
        var text = ""
        dump(try FastlyPurger(service: "SID", token: secret), to: &text)
        #expect(!text.contains("s3cret"))
    }

    @Test("what is no URL of a server is refused", arguments: ["", "127.0.0.1", "ftp://a", "http://", "http://a?b"])
    func badBases(_ base: String) {
        #expect(throws: EdgeError.self) { try VarnishPurger(base: base) }
    }
}
