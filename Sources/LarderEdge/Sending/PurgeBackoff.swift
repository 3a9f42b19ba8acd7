/// How long to wait after failures.
enum PurgeBackoff {
    /// Up to twice as long after each, by chance, so that nodes that failed together do not come back together.
    static func wait(after failures: Int, _ settings: EdgeInvalidator.Configuration) -> Duration {
        let doubled = settings.shortestBackoff * (1 << min(failures - 1, 20))
        return min(settings.longestBackoff, doubled) * Double.random(in: 0.5...1)
    }
}

/// The identifier of a batch: the same for each try, so that a vendor can tell a repetition.
enum PurgeIdentifier {
    static func of(_ purges: [PendingPurge]) -> String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for purge in purges {
            let text = "\(purge.purger) \(purge.number) \(purge.addedAt) \(purge.isEcho) \(purge.request.selector)"
            for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        }
        return "larder-" + String(hash, radix: 16)
    }
}
