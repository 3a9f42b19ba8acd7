/// How a simulated cache loads keys before they are asked for.
public enum PrefetchMode: String, CaseIterable, Codable, Sendable {
    /// Not at all.
    case none
    /// At the plain mean of all intervals between the requests of a key, as soon as it has been asked for twice, whenever its
    /// entry will not be fresh by then.
    case meanInterval = "mean-interval"
    /// As Larder's `Preloader` does.
    case predicted
}
