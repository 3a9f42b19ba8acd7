/// A closure that is kept under a lock.
///
/// In a structure, because a closure that is itself the state of a generic lock is converted whenever the lock hands it out,
/// and converted back when it is put back: it would come out of each read wrapped twice more, and after a million reads
/// a call would go through all of these wrappers.
struct Callback<Input, Output>: Sendable {
    let call: @Sendable (Input) -> Output

    init(_ call: @escaping @Sendable (Input) -> Output) {
        self.call = call
    }
}
