// Registers the loader with the cache, and runs the system in a service group.

import Larder
import Logging
import ServiceLifecycle

func serve(load: @escaping @Sendable (Int) async throws -> String?) async throws {
    let caches = try CacheSystem()
    let names = try caches.cache(CacheNamespace<Int, String>("names"), load: load)
    let name = try await names.value(forKey: 7)
    // snippet.hide
    _ = name
    // snippet.show

    let group = ServiceGroup(services: [caches], gracefulShutdownSignals: [.sigterm], logger: .current)
    try await group.run()
}
