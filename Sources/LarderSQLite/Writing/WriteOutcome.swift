/// What an operation of the writer has done.
struct WriteOutcome {
    /// What was removed.
    var removal = Removal()

    /// For each fill whether it was written.
    var isFilled: [Bool] = []
}
