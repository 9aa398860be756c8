import Foundation
import Storage
import TestSupport
import Testing

/// What a batch keeps in its output folder, and what the same command does the next time.
@Suite(.serialized) struct RecordTests {
    private let program: Program

    init() throws { program = try Program() }

    /// The lines of a file as JSON objects.
    private func lines(_ name: String) throws -> [[String: Any]] {
        try String(decoding: program.bytes(name), as: UTF8.self).split(separator: "\n").map {
            try #require(JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
        }
    }

    private func manifest(_ name: String = "separated/manifest.jsonl") throws -> [[String: Any]] {
        try lines(name)
    }

    /// When each stem was written, by its name.
    private func times() throws -> [String: Date] {
        var times: [String: Date] = [:]
        for name in program.stems {
            let file = program.folder.url.appending(path: name).path
            times[name] =
                try FileManager.default.attributesOfItem(atPath: file)[.modificationDate]
                as? Date
        }
        return times
    }

    @Test func aBatchThatIsDoneIsSkipped() throws {
        try program.writeNoise("a.wav")
        try program.writeNoise("bb.wav")
        #expect(try program.run("a.wav", "bb.wav").status == 0)
        let before = try times()
        #expect(before.count == 8)
        let again = try program.run("a.wav", "bb.wav", "-j", "2", "--threads", "1")
        #expect(again.status == 0)
        #expect(again.output.contains("2 done already"))
        #expect(try times() == before)
        // Another name of the same file, another time, the same bytes.
        let url = program.folder.url.appending(path: "a.wav")
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSince1970: 1e9)], ofItemAtPath: url.path)
        #expect(try program.run(url.path).output.contains("1 done already"))
        let dry = try program.run("a.wav", "bb.wav", "--dry-run")
        #expect(dry.output == "a.wav: done already\nbb.wav: done already\n")
    }

    @Test func anotherInputOrOtherSoundIsNotDoneAndNotReplaced() throws {
        try program.writeNoise("a.wav")
        #expect(try program.run("a.wav").status == 0)
        let before = try program.bytes("separated/a/drums.wav")
        let other = try program.run("a.wav", "--float32")
        #expect(other.status == 1 && other.errors.contains("--force replaces it"))
        try program.writeNoise("a.wav", seconds: 1.5)
        #expect(try program.run("a.wav").status == 1)
        #expect(try program.bytes("separated/a/drums.wav") == before)
        #expect(try program.run("a.wav", "--force").status == 0)
        #expect(try program.bytes("separated/a/drums.wav") != before)
        #expect(try program.run("a.wav").output.contains("1 done already"))
        let model = program.folder.url.appending(path: "models/tiny/card.json")
        try Data((String(contentsOf: model, encoding: .utf8) + " ").utf8).write(to: model)
        #expect(try program.run("a.wav").status == 1)
    }

    @Test func aStemThatIsGoneOrCutIsMadeAgain() throws {
        try program.writeNoise("a.wav")
        try program.writeNoise("bb.wav")
        #expect(try program.run("a.wav", "bb.wav").status == 0)
        let whole = try program.bytes("separated/a/bass.wav")
        try FileManager.default.removeItem(
            at: program.folder.url.appending(path: "separated/a/bass.wav"))
        let gone = try program.run("a.wav", "bb.wav")
        #expect(gone.status == 0)
        #expect(
            gone.errors.contains("separated/a/bass.wav is missing")
                || gone.errors.contains("a/bass.wav is missing"))
        #expect(gone.output.contains("1 separated, 1 done already"))
        #expect(try program.bytes("separated/a/bass.wav") == whole)
        try whole.prefix(99).write(
            to: program.folder.url.appending(path: "separated/a/bass.wav"))
        #expect(try program.run("a.wav", "bb.wav").errors.contains("has another size"))
        #expect(try program.bytes("separated/a/bass.wav") == whole)
    }

    @Test func theManifestTellsOfEveryTrack() throws {
        try program.writeNoise("a.wav", seconds: 2)
        try program.folder.write("text.wav", "no sound")
        let run = try program.run("a.wav", "text.wav", "missing.wav", "--csv")
        #expect(run.status == 1)
        let entries = try manifest()
        #expect(entries.map { $0["status"] as? String } == ["done", "failed", "failed"])
        #expect(entries.map { $0["input"] as? String } == ["a.wav", "text.wav", "missing.wav"])
        let failures = entries.compactMap { ($0["failure"] as? [String: Any])?["cause"] as? String }
        #expect(failures == ["not_audio", "not_found"])
        let done = entries[0]
        #expect(done["sample_rate"] as? Int == 8000 && done["channels"] as? Int == 2)
        #expect(done["length"] as? Int == 16_000)
        let digest = SHA256Digest(of: Array(try program.bytes("a.wav"))).hex
        #expect(done["input_sha256"] as? String == digest)
        let stems = try #require(done["stems"] as? [[String: Any]])
        #expect(stems.map { $0["stem"] as? String } == ["drums", "bass", "vocals", "other"])
        for stem in stems {
            let path = try #require(stem["path"] as? String)
            let bytes = Array(try program.bytes("separated/" + path))
            #expect(stem["sha256"] as? String == SHA256Digest(of: bytes).hex)
            #expect(stem["size"] as? Int == bytes.count)
            let levels = try #require(stem["levels"] as? [String: Any])
            let (peak, rms) = try Self.levels(ofWAV: bytes)
            #expect(abs(try #require(levels["peak"] as? Double) - peak) < 1e-9)
            #expect(abs(try #require(levels["rms"] as? Double) - rms) < 1e-6)
            #expect(levels["loudness"] is Double)
        }
        let table = String(decoding: try program.bytes("separated/manifest.csv"), as: UTF8.self)
        #expect(table.split(separator: "\r\n").count == 1 + 4 + 2)
    }

    /// Peak and RMS in dB of the 16-bit samples behind the usual 44 bytes.
    private static func levels(ofWAV bytes: [UInt8]) throws -> (peak: Double, rms: Double) {
        let data = Data(bytes)
        let start = try #require(data.range(of: Data("data".utf8))).upperBound + 4
        let samples = stride(from: start, to: bytes.count - 1, by: 2).map {
            Double(Int16(bitPattern: UInt16(bytes[$0]) | UInt16(bytes[$0 + 1]) << 8)) / 32_768
        }
        let square = samples.reduce(0) { $0 + $1 * $1 } / Double(samples.count)
        return (samples.map(abs).max() ?? 0, 10 * log10(square))
    }

    @Test func verifyNamesWhatIsNotAsItWasWritten() throws {
        try program.writeNoise("a.wav")
        try program.writeNoise("bb.wav")
        #expect(try program.run("a.wav", "bb.wav").status == 0)
        let whole = try program.run("verify", "separated", model: nil)
        #expect(whole.status == 0 && whole.output.contains("10 files of 2 tracks"))
        let stem = program.folder.url.appending(path: "separated/a/bass.wav")
        var bytes = try Data(contentsOf: stem)
        bytes[bytes.count / 2] ^= 1
        try bytes.write(to: stem)
        try FileManager.default.removeItem(
            at: program.folder.url.appending(path: "separated/bb/drums.wav"))
        try program.writeNoise("a.wav", seconds: 2)
        let run = try program.run("verify", "separated", model: nil)
        #expect(run.status == 1)
        #expect(run.errors.contains("separated/a/bass.wav: has other bytes"))
        #expect(run.errors.contains("separated/bb/drums.wav: is missing"))
        #expect(run.errors.contains("a.wav: has other bytes"))
        #expect(run.errors.split(separator: "\n").count == 3)
        let stems = try program.run("verify", "separated", "--no-inputs", "--json", model: nil)
        #expect(stems.output.split(separator: "\n").count == 3)
        #expect(try program.run("verify", "models", model: nil).status == 1)
    }

    @Test func aSecondProcessOnTheFolderIsTold() throws {
        try program.writeNoise("long.wav", seconds: 2400)
        try program.writeNoise("b.wav")
        let process = program.process(["long.wav", "--threads", "1"])
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        while process.isRunning, !program.folder.files.contains(where: { $0.hasSuffix(".part") }) {
            Thread.sleep(forTimeInterval: 0.002)
        }
        let second = try program.run("b.wav")
        #expect(second.status == 3)
        #expect(second.errors.contains("another process works on it: \(process.processIdentifier)"))
        #expect(try program.run("b.wav", "--shard", "1/2").status == 3)
        process.interrupt()
        process.waitUntilExit()
        #expect(try program.run("b.wav").status == 0)
    }

    @Test func partsTogetherAreTheWhole() throws {
        let names = (1...12).map { "in/\($0 % 3)/\($0).wav" }
        for (number, name) in names.enumerated() {
            try program.writeNoise(name, seconds: 0.3 + 0.1 * Double(number))
        }
        #expect(try program.run("-r", "in", "-o", "whole").status == 0)
        for part in 1...4 {
            let run = try program.run("-r", "in", "-o", "parts", "--shard", "\(part)/4")
            // A part may be empty, which is no failure.
            #expect(run.status == 0)
            let merged = try program.run("merge", "parts", model: nil)
            #expect(merged.status == (part == 4 ? 0 : 1))
        }
        let (whole, parts) = (
            try manifest("whole/manifest.jsonl"), try manifest("parts/manifest.jsonl")
        )
        #expect(whole.count == 12)
        #expect(whole.map { $0["track"] as? String } == parts.map { $0["track"] as? String })
        for name in program.stems where name.hasPrefix("whole/") {
            let other = "parts/" + name.dropFirst("whole/".count)
            #expect(try program.bytes(name) == program.bytes(other))
        }
        #expect(try program.run("verify", "parts", model: nil).status == 0)
        // A whole batch knows what its parts did.
        #expect(try program.run("-r", "in", "-o", "parts").output.contains("12 done already"))
    }

    @Test func namesThatAreNoTextAreInTheManifestByteForByte() throws {
        try program.writeNoise("a.wav")
        let name = FilePath(bytes: Array("f".utf8) + [0xFC] + Array("r.wav".utf8))
        try FileSystem.rename(program.folder("a.wav"), to: program.folder(name))
        try Data(name.bytes + [0]).write(to: program.folder.url.appending(path: "list"))
        #expect(try program.run("--files-from", "list").status == 0)
        let entry = try #require(try manifest().first)
        #expect((entry["input"] as? [String: String])?["hex"] == "66fc722e776176")
        #expect(try program.run("verify", "separated", model: nil).status == 0)
        #expect(try program.run("--files-from", "list").output.contains("1 done already"))
    }

    @Test func aListIsReadFromStandardInput() throws {
        try program.writeNoise("x/a.wav")
        try program.writeNoise("y/a.wav")
        let process = program.process(["--files-from", "-", "-q"])
        let pipe = Pipe()
        process.standardInput = pipe
        try process.run()
        try pipe.fileHandleForWriting.write(contentsOf: Data("x/a.wav\ny/a.wav\n".utf8))
        try pipe.fileHandleForWriting.close()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        #expect(program.stems.contains("separated/x/a/drums.wav"))
        #expect(program.stems.contains("separated/y/a/drums.wav"))
    }

    @Test func forceThatWasBrokenOffGoesOn() throws {
        for name in ["a", "bb", "ccc"] { try program.writeNoise("\(name).wav") }
        let inputs = ["a.wav", "bb.wav", "ccc.wav"]
        #expect(try program.run("a.wav", "bb.wav", "ccc.wav").status == 0)
        let before = try times()
        let forced = try program.run("a.wav", "bb.wav", "ccc.wav", "--force")
        #expect(forced.output.contains("3 separated"))
        #expect(try times() != before)
        // As if it had been killed before its last track: no end, and that track not done.
        let journal = program.folder.url.appending(path: "separated/unbraid-journal.jsonl")
        var text = try String(contentsOf: journal, encoding: .utf8).split(separator: "\n")
        text.removeLast()
        while let last = text.last, !last.contains("\"event\":\"done\"") { text.removeLast() }
        text.removeLast()
        try (text.joined(separator: "\n") + "\n").write(
            to: journal, atomically: true, encoding: .utf8)
        let again = program.process(inputs + ["--force", "-j", "1"])
        let output = Pipe()
        again.standardOutput = output
        try again.run()
        let said = try output.fileHandleForReading.readToEnd() ?? Data()
        again.waitUntilExit()
        #expect(String(decoding: said, as: UTF8.self).contains("1 separated, 2 done already"))
    }
}
