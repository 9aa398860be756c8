import Foundation
import Storage
import TestSupport
import Testing

@testable import Batch

/// A line about a track.
func line(
    _ event: JournalLine.Event, _ track: FilePath, run: String = "1", entry: String? = nil,
    owns: Bool? = nil
) -> JournalLine {
    var head = JournalLine.Head(event, run: run, at: "2026-11-21T00:00:00Z")
    head.track = track
    head.owns = owns
    head.folders = event == .started ? [track.parent] : nil
    return JournalLine(head, entry: entry.map { Array($0.utf8) })
}

struct JournalTests {
    private let folder: TemporaryFolder
    private var path: FilePath { folder("unbraid-journal.jsonl") }

    init() throws { folder = try TemporaryFolder() }

    private func write(_ lines: [JournalLine]) throws {
        let writer = try JournalWriter(path, after: nil)
        try writer.append(lines)
        try writer.synchronize()
    }

    private func read() throws -> (lines: [JournalLine], reader: JournalReader) {
        var lines: [JournalLine] = []
        let reader = try JournalReader(OpenFile.reading(path)) { line, _ in lines.append(line) }
        return (lines, reader)
    }

    @Test func linesComeBackAsTheyWere() throws {
        let latin = FilePath(bytes: [0x66, 0xFC, 0x72, 0x0A, 0x22])
        let lines = [
            line(.planned, "a/b.wav"), line(.started, latin, owns: true),
            line(.done, #"say ","entry":{ .wav"#, entry: #"{"a":",\"entry\":{","b":[1]}"#),
        ]
        try write(lines)
        #expect(try read().lines == lines)
        #expect(try read().reader.damaged == 0)
    }

    @Test func aTornLineIsCutOffAndTheJournalGoesOn() throws {
        try write([line(.planned, "a"), line(.done, "a", entry: "{}")])
        let whole = try Data(contentsOf: folder.url.appending(path: "unbraid-journal.jsonl"))
        let first = try #require(whole.firstIndex(of: 0x0A))
        for size in first + 1..<whole.count {
            try whole.prefix(size).write(to: folder.url.appending(path: "unbraid-journal.jsonl"))
            let torn = try read().reader
            #expect(torn.end + torn.tail.count == size)
            try JournalWriter(path, after: torn).append([line(.started, "a")])
            let again = try read()
            // The last line is whole but for its end, or gone.
            let events = again.lines.map(\.head.event)
            #expect(
                events
                    == (size == whole.count - 1
                        ? [.planned, .done, .started] : [.planned, .started]))
            #expect(again.reader.damaged == 0 && again.reader.tail.isEmpty)
        }
    }

    @Test func damagedLinesAreCountedAndTheOthersKept() throws {
        let text = [
            "", "{}", "nonsense", #"{"event":"unheard","run":"1","at":""}"#,
            #"{"event":"planned","run":"1","at":"","track":"a"}"#, "\0\0\0", "[[[[",
            #"{"event":"planned","run":"1","at":"","track":{"hex":"6g"}}"#,
            #"{"event":"planned","run":"1","at":"","track":{"hex":"66FC"}}"#,
        ]
        try folder.write("unbraid-journal.jsonl", text.joined(separator: "\n") + "\n")
        let found = try read()
        #expect(found.lines.map(\.head.track) == ["a", FilePath(bytes: [0x66, 0xFC])])
        #expect(found.reader.damaged == 6)
    }

    @Test func theLastWordOfATrackCounts() throws {
        try write([
            line(.planned, "a"), line(.started, "a", owns: true), line(.done, "a", entry: "{}"),
            line(.planned, "b"), line(.started, "b", owns: true), line(.planned, "c"),
            line(.started, "d", owns: true), line(.failed, "d", entry: "{}"),
            line(.planned, "a", run: "2"),
        ])
        var index = JournalIndex()
        try index.read(path, shard: nil)
        #expect(
            index.tracks.mapValues(\.stage) == [
                "a": .done, "b": .started, "c": .planned, "d": .failed,
            ])
        #expect(index.tracks["b"]?.owns == true && index.tracks["d"]?.owns == false)
        #expect(Set(index.unsettled.keys) == ["b"])
        #expect(index.runs.map(\.name) == ["1", "2"])
    }

    @Test(arguments: 0..<40)
    func noBytesTrapTheReader(seed: UInt64) throws {
        var random = Mutation(seed: seed)
        var lines = [line(.planned, "a"), line(.started, "b", owns: true)]
        lines.append(line(.done, "c", entry: #"{"stems":[{"path":"c","size":3}]}"#))
        var batch = JournalLine.Head(.batch, run: "1", at: "now")
        batch.batch = BatchFacts(
            program: "0", host: "h", process: 1, shard: Shard(1, of: 2),
            settings: SHA256Digest(of: []), force: false, tracks: 3)
        lines.append(JournalLine(batch))
        let whole = Array(lines.map { $0.bytes + [0x0A] }.joined())
        for _ in 0..<250 {
            let bytes = random.mutate(whole)
            try Data(bytes).write(to: folder.url.appending(path: "unbraid-journal.jsonl"))
            var index = JournalIndex()
            let reader = try index.read(path, shard: nil)
            #expect(reader.end + reader.tail.count == bytes.count)
            // Whatever it was: it can be gone on with, and what is added is read.
            try JournalWriter(path, after: reader).append([line(.started, "new")])
            var after = JournalIndex()
            try after.read(path, shard: nil)
            #expect(after.tracks["new"]?.stage == .started)
            #expect(FileList(bytes).paths.allSatisfy { !$0.isEmpty })
        }
    }
}

/// Changes bytes as damage does, the same for the same seed.
struct Mutation {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1 }

    private mutating func next(_ limit: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int(state >> 33) % max(1, limit)
    }

    /// A few bytes flipped, set, removed, doubled or cut off.
    mutating func mutate(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        for _ in 0...next(4) where !bytes.isEmpty {
            let place = next(bytes.count)
            switch next(6) {
            case 0: bytes[place] ^= UInt8(1 << next(8))
            case 1: bytes[place] = [0, 0x0A, 0x22, 0x5C, 0x7B, 0x7D, 0xFF][next(7)]
            case 2: bytes.remove(at: place)
            case 3: bytes.insert(UInt8(next(256)), at: place)
            case 4: bytes.removeLast(min(bytes.count, next(60)))
            default:
                let end = min(bytes.count, place + next(40))
                bytes.insert(contentsOf: bytes[place..<end], at: next(bytes.count))
            }
        }
        return bytes
    }
}
