import Testing

@testable import RESP

@Suite("Slots of keys")
struct KeySlotTests {
    @Test(
        "they are those of the specification",
        arguments: [("123456789", 0x31C3), ("foo", 12_182), ("bar", 5_061), ("", 0), ("somekey", 11_058)]
    )
    func knownSlots(key: String, slot: Int) {
        #expect(KeySlot.slot(of: Array(key.utf8)) == slot)
    }

    @Test(
        "of what stands between braces alone, if anything does",
        arguments: [
            ("{user1000}.following", 3_443), ("foo{{bar}}zap", 4_015), ("foo{bar}{zap}", 5_061), ("foo{}{bar}", 8_363),
            ("foo{bar", 15_278), ("}{", 12_793),
        ]
    )
    func tags(key: String, slot: Int) {
        #expect(KeySlot.slot(of: Array(key.utf8)) == slot)
    }

    @Test("a command tells the slot of its key, wherever that stands")
    func commands() {
        #expect(RESPCommand("GET", "foo").slot == 12_182)
        #expect(RESPCommand("GET", key: Array("bar".utf8)).slot == 5_061)
        #expect(RESPCommand("PING").slot == nil)
        var read = RESPCommand("XREAD", "BLOCK", 0, "STREAMS", "foo", "$")
        read.keyPosition = 3
        #expect(read.slot == 12_182)
        read.keyPosition = nil
        #expect(read.slot == nil)
        read.keyPosition = 5
        #expect(read.slot == nil)
        let script = RESPScript("return 1")
        #expect(script.command(keys: ["bar"], arguments: ["foo"]).slot == 5_061)
        #expect(script.loadingCommand(keys: []).slot == nil)
    }
}
