import Testing

@testable import Larder

@Suite struct UndeliveredListTests {
    private func record(_ key: Int, in namespace: String = "a") -> InvalidationRecord {
        InvalidationRecord(.keys([StoreKey("\(key)")]), in: namespace)
    }

    @Test("what waits is saved once, delivered in order, and then forgotten by the queue")
    func life() {
        var list = UndeliveredList(limit: 10)
        for key in 1...3 { list.append(record(key)) }
        let (added, removed) = list.takeChanges()
        #expect(added.map(\.record) == (1...3).map { record($0) } && removed.isEmpty)
        list.setNumbers([11, 12, 13], of: added)
        #expect(list.takeChanges().added.isEmpty)
        let next = list.next(of: "a")
        #expect(next.map(\.record) == (1...3).map { record($0) })
        list.remove(Array(next[..<2]))
        #expect(list.records(of: "a") == [record(3)])
        #expect(list.takeChanges().removed == [11, 12])
    }

    @Test("what was delivered while it was being saved is forgotten by the queue, too")
    func overlap() {
        var list = UndeliveredList(limit: 10)
        list.append(record(1))
        let (added, _) = list.takeChanges()
        list.remove(list.next(of: "a"))
        #expect(list.namespaces.isEmpty)
        list.setNumbers([7], of: added)
        #expect(list.takeChanges().removed == [7])
    }

    @Test("past the bound a namespace is invalidated as a whole, and others keep what they have")
    func overflow() {
        var list = UndeliveredList(limit: 3)
        list.append(record(0, in: "b"))
        for key in 1...3 { list.append(record(key), number: Int64(key)) }
        list.append(record(4))
        #expect(list.records(of: "a") == [InvalidationRecord(.everything, in: "a")])
        #expect(list.records(of: "b") == [record(0, in: "b")])
        #expect(list.takeChanges().removed == [1, 2, 3])
    }
}
