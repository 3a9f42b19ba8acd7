import Foundation
import Larder
import LarderEncryption
import LarderTesting
import Testing

@Suite struct KeyTests {
    @Test("past its limit a key encrypts nothing, and another one has to take its place")
    func usageLimit() throws {
        let ring = try KeyRing([key(1)], usageLimit: 3)
        for _ in 0..<3 { _ = try ring.takeKey() }
        #expect(throws: EncryptionError.self) { try ring.takeKey() }
        try ring.rotate(to: key(2))
        #expect(try ring.takeKey() == 2)
        #expect(ring.usesOfActiveKey == 1)
        #expect(ring.keys.map(\.state) == [.decryptOnly, .active])
        try ring.rotate(to: key(1))
        #expect(throws: EncryptionError.self, "its uses are not forgotten") { try ring.takeKey() }
    }

    @Test("keys that do not go together, or are none, are refused")
    func refusals() throws {
        #expect(throws: EncryptionError.self) { try KeyRing([key(1), key(1)]) }
        #expect(throws: EncryptionError.self) { try KeyRing([key(1), key(2)]) }
        #expect(throws: EncryptionError.self) { try EncryptionKey(number: 0, secret: [UInt8](repeating: 1, count: 32)) }
        #expect(throws: EncryptionError.self) { try EncryptionKey(number: 1, secret: [1, 2, 3]) }
        #expect(throws: EncryptionError.self) { try EncryptionKey(number: 1, base64: "no base64!") }
        #expect(throws: EncryptionError.self) { try KeyRing([]).check() }
        #expect(throws: EncryptionError.self) { try KeyHash(secret: [1]) }
    }

    @Test("a description of a key, and of what holds it, shows no part of it")
    func descriptions() throws {
        let secret = Array("the secret, which is 32 bytes so.".utf8.prefix(32))
        let key = try EncryptionKey(number: 1, secret: secret)
        for text in ["\(key)", String(reflecting: key), "\(try KeyRing([key]).keys)"] {
            #expect(!text.contains("secret,"))
            #expect(!text.contains(Data(secret).base64EncodedString()))
        }
    }

    @Test("a key file is read if its owner alone may, and each line is a key")
    func keyFile() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "keys-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "keys").path
        func write(_ text: String, mode: Int = 0o600) throws {
            try text.write(toFile: path, atomically: true, encoding: .utf8)
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
        }
        let secret = Data(repeating: 7, count: 32).base64EncodedString()
        try write("# keys\n2 active aes-gcm \(secret)\n\n1 decrypt-only chacha20-poly1305 \(secret)\n")
        let keys = try KeyFile(path: path).keys()
        #expect(keys.map(\.number) == [2, 1])
        #expect(keys.map(\.state) == [.active, .decryptOnly])
        #expect(keys.map(\.algorithm) == [.aesGCM, .chaChaPoly])
        try write("2 active aes-gcm \(secret)\n", mode: 0o640)
        #expect(throws: EncryptionError.self) { try KeyFile(path: path).keys() }
        for line in ["x", "1 sleeping aes-gcm \(secret)", "1 active rot13 \(secret)", "1 active aes-gcm AAAA"] {
            try write(line)
            #expect(throws: EncryptionError.self) { try KeyFile(path: path).keys() }
        }
        #expect(throws: EncryptionError.self) { try KeyFile(path: path + "-missing").keys() }
    }

    private struct Vault: KeyProvider {
        func keys() throws -> [EncryptionKey] { [try key(1)] }

        func keys(replacing worn: EncryptionKey) throws -> [EncryptionKey] {
            var old = worn
            old.state = .decryptOnly
            return [old, try key(worn.number + 1)]
        }
    }

    @Test("a provider is asked for a new key before the active one is used up")
    func rotation() async throws {
        let ring = try KeyRing([key(1)], usageLimit: 10)
        let refresh = try KeyRefresh(of: ring, from: Vault(), clock: ManualClock())
        try await refresh.refresh()
        #expect(try ring.takeKey() == 1)
        for _ in 0..<8 { _ = try ring.takeKey() }
        try await refresh.refresh()
        #expect(try ring.takeKey() == 2)
    }

    @Test("each tenant has a key of its own")
    func tenants() throws {
        let ring = try KeyRing([key(1)])
        let plaintext = Array("text".utf8)
        let sealed = try ring.seal(plaintext.span.bytes, key: 1, tenant: [1], context: [])
        #expect(try ring.open(sealed.span.bytes, key: 1, tenant: [1], context: []) == plaintext)
        for other: [UInt8]? in [[2], [1, 1], [], nil] {
            #expect(throws: InvalidBytes("forged entry")) {
                try ring.open(sealed.span.bytes, key: 1, tenant: other, context: [])
            }
        }
    }

    @Test("concealed names are the same in each process, and differ by namespace, text and secret")
    func names() throws {
        let hash = try KeyHash(secret: [UInt8](repeating: 1, count: 32))
        let other = try KeyHash(secret: [UInt8](repeating: 2, count: 32))
        let name = String(decoding: hash.conceal(Array("7".utf8), in: "notes"), as: UTF8.self)
        // Python: hmac.new(b"\1" * 32, b"5 notes 7", "sha256").hexdigest()[:32]
        #expect(name == "45a3484792d6413cc3f6f73993741090")
        let names = [
            hash.conceal([55], in: "notes"), hash.conceal([56], in: "notes"), hash.conceal([55], in: "note"),
            other.conceal([55], in: "notes"),
        ]
        #expect(Set(names).count == 4)
    }
}
