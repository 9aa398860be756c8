import Storage
import TestSupport
import Testing

@Suite struct PendingFileTests {
    @Test func aFileHasItsNameOnlyOncePublished() throws {
        let scratch = try TemporaryFolder()
        let pending = try PendingFile(for: scratch("song.wav"))
        try pending.file.write([1, 2, 3], at: 0)
        let before = try scratch.names()
        #expect(before.count == 1 && PendingFile.isTemporary(FilePath(before[0])))
        try pending.publish()
        #expect(try scratch.names() == ["song.wav"])
        #expect(try OpenFile.reading(scratch("song.wav")).read(9, at: 0) == [1, 2, 3])
    }

    @Test func aFileThatIsLetGoLeavesNothing() throws {
        let scratch = try TemporaryFolder()
        do {
            let pending = try PendingFile(for: scratch("song.wav"))
            try pending.file.write([1], at: 0)
        }
        #expect(try scratch.names().isEmpty)
        let sealed = try PendingFile(for: scratch("song.wav"))
        try sealed.seal()
        sealed.discard()
        sealed.discard()
        #expect(try scratch.names().isEmpty)
    }

    @Test func anExistingFileIsReplacedOnlyOnDemand() throws {
        let scratch = try TemporaryFolder()
        try OpenFile.creating(scratch("a")).write([7], at: 0)
        let first = try PendingFile(for: scratch("a"))
        #expect { try first.publish() } throws: { ($0 as? StorageError)?.code == .alreadyExists }
        #expect(try OpenFile.reading(scratch("a")).read(9, at: 0) == [7])
        try first.publish(overwriting: true)
        #expect(try OpenFile.reading(scratch("a")).read(9, at: 0) == [])
        #expect(try scratch.names() == ["a"])
    }

    @Test func aNameOfTheGreatestLengthCanBePending() throws {
        let scratch = try TemporaryFolder()
        let name = FilePath(bytes: Array(repeating: UInt8(ascii: "n"), count: 255))
        try PendingFile(for: scratch(name)).publish()
        #expect(try scratch.names() == [name.description])
        let long = FilePath(bytes: name.bytes + [65])
        #expect {
            try PendingFile(for: scratch(long)).publish()
        } throws: {
            ($0 as? StorageError)?.code == .nameTooLong
        }
        #expect(try scratch.names() == [name.description])
    }

    @Test func aNameThatIsNoTextCanBePublished() throws {
        let scratch = try TemporaryFolder()
        let name = FilePath(bytes: [0xFF, 0x80, 0x2E, 0x77])
        try PendingFile(for: scratch(name)).publish()
        #expect(try FileSystem.names(in: scratch.path) == [name])
        #expect(try FileSystem.status(of: scratch(name))?.kind == .file)
    }

    @Test func aMissingFolderIsToldAtOnce() throws {
        let scratch = try TemporaryFolder()
        #expect {
            try PendingFile(for: scratch("none/a"))
        } throws: {
            guard let error = $0 as? StorageError else { return false }
            return error.code == .notFound && error.operation == .open && !error.reason.isEmpty
        }
    }

    @Test func onlyOurTemporaryNamesAreRecognised() {
        #expect(PendingFile.isTemporary("x/.unbraid-0.part"))
        #expect(!PendingFile.isTemporary("x/.unbraid-0.part/a"))
        #expect(!PendingFile.isTemporary("unbraid-0.part"))
        #expect(!PendingFile.isTemporary(".unbraid-0.wav"))
    }
}
