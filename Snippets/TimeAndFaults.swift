// Tests what happens when time passes and when the store fails, without waiting.

import Larder
import LarderTesting

func example() async throws {
    let clock = ManualClock()
    let store = FaultyStore(wrapping: DictionaryStore(clock: clock), clock: clock)
    let names = try CacheSystem(store: store, clock: clock).cache(CacheNamespace<Int, String>("names"))

    try await names.setValue("Ada", forKey: 7)
    clock.advance(by: .seconds(300))
    assert(names.cachedValue(forKey: 7) == nil)

    store.fail(.always, of: .read)
    let name = try await names.value(forKey: 7) { _ in "Grace" }
    assert(name == "Grace")
    assert(names.statistics.storeFailures == 1)
}
