import Foundation
import Storage
import TestSupport
import Testing

@testable import Batch

struct ShardTests {
    @Test func everyTrackIsOfOnePart() {
        let keys = (0..<10_000).map { FilePath("album \($0 % 100)/\($0).wav") }
        for count in [1, 2, 7, 64] {
            let shards = (1...count).compactMap { Shard($0, of: count) }
            let sizes = shards.map { shard in keys.count { shard.holds($0) } }
            #expect(sizes.reduce(0, +) == keys.count)
            // Six standard deviations of a fair split.
            let share = Double(keys.count) / Double(count)
            #expect(sizes.allSatisfy { abs(Double($0) - share) <= 6 * share.squareRoot() })
        }
    }

    @Test func thePartOfATrackIsTheSameForEver() {
        // The first 8 bytes of the SHA-256 of "abc" are ba7816bf8f01cfea.
        #expect(
            Shard(Int(0xba78_16bf_8f01_cfea as UInt64 % 1000) + 1, of: 1000)?.holds("abc") == true)
    }

    @Test(arguments: ["0/4", "5/4", "1/0", "1", "1/2/3", "a/b", "-1/4", "1/100001", ""])
    func whatIsNoPartIsRefused(text: String) { #expect(Shard(text) == nil) }

    @Test func aPartIsRead() { #expect(Shard("2/4") == Shard(2, of: 4)) }
}

struct FileListTests {
    @Test(arguments: [
        ("a\nb c\n", ["a", "b c"]), ("a\r\nb\r\n", ["a", "b"]), ("a\0b\nc\0", ["a", "b\nc"]),
        ("\n\na", ["a"]), ("", []), ("\0\0", []), ("a", ["a"]),
    ])
    func namesEndWithNewlineOrNUL(text: String, names: [String]) {
        #expect(FileList(Array(text.utf8)).paths == names.map { FilePath($0) })
    }

    @Test func aListWithoutNULsMayBeMeantToHaveThem() {
        #expect(FileList(Array("a\nb".utf8), hasNulls: true).paths == ["a\nb"])
    }

    @Test func bytesThatAreNoTextAreKept() {
        #expect(FileList([0xFC, 0x0A, 0xFF]).paths.map(\.bytes) == [[0xFC], [0xFF]])
    }

    @Test(arguments: [
        ("a/b/c.wav", "a/b"), ("/a/b.wav", "a"), ("./a/./b.wav", "a"), ("../a/b.wav", "_/a"),
        ("b.wav", ""),
    ])
    func theFoldersOfAListAreMirrored(path: String, folders: String) throws {
        #expect(FilePath(path).mirroredFolders == FilePath(folders))
    }
}

struct NamePatternTests {
    @Test(arguments: [
        ("*.wav", "a.wav", true), ("*.wav", ".wav", false), ("*.wav", ".a.wav", false),
        (".*.wav", ".a.wav", true), ("a?c", "abc", true), ("a?c", "ac", false),
        ("[a-c]x", "bx", true), ("[!a-c]x", "bx", false), ("[]]x", "]x", true),
        ("a[b", "a[b", true), ("a\\*", "a*", true), ("a\\*", "ab", false), ("*a*b*", "xaxbx", true),
        ("*a*b*", "xbxax", false), ("*", "", true), ("a**b", "ab", true), ("é*", "ecole", false),
        ("é*", "été", true), ("\\", "\\", true), ("[", "[", true), ("[-a]", "-", true),
    ])
    func namesAreMatched(pattern: String, name: String, isMatch: Bool) {
        #expect(
            NamePattern.matches(Array(pattern.utf8)[...], Array(name.utf8)[...]) == isMatch)
    }

    @Test func manyStarsTakeNoLongTime() {
        let pattern = Array(String(repeating: "*a", count: 500).utf8)
        let name = Array(String(repeating: "a", count: 499).utf8)
        #expect(!NamePattern.matches(pattern[...], name[...]))
    }

    @Test func foldersAreExpandedAndMirrored() throws {
        let folder = try TemporaryFolder()
        for name in ["a/1.wav", "a/b/2.wav", "c/3.wav", "c/3.txt", ".h/4.wav", "5.wav"] {
            try folder.write(name, name)
        }
        func find(_ pattern: FilePath) -> [String] {
            InputWalk(isRecursive: false, output: "none").find([folder(pattern)]).inputs
                .map { "\($0.path.name) \($0.subfolder)" }
        }
        #expect(find("*.wav") == ["5.wav "])
        #expect(find("*/*.wav") == ["1.wav a", "3.wav c"])
        #expect(find("**/*.wav") == ["5.wav ", "1.wav a", "2.wav a/b", "3.wav c"])
        #expect(find("a/**/*.wav") == ["1.wav ", "2.wav b"])
        #expect(find("[ac]/?.wav") == ["1.wav a", "3.wav c"])
        #expect(find("*/1.wav") == ["1.wav a"])
    }

    @Test func aPatternThatMatchesNothingIsAMiss() throws {
        let folder = try TemporaryFolder()
        let found = InputWalk(isRecursive: false, output: "none").find([folder("*.wav")])
        #expect(found.misses.map(\.reason) == [.notFound])
    }

    @Test func aNameThatIsThereIsNoPattern() throws {
        let folder = try TemporaryFolder()
        try folder.write("[1].wav", "a")
        try folder.write("1.wav", "b")
        let found = InputWalk(isRecursive: false, output: "none").find([folder("[1].wav")])
        #expect(found.inputs.map(\.path) == [folder("[1].wav")])
    }
}

