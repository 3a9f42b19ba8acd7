// swift-tools-version: 6.2

import PackageDescription

let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let serviceLifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioConcurrency = Target.Dependency.product(name: "NIOConcurrencyHelpers", package: "swift-nio")
let nioFoundation = Target.Dependency.product(name: "NIOFoundationCompat", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let asyncHTTPClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let subprocess = Target.Dependency.product(name: "Subprocess", package: "swift-subprocess")
let tracing = Target.Dependency.product(name: "Tracing", package: "swift-distributed-tracing")
let protobuf = Target.Dependency.product(name: "SwiftProtobuf", package: "swift-protobuf")
let inMemoryTracing = Target.Dependency.product(name: "InMemoryTracing", package: "swift-distributed-tracing")
let system = Target.Dependency.product(name: "SystemPackage", package: "swift-system")

// Each is a product and a target.
let libraries = [
    "MemoryCache", "Larder", "LarderSQLite", "LarderRedis", "EdgeProxy", "LarderMonitoring", "HTTPCaching",
    "LarderEdge", "LarderHummingbird", "LarderCompression", "LarderEncryption", "LarderProtobuf", "LarderTesting",
    "CacheSimulation", "RESP",
]

extension Target {
    /// A C library of the system, named as its package is.
    static func system(_ name: String, _ library: String, apt: String, brew: String) -> Target {
        .systemLibrary(name: name, pkgConfig: library, providers: [.apt([apt]), .brew([brew])])
    }

    /// A command in a folder of its own.
    static func command(_ name: String, in path: String, _ dependencies: [Dependency]) -> Target {
        .executableTarget(name: name, dependencies: dependencies, path: path)
    }

    /// A command that measures or checks; see the Makefile.
    static func benchmark(_ name: String, in folder: String, _ dependencies: [Dependency]) -> Target {
        .command(name, in: "Benchmarks/" + folder, dependencies)
    }
}

let package = Package(
    name: "larder",
    platforms: [.macOS(.v26)],
    products: libraries.map { .library(name: $0, targets: [$0]) } + [
        .executable(name: "larder", targets: ["LarderCommand"])
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-distributed-tracing", from: "1.7.3"),
        .package(url: "https://github.com/apple/swift-http-structured-headers", from: "1.7.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
        .package(url: "https://github.com/apple/swift-nio-http2", from: "1.46.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.5.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
    ],
    targets: [
        // L1: a bounded concurrent cache that needs nothing but the standard library.
        .target(name: "CMemoryCache"),
        .target(name: "MemoryCache", dependencies: ["CMemoryCache"]),

        // The cache and its parts, and the protocols of the tiers below it.
        .target(name: "AccessPrediction"),
        .target(name: "Larder", dependencies: ["AccessPrediction", "MemoryCache", logging, serviceLifecycle, tracing]),

        // Metrics of caches, and where they are read.
        .target(
            name: "LarderMonitoring",
            dependencies: [
                "Larder", "MemoryCache", logging, nioCore, nioHTTP1, nioFoundation, serviceLifecycle, asyncHTTPClient,
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "Instrumentation", package: "swift-distributed-tracing"),
            ],
            resources: ["dashboard.html", "dashboard.css", "dashboard.js", "charts.js"]
                .map { .embedInCode("Dashboard/Page/" + $0) }
        ),

        // Compression of what leaves the process, by the system's libraries.
        .system("CZstandard", "libzstd", apt: "libzstd-dev", brew: "zstd"),
        .system("CLZ4", "liblz4", apt: "liblz4-dev", brew: "lz4"),
        .target(name: "LarderCompression", dependencies: ["CLZ4", "CZstandard", "Larder", "MemoryCache"]),

        .target(name: "LarderProtobuf", dependencies: ["Larder", protobuf]),

        // Encryption of what leaves the process.
        .target(
            name: "LarderEncryption",
            dependencies: [
                "Larder", "MemoryCache", logging, serviceLifecycle,
                .product(name: "Crypto", package: "swift-crypto"),
            ]
        ),

        // L2 on one machine: a store on the system's SQLite.
        .system("CSQLite", "sqlite3", apt: "libsqlite3-dev", brew: "sqlite"),
        .target(name: "SQLite", dependencies: ["CSQLite"]),
        .target(name: "LarderSQLite", dependencies: ["Larder", "SQLite", logging]),

        // L2 on Redis or Valkey: a client of the protocol that knows no cache, and a store on it.
        .target(
            name: "RESP",
            dependencies: [
                logging, nioConcurrency, nioCore, nioPosix,
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ]
        ),
        .target(name: "LarderRedis", dependencies: ["Larder", "RESP", logging, nioConcurrency, nioCore]),
        // A server with scripted faults, and real servers that belong together; apart from LarderTesting, which does
        // without SwiftNIO.
        .target(
            name: "LarderRedisTesting",
            dependencies: ["LarderTesting", "RESP", nioConcurrency, nioCore, nioPosix]
        ),

        // L3: the rules of HTTP caching, without input or output.
        .target(
            name: "HTTPCaching",
            dependencies: [
                httpTypes,
                .product(name: "RawStructuredFieldValues", package: "swift-http-structured-headers"),
            ]
        ),

        // L3: fields for responses, and purges for CDNs that follow the invalidation log.
        .target(
            name: "LarderEdge",
            dependencies: [
                "HTTPCaching", "Larder", "MemoryCache", "SQLite", httpTypes, logging, nioCore, nioHTTP1,
                serviceLifecycle, asyncHTTPClient,
                .product(name: "Crypto", package: "swift-crypto"),
            ]
        ),

        // L3 of our own: stored responses, before a caching reverse proxy and behind an application's middleware.
        .target(name: "HTTPStoring", dependencies: ["HTTPCaching", "MemoryCache", httpTypes, nioCore, nioHTTP1]),
        .target(
            name: "LarderHummingbird",
            dependencies: [
                "HTTPCaching", "HTTPStoring", "Larder", "LarderEdge", "LarderMonitoring", "MemoryCache", httpTypes,
                logging,
                nioCore, serviceLifecycle, hummingbird,
            ]
        ),
        .target(
            name: "EdgeProxy",
            dependencies: [
                "HTTPCaching", "HTTPStoring", "MemoryCache", httpTypes, logging, nioCore, nioHTTP1, nioPosix,
                serviceLifecycle,
                .product(name: "NIOExtras", package: "swift-nio-extras"),
                .product(name: "NIOHTTP2", package: "swift-nio-http2"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ]
        ),

        // What tests of caches and of stores need.
        .target(name: "LarderTesting", dependencies: ["Larder", "MemoryCache", logging]),

        // Eviction policies as reference models, and readers of request traces.
        .target(name: "CacheSimulation", dependencies: ["AccessPrediction"]),

        .executableTarget(
            name: "LarderCommand",
            dependencies: [
                "CacheSimulation", "EdgeProxy", "HTTPCaching", "Larder", "LarderMonitoring", "LarderSQLite", logging,
                nioCore, nioFoundation, nioHTTP1, serviceLifecycle, argumentParser, asyncHTTPClient,
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ]
        ),

        // The example: an HTTP service over a vault of Markdown notes.
        .target(
            name: "NotesVault",
            dependencies: [
                "FileSystemStatus", "Larder", "LarderEdge", "LarderHummingbird", "LarderMonitoring", "LarderRedis",
                "LarderSQLite", "MemoryCache", "RESP", httpTypes, hummingbird, logging, nioCore, nioHTTP1, nioPosix,
                serviceLifecycle,
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            path: "Examples/NotesVault/Sources/NotesVault"
        ),
        // Apart from all that has C modules of its own with the same system calls.
        .target(name: "FileSystemStatus", path: "Examples/NotesVault/Sources/FileSystemStatus"),
        .command(
            "notes-vault",
            in: "Examples/NotesVault/Sources/notes-vault",
            ["NotesVault", argumentParser, logging]
        ),

        // The example of the README, which a test compiles, runs, and compares with the README.
        .command("readme-example", in: "Examples/ReadmeExample", ["Larder", "LarderSQLite"]),

        // Benchmarks are commands; see the Makefile.
        .target(name: "BenchmarkReport", path: "Benchmarks/BenchmarkReport"),
        .target(name: "CAllocationCounter", path: "Benchmarks/CAllocationCounter"),
        .benchmark(
            "cache-benchmark",
            in: "CacheBenchmark",
            [
                "BenchmarkReport", "CAllocationCounter", "Larder", "LarderMonitoring", "LarderSQLite", "MemoryCache",
                logging,
            ]
        ),
        .benchmark(
            "bytes-benchmark",
            in: "BytesBenchmark",
            ["BenchmarkReport", "Larder", "LarderCompression", "LarderEncryption", "MemoryCache"]
        ),
        .benchmark(
            "rotation-check",
            in: "RotationCheck",
            ["BenchmarkReport", "Larder", "LarderEncryption", "LarderSQLite"]
        ),
        .benchmark("cluster-check", in: "ClusterCheck", ["Larder", "LarderTesting"]),
        .benchmark("curve-check", in: "CurveCheck", ["BenchmarkReport", "CacheSimulation", "Larder"]),
        .benchmark(
            "monitoring-check",
            in: "MonitoringCheck",
            ["BenchmarkReport", "CAllocationCounter", "Larder", "LarderTesting"]
        ),
        .benchmark("warming-check", in: "WarmingCheck", ["BenchmarkReport", "Larder", "LarderTesting", "MemoryCache"]),
        .benchmark("memory-cache-benchmark", in: "MemoryCacheBenchmark", ["BenchmarkReport", "MemoryCache"]),
        .benchmark(
            "memory-cache-stress",
            in: "MemoryCacheStress",
            ["BenchmarkReport", "LarderTesting", "MemoryCache"]
        ),
        .benchmark(
            "journal-benchmark",
            in: "JournalBenchmark",
            ["BenchmarkReport", "Larder", "LarderSQLite", "MemoryCache", "SQLite", logging]
        ),
        .benchmark("crash-test", in: "CrashTest", ["Larder", "LarderSQLite", "MemoryCache", "SQLite", logging]),
        .benchmark(
            "invalidation-benchmark",
            in: "InvalidationBenchmark",
            ["BenchmarkReport", "Larder", "LarderSQLite", logging]
        ),
        .benchmark(
            "invalidation-check",
            in: "InvalidationCheck",
            ["Larder", "LarderRedis", "LarderSQLite", "LarderTesting", "RESP", logging]
        ),
        .benchmark(
            "varnish-check",
            in: "VarnishCheck",
            [
                "Larder", "LarderEdge", "LarderSQLite", "LarderTesting", "MemoryCache", logging, nioCore, nioHTTP1,
                nioPosix, asyncHTTPClient,
            ]
        ),
        .benchmark(
            "redis-client-benchmark",
            in: "RedisBenchmark",
            ["BenchmarkReport", "Larder", "LarderRedis", "LarderTesting", "RESP", logging]
        ),

        .target(
            name: "RedisFaultScenarios",
            dependencies: [
                "Larder", "LarderRedis", "LarderRedisTesting", "LarderTesting", "MemoryCache", "RESP", logging,
            ],
            path: "Benchmarks/RedisFaults/Scenarios"
        ),
        .benchmark("redis-faults", in: "RedisFaults/Command", ["RedisFaultScenarios"]),

        .testTarget(name: "HTTPCachingTests", dependencies: ["HTTPCaching", "LarderTesting", httpTypes]),
        .testTarget(
            name: "LarderEdgeTests",
            dependencies: [
                "HTTPCaching", "Larder", "LarderEdge", "LarderTesting", httpTypes, logging, nioCore, nioHTTP1,
                nioPosix, asyncHTTPClient,
            ]
        ),
        .testTarget(
            name: "EdgeProxyTests",
            dependencies: [
                "EdgeProxy", "HTTPCaching", "MemoryCache", logging, nioCore, nioHTTP1, nioPosix, subprocess, system,
                asyncHTTPClient,
            ]
        ),
        .testTarget(name: "HTTPStoringTests", dependencies: ["HTTPCaching", "HTTPStoring"]),
        .testTarget(
            name: "LarderHummingbirdTests",
            dependencies: [
                "HTTPCaching", "Larder", "LarderHummingbird", "LarderMonitoring", "LarderTesting", "MemoryCache",
                httpTypes, logging, nioCore, hummingbird,
                .product(name: "HummingbirdTesting", package: "hummingbird"),
            ]
        ),
        .testTarget(name: "MemoryCacheTests", dependencies: ["MemoryCache", "LarderTesting"]),
        .testTarget(
            name: "LarderTests",
            dependencies: [
                "Larder", "LarderTesting", "MemoryCache", "key-writer", inMemoryTracing, logging, serviceLifecycle,
                subprocess, system, tracing,
            ],
            exclude: ["Encoding/Golden"]
        ),
        .testTarget(
            name: "LarderMonitoringTests",
            dependencies: [
                "Larder", "LarderMonitoring", "LarderTesting", "MemoryCache", inMemoryTracing, nioCore, nioHTTP1,
                nioPosix, subprocess, system, asyncHTTPClient, tracing,
                .product(name: "CoreMetrics", package: "swift-metrics"),
            ]
        ),
        .testTarget(
            name: "LarderCompressionTests",
            dependencies: ["Larder", "LarderCompression", "LarderEncryption", "LarderTesting"]
        ),
        .testTarget(
            name: "LarderProtobufTests",
            dependencies: ["Larder", "LarderProtobuf", "LarderTesting", protobuf]
        ),
        .testTarget(
            name: "LarderEncryptionTests",
            dependencies: ["Larder", "LarderEncryption", "LarderTesting", "MemoryCache", logging],
            exclude: ["Golden"]
        ),
        .testTarget(
            name: "LarderSQLiteTests",
            dependencies: [
                "Larder", "LarderSQLite", "LarderTesting", "SQLite", "crash-test", "invalidation-check",
                "sqlite-store-writer", logging, subprocess, system,
            ]
        ),
        .testTarget(
            name: "RESPTests",
            dependencies: ["LarderRedisTesting", "LarderTesting", "RESP", logging, nioConcurrency, nioCore]
        ),
        .testTarget(
            name: "LarderRedisTests",
            dependencies: [
                "Larder", "LarderRedis", "LarderRedisTesting", "LarderSQLite", "LarderTesting", "RedisFaultScenarios",
                "RESP", "invalidation-check", logging, nioConcurrency, subprocess, system,
            ]
        ),
        .testTarget(
            name: "LarderCommandTests",
            dependencies: [
                "Larder", "LarderCommand", "LarderHummingbird", "LarderMonitoring", "LarderSQLite", "LarderTesting",
                hummingbird, logging, serviceLifecycle, subprocess, system,
            ]
        ),
        .testTarget(
            name: "CacheSimulationTests",
            dependencies: ["AccessPrediction", "CacheSimulation", "LarderTesting", "MemoryCache"]
        ),
        .testTarget(name: "DocumentationTests", dependencies: ["readme-example", subprocess, system]),
        // A process that the tests of the SQLite store start and kill.
        .command("sqlite-store-writer", in: "Tests/Fixtures/SQLiteStoreWriter", ["Larder", "LarderSQLite", logging]),
        // A process that prints the keys that it writes.
        .command("key-writer", in: "Tests/Fixtures/KeyWriter", ["Larder", "LarderTesting"]),
        .testTarget(name: "LarderTestingTests", dependencies: ["Larder", "LarderTesting"]),
        .testTarget(
            name: "NotesVaultTests",
            dependencies: [
                "Larder", "LarderEdge", "LarderMonitoring", "LarderSQLite", "LarderTesting", "NotesVault",
                "notes-vault",
                logging, nioCore, nioHTTP1, nioPosix, asyncHTTPClient,
                .product(name: "GRDB", package: "GRDB.swift"),
            ],
            path: "Examples/NotesVault/Tests/NotesVaultTests"
        ),
    ],
    swiftLanguageModes: [.v6]
)

let targetsInC = ["CAllocationCounter", "CMemoryCache"]
for target in package.targets where target.type != .system && !targetsInC.contains(target.name) {
    target.swiftSettings = [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    ]
    if Context.environment["CI"] != nil {
        target.swiftSettings?.append(.treatAllWarnings(as: .error))
    }
}
