import MemoryCache
public import Synchronization

/// The access policy of a ``CacheSystem``, and where its decisions are noted.
///
/// ```swift
/// let access = AccessControl(policy, audit: AccessAudit(to: sink))
/// let caches = try CacheSystem(access: access)
/// let mine = try caches.cache(.notes).scoped(to: Principal("ann", roles: ["editor"]))
/// ```
public final class AccessControl: Sendable {
    /// Where decisions are noted; `nil` for nowhere.
    public let audit: AccessAudit?

    private let current: Locked<AccessPolicy>

    /// Is raised with each change of the policy, so that decisions that were kept are not used any more.
    @usableFromInline let generation = Atomic<UInt64>(0)

    /// Makes a control.
    ///
    /// - Parameters:
    ///   - policy: Who may do what.
    ///   - audit: Where decisions are noted; `nil` for nowhere.
    public init(_ policy: AccessPolicy, audit: AccessAudit? = nil) {
        self.audit = audit
        current = Locked(policy)
    }

    /// Who may do what.
    ///
    /// A change holds for each call that begins after it, of views that were made before, too.
    public var policy: AccessPolicy {
        get { current.withLock { $0 } }
        set {
            current.withLock { policy in
                policy = newValue
                generation.wrappingAdd(1, ordering: .releasing)
            }
        }
    }

    /// Whether the policy has not changed since a generation.
    @inlinable
    @inline(__always)
    func isCurrent(_ generation: UInt64) -> Bool {
        self.generation.load(ordering: .acquiring) == generation
    }

    /// The policy and its generation.
    var snapshot: (policy: AccessPolicy, generation: UInt64) {
        current.withLock { ($0, generation.load(ordering: .relaxed)) }
    }
}
