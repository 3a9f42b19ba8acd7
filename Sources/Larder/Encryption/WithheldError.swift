/// Stands for an error whose text may hold a value of a confidential namespace.
struct WithheldError: Error, CustomStringConvertible {
    let type: String

    init(_ error: any Error) {
        type = "\(Swift.type(of: error))"
    }

    var description: String { "\(type), whose text is withheld, for the namespace is confidential" }
}

extension CacheNamespace {
    /// An error that may be written into a log or a journal.
    func loggable(_ error: any Error) -> any Error { isConfidential ? WithheldError(error) : error }

    /// What a sink said of a write, as it may be written into a log or a journal.
    func loggable(_ result: SinkResult) -> SinkResult {
        guard isConfidential else { return result }
        let reason = "the sink's reason is withheld, for the namespace is confidential"
        return switch result {
        case .done: .done
        case .retry: .retry(reason: reason)
        case .rejected: .rejected(reason: reason)
        }
    }
}