struct WalkTests {
    @Test func otherNamesOfAFileAreNotTaken() throws {
        let folder = try TemporaryFolder()
        try folder.write("in/a.wav", "a")
        let link = folder.url.appending(path: "in/b.wav")
        try FileManager.default.createSymbolicLink(
            at: link, withDestinationURL: folder.url.appending(path: "in/a.wav"))
        try FileManager.default.linkItem(
            at: folder.url.appending(path: "in/a.wav"), to: folder.url.appending(path: "in/c.wav"))
        let found = InputWalk(isRecursive: true, output: "none").find([folder("in")])
        #expect(found.inputs.map(\.path.name) == ["a.wav"])
        #expect(found.repeated == 2)
        #expect(found.misses.isEmpty)
    }

    @Test func linksAmongFoldersAreWalkedOnce() throws {
        let folder = try TemporaryFolder()
        // Each of eight folders links to all others: along paths alone that would be 8! ways.
        for number in 0..<8 {
            try folder.write("in/\(number)/\(number).wav", "\(number)")
            for other in 0..<8 {
                try FileManager.default.createSymbolicLink(
                    at: folder.url.appending(path: "in/\(number)/to\(other)"),
                    withDestinationURL: folder.url.appending(path: "in/\(other)"))
            }
        }
        let found = InputWalk(isRecursive: true, output: "none").find([folder("in")])
        #expect(found.inputs.count == 8)
    }

    @Test func namesInAnyBytesAreFound() throws {
        let folder = try TemporaryFolder()
        let name = FilePath(bytes: [0x66, 0xFC, 0x72, 0x0A, 0x2E, 0x77, 0x61, 0x76])
        let file = try PendingFile(for: folder(name))
        try file.publish()
        let found = InputWalk(isRecursive: true, output: "none").find([folder.path])
        #expect(found.inputs.map(\.path.name) == [name])
    }

    @Test func aListIsMirroredAndWhatIsNotThereIsNamed() throws {
        let folder = try TemporaryFolder()
        try folder.write("a/1.wav", "a")
        let list = [folder("a/1.wav"), folder("a/2.wav")]
        let found = InputWalk(isRecursive: false, output: "none").find([], list: list)
        #expect(found.inputs.map(\.subfolder) == [folder("a/1.wav").mirroredFolders])
        #expect(found.misses.map(\.path) == [folder("a/2.wav")])
    }
}
