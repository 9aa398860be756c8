import Storage
import TestSupport
import Testing

@Suite struct FileSystemTests {
    @Test func foldersAreMadeWithThoseAbove() throws {
        let scratch = try TemporaryFolder()
        try FileSystem.createFolders(at: scratch("a/b/c"))
        try FileSystem.createFolders(at: scratch("a/b/c"))
        #expect(try FileSystem.status(of: scratch("a/b/c"))?.kind == .folder)
        try OpenFile.creating(scratch("file")).close()
        #expect { try FileSystem.createFolders(at: scratch("file")) } throws: {
            ($0 as? StorageError)?.code == .alreadyExists
        }
        #expect { try FileSystem.createFolders(at: scratch("file/x")) } throws: {
            ($0 as? StorageError)?.code == .notFolder
        }
    }

    @Test func factsAreThoseOfTheFile() throws {
        let scratch = try TemporaryFolder()
        #expect(try FileSystem.status(of: scratch("a")) == nil)
        try OpenFile.creating(scratch("a")).write([1, 2, 3], at: 4)
        let facts = try #require(try FileSystem.status(of: scratch("a")))
        #expect(facts.kind == .file && facts.size == 7 && facts.modified > 1e9)
        #expect(try FileSystem.status(of: scratch("a/b")) == nil)
        try FileSystem.remove(scratch("a"))
        #expect { try FileSystem.remove(scratch("a")) } throws: {
            ($0 as? StorageError)?.code == .notFound
        }
    }

    @Test func readingStopsAtTheEndOfTheFile() throws {
        let scratch = try TemporaryFolder()
        let file = try OpenFile.creating(scratch("a"))
        try file.write(Array(0..<100), at: 0)
        #expect(try file.read(10, at: 95) == [95, 96, 97, 98, 99])
        #expect(try file.read(10, at: 100).isEmpty)
        #expect { try OpenFile.reading(scratch.path) } throws: {
            ($0 as? StorageError)?.code == .isFolder
        }
    }

    /// The values are the examples of FIPS 180-4 and the digest of nothing.
    @Test func digestsAreSHA256() throws {
        #expect(
            SHA256Digest(of: []).hex
                == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        #expect(SHA256Digest(of: Array("abc".utf8)).hex == abc)
        let hasher = SHA256Hasher()
        for _ in 0..<2 {
            for byte in "abc".utf8 { hasher.update([byte]) }
            #expect(hasher.finish().hex == abc)
        }
        let scratch = try TemporaryFolder()
        let million = [UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000)
        try OpenFile.creating(scratch("a")).write(million, at: 0)
        #expect(
            try SHA256Digest(ofFileAt: scratch("a")).hex
                == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
    }
}
