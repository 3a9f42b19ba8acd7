import HTTPTypes
import NIOHTTP1
import Testing

@testable import EdgeProxy

@Suite struct RequestReaderTests {
    private func head(_ uri: String, _ fields: [(String, String)]) -> HTTPRequestHead {
        HTTPRequestHead(version: .http1_1, method: .GET, uri: uri, headers: HTTPHeaders(fields))
    }

    @Test("each request of a connection has its own fields, whatever the one before it had")
    func fields() throws {
        let forms: [[(String, String)]] = [
            [("Host", "a.example"), ("Accept", "text/html")],
            [("Host", "a.example"), ("Accept", "text/html")],
            [("Host", "a.example"), ("Accept", "text/htmx")],
            [("Host", "a.example"), ("accept", "text/htmx")],
            [("Host", "b.example"), ("accept", "text/htmx")],
            [("Host", "b.example")],
            [("Host", "b.example"), ("Authorization", "Basic x")],
            [("Host", "b.example"), ("Cookie", "Basic x")],
            [("Cookie", "Basic x"), ("Host", "b.example")],
        ]
        var reader = RequestReader(scheme: "http")
        for _ in 0..<3 {
            for form in forms {
                let read = reader.request(head("/path", form))
                let request = try #require(read)
                var fresh = RequestReader(scheme: "http")
                let alone = fresh.request(head("/path", form))
                #expect(request == alone)
                #expect(request.authority == form.first { $0.0 == "Host" }?.1)
                #expect(request.headerFields.map(\.value) == form.filter { $0.0 != "Host" }.map(\.1))
            }
        }
    }

    @Test("a request that is refused leaves nothing to the next one")
    func refused() {
        var reader = RequestReader(scheme: "http")
        func authority(_ uri: String, _ fields: [(String, String)]) -> String? {
            reader.request(head(uri, fields))?.authority
        }
        let good = [("Host", "a.example")]
        let bad: [[(String, String)]] = [
            [("Host", "a.example"), ("Host", "b.example")], [("Accept", "a")], [("Host", "a example")],
            [("Host", "a.example"), ("not a name", "x")],
        ]
        for form in bad {
            #expect(authority("/", good) == "a.example")
            #expect(authority("/", form) == nil)
            #expect(authority("/", form) == nil)
        }
        #expect(authority("no/path", good) == nil)
        #expect(authority("http://c.example?q", good) == "c.example")
        let last = reader.request(head("http://c.example?q", good))
        #expect(last?.path == "/?q")
    }
}
