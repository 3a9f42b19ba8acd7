import Larder
import Logging
import SQLite

extension JournalWriter {
    /// Gives the file, opening it if need be.
    func openFile() throws -> JournalFile {
        if let file, !file.connection.hasMoved { return file }
        return try location.locked(for: .replacing) { try reopen() }
    }

    /// Runs a closure with the file, and again with another one if the file turns out to be damaged.
    func recovering<Output>(_ body: (JournalFile) throws -> Output) throws -> Output {
        do {
            return try body(openFile())
        } catch let error as SQLiteError where error.isCorruption {
            return try body(location.locked(for: .replacing) { try replace() })
        }
    }

    /// Everything that the journal holds, each byte of it read and checked.
    func contents(of file: JournalFile) throws -> JournalContents {
        do {
            return try read(file)
        } catch is DamagedRecord {
            return try read(location.locked(for: .replacing) { try replace() })
        } catch let error as SQLiteError where error.isCorruption {
            return try read(location.locked(for: .replacing) { try replace() })
        }
    }

    private func read(_ file: JournalFile) throws -> JournalContents {
        let source = JournalSalvage(file.connection)
        let records = try source.records()
        guard records.allSatisfy(\.isIntact) else { throw DamagedRecord() }
        var letters = 0
        var last: UInt64?
        while true {
            let page = try file.letters(after: last, limit: 1_000)
            guard page.allSatisfy(\.isIntact) else { throw DamagedRecord() }
            letters += page.count
            guard page.count == 1_000 else { break }
            last = page.last?.number
        }
        defer { loss = nil }
        return JournalContents(
            identifier: try file.identifier(),
            fence: lease?.fence ?? 0,
            records: records,
            deadLetters: letters,
            loss: loss
        )
    }

    private func reopen() throws -> JournalFile {
        file = nil
        do {
            let opened = try JournalFile.open(location.path, configuration: configuration)
            file = opened
            return opened
        } catch let error as SQLiteError where error.isCorruption {
            return try replace()
        }
    }

    /// Sets the damaged file aside, and begins a new one with what can be read of it.
    private func replace() throws -> JournalFile {
        file = nil
        let aside = try location.setAside()
        let opened = try JournalFile.open(location.path, configuration: configuration)
        let salvaged = JournalSalvage.salvage(aside, template: location.path, new: opened.connection)
        try opened.connection.write {
            if let identifier = salvaged.identifier {
                try opened.connection.execute(
                    "UPDATE journal SET identifier = \(Int64(bitPattern: identifier))"
                )
            }
            // The fence must never go back: the numbers of writes begin with it.
            let fence = max(salvaged.fence, lease?.fence ?? 0)
            try opened.connection.execute("UPDATE journal SET fence = max(fence, \(fence))")
            for record in salvaged.records { try opened.append(record) }
            for letter in salvaged.letters { try opened.keep(letter) }
        }
        if let held = lease { lease = (held.lock, try opened.currentFence()) }
        loss = JournalLoss(
            salvaged: salvaged.records.count + salvaged.letters.count,
            damaged: salvaged.damaged,
            gaps: salvaged.gaps,
            path: aside
        )
        logger.error(
            "The file of the journal was damaged. It was set aside, and what could be read was kept.",
            metadata: [
                "path": "\(location.path)", "aside": "\(aside)", "salvaged": "\(loss?.salvaged ?? 0)",
                "damaged": "\(salvaged.damaged)", "gaps": "\(salvaged.gaps)",
            ]
        )
        file = opened
        return opened
    }
}

/// A record whose bytes are not those that were written.
struct DamagedRecord: Error {}
