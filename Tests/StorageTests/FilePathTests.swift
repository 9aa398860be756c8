import Storage
import Testing

@Suite struct FilePathTests {
    @Test(arguments: [
        ("a/b.wav", "a", "b.wav", "b", "wav"),
        ("/b.tar.gz", "/", "b.tar.gz", "b.tar", "gz"),
        ("/a//b/", "/a", "b", "b", nil),
        ("a", ".", "a", "a", nil),
        (".hidden", ".", ".hidden", ".hidden", nil),
        ("x/..", "x", "..", "..", nil),
        ("x/a.", "x", "a.", "a.", nil),
        ("/", "/", "", "", nil),
        ("", ".", "", "", nil),
    ])
    func partsAreFoundBetweenSlashesAndDots(
        path: String, parent: String, name: String, bare: String, ending: String?
    ) {
        let path = FilePath(path)
        #expect(path.parent == FilePath(parent))
        #expect(path.name == FilePath(name))
        #expect(path.nameWithoutExtension == FilePath(bare))
        #expect(path.fileExtension == ending.map { FilePath($0) })
    }

    @Test func anExtensionIsReplacedOrAdded() {
        #expect(FilePath("a.b/c.flac").replacingExtension(with: "wav") == "a.b/c.wav")
        #expect(FilePath("a.b/c").replacingExtension(with: "wav") == "a.b/c.wav")
        #expect(FilePath("a.b/.c").replacingExtension(with: "wav") == "a.b/.c.wav")
    }

    @Test func pathsAreJoinedByOneSlash() {
        #expect(FilePath("a").appending("b") == "a/b")
        #expect(FilePath("a/").appending("b/c") == "a/b/c")
        #expect(FilePath("").appending("b") == "b")
        #expect(FilePath("a").appending("/b") == "/b")
    }

    @Test func bytesThatAreNoTextAreKept() {
        let latin = FilePath(bytes: [0x63, 0x61, 0x66, 0xE9, 0x2E, 0x77, 0x61, 0x76])
        #expect(!latin.isUTF8)
        #expect(latin.description == "caf\u{FFFD}.wav")
        #expect(latin.nameWithoutExtension.bytes == [0x63, 0x61, 0x66, 0xE9])
        #expect(FilePath("a").appending(latin).name == latin)
        #expect(FilePath("é").isUTF8)
        #expect(latin.nullTerminated.map { UInt8(bitPattern: $0) } == latin.bytes + [0])
    }

    @Test func aNULEndsThePathAsInC() {
        #expect(FilePath("a\0b") == "a")
        #expect(FilePath(bytes: [65, 0, 66]) == "A")
    }

    @Test func orderIsThatOfTheBytes() {
        #expect([FilePath("b"), "B", "a/b", "a"].sorted() == ["B", "a", "a/b", "b"])
    }
}
