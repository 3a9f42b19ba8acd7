import Foundation
import Subprocess
import SystemPackage
import Testing

@Suite(.timeLimit(.minutes(10))) struct StableKeyTests {
    /// The keys that `key-writer` writes, as they stand in the store, in their order there.
    ///
    /// A line that changes is an entry that no process of the other version finds again.
    private static let golden = [
        "larder:identifiers:6b29fc40-ca47-1067-b31d-00dd010662da",
        "larder:invoices:a%3A7:7",
        "larder:invoices:acme:7",
        "larder:notes:note:7:en",
        "larder:numbers:-1",
        "larder:numbers:-9223372036854775808",
        "larder:numbers:0",
        "larder:numbers:7",
        "larder:pairs:a%3Ab:c",
        "larder:pairs:a:b%3Ac",
        "larder:switches:0",
        "larder:switches:1",
        "larder:texts:%0A",
        "larder:texts:100 %25",
        "larder:texts:a%3Ab",
        "larder:texts:café",
        "larder:texts:" + String(String(repeating: "long ", count: 50).prefix(128))
            + "%~c697c0b47e7225b74d41f27c3a3ca647ac4c8c19956703d8d37f10655f7d1110",
        "larder:texts:plain",
    ]

    @Test("two processes with different hash seeds write the keys of the golden list")
    func processes() async throws {
        let (first, second) = try await (Self.output(), Self.output())
        #expect(first.seed != second.seed, "the processes hash alike, so that this test shows nothing")
        #expect(first.keys == Self.golden)
        #expect(second.keys == Self.golden)
    }

    private static func output() async throws -> (seed: String, keys: [String]) {
        let command = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent().appending(path: "key-writer")
        let result = try await Subprocess.run(
            .path(FilePath(command.path)),
            input: .none,
            output: .string(limit: 1 << 16),
            error: .discarded
        )
        let lines = result.standardOutput.split(separator: "\n").map(String.init)
        return (try #require(lines.first), Array(lines.dropFirst()))
    }
}
