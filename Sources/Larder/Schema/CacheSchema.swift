/// The version of the values of a namespace, and how older ones become values of it.
///
/// ```swift
/// var users = CacheNamespace<UUID, User>("users")
/// users.schema = try CacheSchema(version: 3, [
///     SchemaStep(from: 1, .json(), to: .json()) { (old: UserV1) in UserV2(name: old.name, mail: nil) },
///     SchemaStep(from: 2, .json(), to: .json()) { (old: UserV2) in User(name: old.name, mails: [old.mail]) },
/// ])
/// ```
///
/// What a process finds in the store by its version:
///
/// | version | what becomes of it |
/// |---|---|
/// | this one | it is read |
/// | an older one, with steps from there | it is migrated each time it is read; the store keeps it as it is until it is written anew |
/// | an older one, without | a miss; what is loaded is stored over it |
/// | a newer one | a miss; what is loaded stays in this process's memory, and the store keeps the newer entry |
///
/// So while a new version of a program is rolled out, the processes of the old one cost the new ones nothing. Writes and
/// removals are no loads: they replace a newer entry too, since it is no longer true.
public struct CacheSchema: Sendable {
    /// The version of what is written now.
    public let version: UInt16

    /// For each version that can be migrated, the step from there to the next.
    private let steps: [UInt16: SchemaStep]

    /// Declares a version.
    ///
    /// - Parameters:
    ///   - version: The version of what is written now, to be raised with each change that old values do not survive.
    ///   - steps: How values of older versions become values of the next, in any order. Values from before a gap are not
    ///     migrated.
    /// - Throws: ``CacheError`` with the code `invalidConfiguration` if two steps begin at one version, or one does not
    ///   begin below the version of now.
    public init(version: UInt16, _ steps: [SchemaStep] = []) throws(CacheError) {
        var known: [UInt16: SchemaStep] = [:]
        for step in steps {
            guard step.version < version else {
                throw CacheError(
                    .invalidConfiguration,
                    "A step migrates from version \(step.version), and the schema is of version \(version); raise that."
                )
            }
            guard known.updateValue(step, forKey: step.version) == nil else {
                throw CacheError(
                    .invalidConfiguration,
                    "Two steps migrate from version \(step.version); leave one out."
                )
            }
        }
        self.version = version
        self.steps = known
    }

    /// The steps from an older version to this one; `nil` if there is a gap.
    func steps(from older: UInt16) -> [SchemaStep]? {
        guard older < version else { return nil }
        var path: [SchemaStep] = []
        for version in older..<version {
            guard let step = steps[version] else { return nil }
            path.append(step)
        }
        return path
    }

    /// Whether the versions are the same, and the versions that can be migrated.
    func agrees(with other: CacheSchema?) -> Bool {
        version == other?.version && steps.keys == other?.steps.keys
    }
}

/// How values of one version become values of the next.
public struct SchemaStep: Sendable {
    /// The version of the values that the step takes.
    public let version: UInt16

    /// The number of the codec that wrote them.
    let codec: UInt16

    let migrate: @Sendable (RawSpan) throws -> [UInt8]

    /// Makes a step.
    ///
    /// - Parameters:
    ///   - version: The version of the values that the step takes; it gives values of the next one.
    ///   - old: The codec that read and wrote that version then.
    ///   - new: The codec of the next version.
    ///   - migrate: Makes a value of the next version. An entry for which it throws is a miss.
    public init<Old, New>(
        from version: UInt16,
        _ old: some CacheCodec<Old>,
        to new: some CacheCodec<New>,
        _ migrate: @escaping @Sendable (Old) throws -> New
    ) {
        self.version = version
        codec = old.identifier
        self.migrate = { bytes in
            var buffer: [UInt8] = []
            try new.encode(migrate(old.decode(bytes)), into: &buffer)
            return buffer
        }
    }
}
