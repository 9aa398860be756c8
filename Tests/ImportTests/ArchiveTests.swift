import Foundation
import Storage
import TestSupport
import Testing

@testable import Import

struct ArchiveTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func entries(_ bytes: [UInt8]) throws -> [String: [UInt8]] {
        let path = folder.url.appending(path: "a.tar.gz")
        try Data(bytes).write(to: path)
        var reader = TarReader(try OpenFile.reading(FilePath(path.path)))
        var found: [String: [UInt8]] = [:]
        while let entry = try reader.next() {
            if entry.name == "skipped" { continue }
            found[entry.name] = try reader.contents(of: entry, limit: 1 << 20)
        }
        return found
    }

    /// A line of a POSIX extended header.
    private func line(_ key: String, _ value: String) -> [UInt8] {
        let rest = " \(key)=\(value)\n"
        var length = rest.utf8.count + 1
        while rest.utf8.count + String(length).utf8.count > length { length += 1 }
        return Array((String(length) + rest).utf8)
    }

    private var sample: TarArchive {
        var archive = TarArchive()
        archive.add("./", [], kind: "5")
        archive.add("./times", line("mtime", "1700000000.25"), kind: "x")
        archive.add("./all", line("comment", "=="), kind: "g")
        archive.add("./model.index", Array(0..<255))
        archive.add("skipped", [UInt8](repeating: 7, count: 5000))
        archive.add("model.data", [UInt8](repeating: 1, count: 100_000), prefix: "deep/er")
        archive.add("empty", [])
        return archive
    }

    @Test func filesComeOutAsTheyWentIn() throws {
        let found = try entries(sample.gzipped)
        #expect(found.keys.sorted() == ["empty", "model.data", "model.index"])
        #expect(found["model.index"] == Array(0..<255))
        #expect(found["model.data"] == [UInt8](repeating: 1, count: 100_000))
    }

    @Test func whatTheTarProgramWritesIsRead() throws {
        try folder.write("in/model.index", "index")
        try folder.write("in/model.data-00000-of-00001", String(repeating: "data", count: 9999))
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [
            "tar", "czf", folder.url.appending(path: "made.tar.gz").path, "-C",
            folder.url.appending(path: "in").path, ".",
        ]
        try process.run()
        process.waitUntilExit()
        let found = try entries(
            [UInt8](Data(contentsOf: folder.url.appending(path: "made.tar.gz"))))
        #expect(found["model.index"] == Array("index".utf8))
        #expect(found["model.data-00000-of-00001"]?.count == 4 * 9999)
    }

    @Test func extendedHeadersNameAndMeasureTheNextEntry() throws {
        let long = String(repeating: "deep/", count: 40)
        var archive = TarArchive()
        archive.add("x", line("path", long + "model.index"), kind: "x")
        archive.add("cut off", [1, 2, 3])
        archive.add("y", line("size", "5") + line("path", "model.data"), kind: "x")
        archive.add("cut off", [1, 2, 3, 4, 5], size: "00000000000")
        archive.add("././@LongLink", Array((long + "model.meta\0").utf8), kind: "L")
        archive.add("cut off", [7])
        archive.add("plain", [8])
        #expect(
            try entries(archive.gzipped) == [
                "model.index": [1, 2, 3], "model.data": [1, 2, 3, 4, 5], "model.meta": [7],
                "plain": [8],
            ])
    }

    @Test(arguments: [
        ("path", "../model.index"), ("path", "/model.index"), ("path", "a/../../b"),
        ("size", "-1"), ("size", "9223372036854775807"), ("size", "99999999999999999999"),
        ("size", "many"), ("GNU.sparse.major", "1"), ("GNU.sparse.map", "0,1"),
    ])
    func anExtendedHeaderThatLeadsElsewhereIsAnError(key: String, value: String) {
        var archive = TarArchive()
        archive.add("x", line(key, value), kind: "x")
        archive.add("model.index", [1])
        #expect(throws: ImportError.self) { try entries(archive.gzipped) }
    }

    @Test(arguments: ["8 path=x\n", "7path=x\n", "0 a=b\n", "-5 a=b\n", "99 path=x\n", " "])
    func anExtendedHeaderThatIsNoListIsAnError(text: String) {
        var archive = TarArchive()
        archive.add("x", Array(text.utf8), kind: "x")
        archive.add("model.index", [1])
        #expect(throws: ImportError.self) { try entries(archive.gzipped) }
    }

    @Test func aLongNameThatLeadsElsewhereIsAnError() {
        var archive = TarArchive()
        archive.add("././@LongLink", Array("a/../../model.index\0".utf8), kind: "L")
        archive.add("model.index", [1])
        #expect(throws: ImportError.self) { try entries(archive.gzipped) }
    }

    @Test func anArchiveThatIsCutShortIsAnError() throws {
        let whole = sample.gzipped
        for length in [0, 1, 9, 10, 15, 500, 1000, 2000, 8000, 60_000, whole.count - 1200] {
            #expect(throws: ImportError.self) { try entries(Array(whole.prefix(length))) }
        }
    }

    @Test func aBitThatFlippedInAHeaderIsAnError() throws {
        let whole = sample.gzipped
        // Ten bytes of gzip header, five of the block's, then the first tar header.
        for byte in [0, 1, 2, 11, 13, 15, 20, 139, 163, 171] {
            var damaged = whole
            damaged[byte] ^= 4
            #expect(throws: ImportError.self, "byte \(byte)") { try entries(damaged) }
        }
    }

    @Test(
        arguments: [
            ("../model.index", "0"), ("a/../../model.index", "0"), ("/model.index", "0"),
            ("/etc", "5"), ("..", "5"), ("model.index", "1"), ("model.index", "2"),
            ("model.index", "3"), ("model.index", "4"), ("model.index", "6"), ("model.index", "S"),
            ("model.index", "D"), ("model.index", "M"),
        ] as [(String, Character)])
    func anEntryThatLeadsElsewhereIsAnError(name: String, kind: Character) {
        var archive = TarArchive()
        archive.add(name, [], kind: kind)
        #expect(throws: ImportError.self) { try entries(archive.gzipped) }
    }

    @Test(arguments: ["77777777777", "00010000000", "-0000000001", "99999999999", "\u{7f}2345"])
    func aSizeThatIsAbsurdIsAnError(size: String) {
        var archive = TarArchive()
        archive.add("model.index", [1], size: size)
        #expect(throws: ImportError.self) { try entries(archive.gzipped) }
    }

    @Test func aHeaderOfAnotherSumIsAnError() {
        var archive = TarArchive()
        archive.add("model.index", [1], sum: 1)
        #expect(throws: ImportError.self) { try entries(archive.gzipped) }
    }
}
