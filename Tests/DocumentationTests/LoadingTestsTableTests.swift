import Foundation
import Testing

@Suite struct LoadingTestsTableTests {
    private let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    @Test("each test that the page about the tests of loading names exists")
    func names() throws {
        let page = try String(
            contentsOf: root.appending(path: "Sources/Larder/Larder.docc/LoadingTests.md"),
            encoding: .utf8
        )
        let named = Set(page.matches(of: /`([A-Z][A-Za-z]+Tests)\.([a-z][A-Za-z]+)`/).map { "\($0.1).\($0.2)" })
        #expect(named.count > 40)
        #expect(named.subtracting(try tests()).sorted() == [])
    }

    @Test("each row of the page names a test, or says why there is none")
    func rows() throws {
        let page = try String(
            contentsOf: root.appending(path: "Sources/Larder/Larder.docc/LoadingTests.md"),
            encoding: .utf8
        )
        let rows = page.split(separator: "\n").filter { $0.hasPrefix("| ") && !$0.hasPrefix("| Behaviour") }
        #expect(rows.count > 60)
        for row in rows {
            let cell = row.split(separator: "|").last ?? ""
            #expect(cell.contains("Tests.") || cell.contains(" none: ") || cell.contains(" waits for "), "\(row)")
        }
    }

    /// The tests of the cache, as suite and function.
    private func tests() throws -> Set<String> {
        let folder = root.appending(path: "Tests/LarderTests")
        let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
        var tests: Set<String> = []
        while let file = files?.nextObject() as? URL {
            guard file.pathExtension == "swift" else { continue }
            let source = try String(contentsOf: file, encoding: .utf8)
            guard let suite = source.firstMatch(of: /struct ([A-Za-z]+Tests)\b/) else { continue }
            for part in source.split(separator: "@Test(").dropFirst() {
                if let function = part.firstMatch(of: /func ([A-Za-z]+)\(/) { tests.insert("\(suite.1).\(function.1)") }
            }
        }
        return tests
    }
}
