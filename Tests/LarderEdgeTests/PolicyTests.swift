import HTTPCaching
import HTTPTypes
import LarderEdge
import Testing

@Suite("Fields of responses")
struct EdgePolicyTests {
    private func policy() throws -> EdgePolicy {
        try EdgePolicy(
            browserLifetime: .seconds(10),
            edgeLifetime: .seconds(600),
            staleWhileRevalidate: .seconds(30),
            staleIfError: .seconds(60)
        )
    }

    private func field(_ fields: HTTPFields, _ name: String) -> String? { HTTPField.Name(name).flatMap { fields[$0] } }

    @Test(
        "browsers and the edge are told apart in the field that the edge reads",
        arguments: [
            (EdgeProfile.larder, "CDN-Cache-Control"), (.cloudflare, "Cloudflare-CDN-Cache-Control"),
            (.akamai, "Akamai-Cache-Control"), (.fastly, "Surrogate-Control"),
        ]
    )
    func targeted(_ profile: EdgeProfile, _ name: String) throws {
        let fields = try policy().fields(for: EdgeEntry(), profile: profile)
        #expect(field(fields, "Cache-Control") == "public, max-age=10")
        #expect(field(fields, name) == "max-age=600, stale-while-revalidate=30, stale-if-error=60")
    }

    @Test(
        "an edge without a field of its own reads s-maxage",
        arguments: [
            EdgeProfile.varnish, .nginx, .cloudFront, .bunny,
        ]
    )
    func shared(_ profile: EdgeProfile) throws {
        let fields = try policy().fields(for: EdgeEntry(), profile: profile)
        #expect(
            field(fields, "Cache-Control")
                == "public, max-age=10, s-maxage=600, stale-while-revalidate=30, stale-if-error=60"
        )
    }

    @Test("no response outlives the entry that it was made of")
    func remainingLife() throws {
        var entry = EdgeEntry()
        entry.remainingLife = .milliseconds(5_900)
        let fields = try policy().fields(for: entry, profile: .larder)
        #expect(field(fields, "Cache-Control") == "public, max-age=5")
        #expect(field(fields, "CDN-Cache-Control")?.hasPrefix("max-age=5,") == true)
        entry.remainingLife = .seconds(-1)
        #expect(field(try policy().fields(for: entry, profile: .larder), "Cache-Control") == "public, max-age=0")
        entry.remainingLife = .seconds(5)
        entry.age = .seconds(3)
        let aged = try policy().fields(for: entry, profile: .larder)
        #expect(field(aged, "Age") == "3" && field(aged, "Cache-Control") == "public, max-age=8")
    }

    @Test("what is for one user, or nobody, carries no tags and no word for the edge")
    func audiences() throws {
        var entry = EdgeEntry()
        entry.tags = ["a"]
        var policy = try policy()
        policy.audience = .oneUser
        let own = policy.fields(for: entry, profile: .larder)
        #expect(own.count == 1 && field(own, "Cache-Control") == "private, max-age=10")
        policy.audience = .nobody
        let none = policy.fields(for: entry, profile: .fastly)
        #expect(none.count == 1 && field(none, "Cache-Control") == "no-store")
    }

    @Test(
        "a response that could not be purged is not stored at the edge",
        arguments: [
            EdgeProfile.larder, .varnish, .fastly, .bunny, .nginx,
        ]
    )
    func unpurgeable(_ profile: EdgeProfile) throws {
        var entry = EdgeEntry()
        entry.tags = Set((0..<3_000).map { "tag-\($0)-\(String(repeating: "x", count: 50))" })
        let fields = try policy().fields(for: entry, profile: profile)
        #expect(field(fields, "Cache-Control") == "private, max-age=10")
        for target in profile.targetedFields { #expect(fields[target] == "no-store") }
        entry.wideTags = ["ns/notes"]
        let wide = try policy().fields(for: entry, profile: profile)
        guard let rules = profile.tags else { return }
        #expect(field(wide, rules.field) == rules.form(of: "ns/notes"))
    }

    @Test("tags, validators, immutability and Vary are told")
    func rest() throws {
        var policy = try policy()
        policy.isImmutable = true
        policy.vary = [.acceptEncoding, .acceptLanguage]
        var entry = EdgeEntry()
        entry.tags = ["b", "a"]
        entry.entityTag = EntityTag("v1")
        entry.lastModified = HTTPDate(secondsSince1970: 784_111_777)
        let fields = policy.fields(for: entry, profile: .fastly)
        #expect(field(fields, "Surrogate-Key") == "a b" && field(fields, "ETag") == "\"v1\"")
        #expect(field(fields, "Last-Modified") == "Sun, 06 Nov 1994 08:49:37 GMT")
        #expect(field(fields, "Vary") == "Accept-Encoding, Accept-Language")
        #expect(field(fields, "Cache-Control") == "public, max-age=10, immutable")
    }

    @Test("lifetimes below zero are refused")
    func refused() {
        #expect(throws: EdgeError.self) { try EdgePolicy(browserLifetime: .seconds(-1), edgeLifetime: .zero) }
    }

    @Test("tags of content are equal for equal bytes and differ by what else the response depends on")
    func contentTags() {
        let bytes = Array("hello".utf8)
        #expect(EntityTag(content: bytes) == EntityTag(content: bytes))
        #expect(EntityTag(content: bytes) != EntityTag(content: bytes, salt: ["gzip"]))
        #expect(EntityTag(content: bytes, salt: ["ab", "c"]) != EntityTag(content: bytes, salt: ["a", "bc"]))
        #expect(EntityTag(content: bytes).description == "\"2cf24dba5fb0a30e26e83b2ac5b9e29e\"")
        #expect(EntityTag(content: bytes, isWeak: true).description.hasPrefix("W/\""))
    }
}
