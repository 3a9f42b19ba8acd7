import Foundation
import Larder
import Testing

@testable import LarderMonitoring

/// The dashboard and the alert rules of this repository.
@Suite(.timeLimit(.minutes(10))) struct DeploymentTests {
    private static func file(_ path: String) -> URL {
        URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Deployment").appending(path: path)
            .standardized
    }

    /// The names of all metrics that are told of a cache.
    private var names: Set<String> {
        let suffixes = ["_bucket", "_sum", "_count"]
        return Set(CacheMetric.all.map { $0.kind == .counter ? $0.label + "_total" : $0.label })
            .union(suffixes.map { "larder_operation_duration_seconds" + $0 })
            .union(["larder_store_breaker_open"])
    }

    /// The metrics that an expression names and that there are not.
    private func unknown(_ text: String) -> [String] {
        text.matches(of: /\blarder_[a-z_]+/).map { String($0.output) }.filter { !names.contains($0) }
    }

    @Test("the alert rules name nothing but metrics that there are, and Prometheus takes them")
    func rules() async throws {
        let rules = Self.file("Prometheus/larder.rules.yml")
        let text = try String(contentsOf: rules, encoding: .utf8)
        #expect(unknown(text).isEmpty)
        #expect(text.contains("larder_breaker_open"))
        guard Promtool.executable != nil else { return }
        #expect(try await Promtool.complaints("check", "rules", rules.path).isEmpty)
    }

    @Test("the dashboard names nothing but metrics that there are, and each panel has a place of its own")
    func dashboard() throws {
        let data = try Data(contentsOf: Self.file("Grafana/larder.json"))
        let dashboard = try JSONDecoder().decode(Dashboard.self, from: data)
        #expect(dashboard.panels.count >= 10)
        for target in dashboard.panels.flatMap(\.targets) {
            #expect(unknown(target.expr).isEmpty)
            #expect(target.expr.contains("larder_"))
        }
        #expect(Set(dashboard.panels.map(\.gridPos)).count == dashboard.panels.count)
        #expect(Set(dashboard.panels.map(\.id)).count == dashboard.panels.count)
    }

    private struct Dashboard: Decodable {
        struct Panel: Decodable {
            struct Target: Decodable { let expr: String }
            struct Place: Decodable, Hashable { let x, y: Int }
            let id: Int
            let gridPos: Place
            let targets: [Target]
        }
        let panels: [Panel]
    }
}
