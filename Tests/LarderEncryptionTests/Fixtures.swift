import Foundation
import Larder
import LarderEncryption
import LarderTesting

/// A key whose secret is the same bytes each time.
func key(_ number: UInt16, _ algorithm: EncryptionKey.Algorithm = .aesGCM) throws -> EncryptionKey {
    let secret = (0..<32).map { UInt8(truncatingIfNeeded: $0 + Int(number - 1) * 7) }
    return try EncryptionKey(number: number, secret: secret, algorithm: algorithm)
}

/// A confidential namespace of texts.
func texts(_ ring: KeyRing, isPerTenant: Bool = false) -> CacheNamespace<String, String> {
    var policy = CachePolicy(timeToLive: .seconds(600), grace: .seconds(60), jitter: 0)
    policy.tags = ["author:Ada"]
    var namespace = CacheNamespace<String, String>("texts", policy: policy, codec: .text)
    namespace.encryption = NamespaceEncryption(ring, isPerTenant: isPerTenant)
    namespace.isConfidential = true
    return namespace
}

extension Sequence<UInt8> {
    /// Whether a text stands in the bytes.
    func hold(_ text: String) -> Bool { Data(self).range(of: Data(text.utf8)) != nil }
}

/// Waits, without letting time pass, until a condition holds that other tasks are about to bring.
func until(_ condition: () -> Bool) async {
    while !condition() && !Task.isCancelled { await Task.yield() }
}
