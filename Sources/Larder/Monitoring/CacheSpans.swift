import Tracing

/// Makes the spans of one namespace; see <doc:Tracing>.
struct CacheSpans: Sendable {
    let tracer: any Tracer
    let namespace: String

    /// Runs a read that memory could not answer.
    func read<Value>(
        isolation: isolated (any Actor)? = #isolation,
        _ body: () async throws -> CacheResult<Value>
    ) async throws -> CacheResult<Value> {
        try await span("larder.read", .internal, operation: "get") { span in
            let answer = try await body()
            span.attributes["larder.source"] = answer.source.name
            span.attributes["larder.stale"] = answer.isStale
            if let reason = answer.missReason { span.attributes["larder.miss_reason"] = reason.rawValue }
            return answer
        }
    }

    /// Runs a read of several keys.
    func bulkRead<Result>(
        of keys: Int,
        isolation: isolated (any Actor)? = #isolation,
        _ body: () async throws -> Result
    ) async throws -> Result {
        try await span("larder.read", .internal, operation: "get") { span in
            span.attributes["db.operation.batch.size"] = keys
            return try await body()
        }
    }

    /// Runs a call of the store.
    func storeRead<Result>(
        of keys: Int,
        in store: String,
        isolation: isolated (any Actor)? = #isolation,
        _ body: () async throws -> Result
    ) async throws -> Result {
        try await span("larder.store.read", .client, operation: "get") { span in
            span.attributes["larder.store"] = store
            if keys > 1 { span.attributes["db.operation.batch.size"] = keys }
            return try await body()
        }
    }

    /// Runs a load.
    func load<Result>(
        isolation: isolated (any Actor)? = #isolation,
        _ body: () async throws -> Result
    ) async throws -> Result {
        try await span("larder.load", .internal, operation: "load") { _ in try await body() }
    }

    /// What changes entries.
    enum Change: String {
        case write
        case remove
        case invalidate
    }

    /// Runs a change of some keys, or of as many as a tag or a pattern has.
    func change<Result>(
        _ change: Change,
        of keys: Int,
        isolation: isolated (any Actor)? = #isolation,
        _ body: () async throws -> Result
    ) async throws -> Result {
        try await span("larder." + change.rawValue, .internal, operation: change.rawValue) { span in
            if keys > 1 { span.attributes["db.operation.batch.size"] = keys }
            return try await body()
        }
    }

    private func span<Result>(
        _ name: String,
        _ kind: SpanKind,
        operation: String,
        isolation: isolated (any Actor)? = #isolation,
        _ body: (any Span) async throws -> Result
    ) async throws -> Result {
        try await tracer.withAnySpan(name, ofKind: kind) { span in
            span.attributes["db.system.name"] = "larder"
            span.attributes["db.operation.name"] = operation
            span.attributes["db.collection.name"] = namespace
            do {
                return try await body(span)
            } catch {
                span.attributes["error.type"] = "\(type(of: error))"
                span.setStatus(SpanStatus(code: .error))
                throw error
            }
        }
    }
}

extension CacheResult.Source {
    /// The name in attributes.
    fileprivate var name: String {
        switch self {
        case .memory: "memory"
        case .store: "store"
        case .origin: "origin"
        case .defaultValue: "default"
        }
    }
}
