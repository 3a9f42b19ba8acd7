/// A doubly linked list whose links stand in ``SlotLists``.
struct SlotList {
    var youngest = SlotIndex.none
    var oldest = SlotIndex.none
    var count = 0

    var isEmpty: Bool { count == 0 }
}

/// The place of an entry in ``SlotLists``.
struct SlotIndex: Hashable {
    static let none = SlotIndex(rawValue: -1)

    var rawValue: Int32
}

/// Entries in an array, each of which can be in one list.
struct SlotLists<Entry: Sendable>: Sendable {
    private struct Slot: Sendable {
        var younger = SlotIndex.none
        var older = SlotIndex.none
        var entry: Entry
    }

    private var slots: [Slot] = []
    private var free: [SlotIndex] = []

    subscript(index: SlotIndex) -> Entry {
        get { slots[Int(index.rawValue)].entry }
        _modify { yield &slots[Int(index.rawValue)].entry }
    }

    func younger(than index: SlotIndex) -> SlotIndex { slots[Int(index.rawValue)].younger }

    func older(than index: SlotIndex) -> SlotIndex { slots[Int(index.rawValue)].older }

    /// Adds an entry as the youngest of a list.
    mutating func insert(_ entry: Entry, into list: inout SlotList) -> SlotIndex {
        let index: SlotIndex
        if let reused = free.popLast() {
            index = reused
            slots[Int(index.rawValue)].entry = entry
        } else {
            index = SlotIndex(rawValue: Int32(slots.count))
            slots.append(Slot(entry: entry))
        }
        link(index, into: &list)
        return index
    }

    /// Removes an entry for good.
    @discardableResult
    mutating func remove(_ index: SlotIndex, from list: inout SlotList) -> Entry {
        unlink(index, from: &list)
        free.append(index)
        return self[index]
    }

    /// Makes an entry the youngest of another list.
    mutating func move(_ index: SlotIndex, from source: inout SlotList, to list: inout SlotList) {
        unlink(index, from: &source)
        link(index, into: &list)
    }

    /// Makes an entry the youngest of its list.
    mutating func renew(_ index: SlotIndex, in list: inout SlotList) {
        guard list.youngest != index else { return }
        unlink(index, from: &list)
        link(index, into: &list)
    }

    private mutating func link(_ index: SlotIndex, into list: inout SlotList) {
        slots[Int(index.rawValue)].younger = .none
        slots[Int(index.rawValue)].older = list.youngest
        if list.youngest == .none {
            list.oldest = index
        } else {
            slots[Int(list.youngest.rawValue)].younger = index
        }
        list.youngest = index
        list.count += 1
    }

    private mutating func unlink(_ index: SlotIndex, from list: inout SlotList) {
        let slot = slots[Int(index.rawValue)]
        if slot.younger == .none {
            list.youngest = slot.older
        } else {
            slots[Int(slot.younger.rawValue)].older = slot.older
        }
        if slot.older == .none {
            list.oldest = slot.younger
        } else {
            slots[Int(slot.older.rawValue)].younger = slot.younger
        }
        list.count -= 1
    }
}
