/// A binary heap of numbers with the greatest on top.
struct MaximumHeap {
    private var numbers: [Int] = []

    mutating func push(_ number: Int) {
        numbers.append(number)
        var index = numbers.count - 1
        while index > 0, numbers[(index - 1) / 2] < number {
            numbers[index] = numbers[(index - 1) / 2]
            index = (index - 1) / 2
        }
        numbers[index] = number
    }

    /// Removes the greatest number of a heap that is not empty.
    mutating func pop() -> Int {
        let greatest = numbers[0]
        let number = numbers.removeLast()
        guard !numbers.isEmpty else { return greatest }
        var index = 0
        while true {
            var child = 2 * index + 1
            guard child < numbers.count else { break }
            if child + 1 < numbers.count, numbers[child + 1] > numbers[child] { child += 1 }
            guard numbers[child] > number else { break }
            numbers[index] = numbers[child]
            index = child
        }
        numbers[index] = number
        return greatest
    }
}
