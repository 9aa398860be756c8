import Foundation
import Models
import Signal
import Storage
import TestSupport
import Testing

@testable import Batch

struct FilenameTemplateTests {
    @Test(arguments: [
        ("{track}/{stem}.{ext}", "song/vocals.wav"),
        ("{stem}/{filename}.{codec}", "vocals/song.wav"),
        ("{model}_{foldername}_{track}_{instrument}.{ext}", "default_album_song_vocals.wav"),
    ])
    func fieldsStandForTheirValues(template: String, path: String) throws {
        let found = try FilenameTemplate(template).path(
            input: "music/album/song.flac", stem: .vocals, fileExtension: "wav", model: "default")
        #expect(found == FilePath(path))
    }

    @Test(arguments: [
        ("{track}", FilenameTemplate.Fault.noStem), ("{stem", .unbalancedBrace),
        ("stem}", .unbalancedBrace), ("{stem}{what}", .unknownField("what")),
        ("../{stem}", .leavesOutputFolder), ("/{stem}", .leavesOutputFolder),
        ("{stem}/", .leavesOutputFolder), ("a//{stem}", .leavesOutputFolder),
        ("./{stem}", .leavesOutputFolder), ("", .leavesOutputFolder),
    ])
    func whatIsNoTemplateIsRefused(template: String, fault: FilenameTemplate.Fault) {
        #expect(throws: fault) { try FilenameTemplate(template) }
    }

    @Test func aTrackCalledTwoDotsStaysInTheOutputFolder() throws {
        let path = FilenameTemplate.standard.path(
            input: "a/...wav", stem: .bass, fileExtension: "wav", model: "m")
        #expect(!path.components.contains(".."))
    }

    @Test func bytesThatAreNoTextAreKept() {
        let name = FilePath(bytes: [0x66, 0xFC, 0x72, 0x2E, 0x77, 0x61, 0x76])
        let path = FilenameTemplate.standard.path(
            input: name, stem: .bass, fileExtension: "wav", model: "m")
        #expect(path.components.first?.bytes == [0x66, 0xFC, 0x72])
    }
}

struct StemSelectionTests {
    @Test func theRemainderIsWhatTheOthersLeave() throws {
        let all = try StemSelection(.all, of: card())
        #expect(all.names == [.drums, .bass, .vocals])
        #expect(all.remainder == .other)
        #expect(all.written == [.drums, .bass, .vocals, .other])
    }

    @Test func onlyTheStemsThatAreWantedAreEstimated() throws {
        let some = try StemSelection(.some([.vocals, .drums]), of: card())
        #expect(some.estimated == [0, 2])
        #expect(some.written == [.drums, .vocals])
        let other = try StemSelection(.some([.other]), of: card())
        #expect(other.estimated == [0, 1, 2])
        #expect(other.written == [.other])
    }

    @Test func twoStemsAreOneAndTheRest() throws {
        let two = try StemSelection(.two(.vocals), of: card())
        #expect(two.names == [.vocals])
        #expect(two.written == [.vocals, Stem("no_vocals")])
        let other = try StemSelection(.two(.other), of: card())
        #expect(other.estimated == [3])
        #expect(other.remainder == Stem("no_other"))
    }

    @Test func aModelWithoutOtherGetsOne() throws {
        let vocals = try StemSelection(.all, of: card(stems: ["vocals"]))
        #expect(vocals.written == [.vocals, .other])
        let spleeter = try StemSelection(.all, of: card(stems: ["vocals", "accompaniment"]))
        #expect(spleeter.estimated == [0])
        #expect(spleeter.remainder == Stem("accompaniment"))
    }

    @Test func aStemThatIsNotThereIsNamed() throws {
        let card = try card()
        #expect(throws: StemSelection.UnknownStem.self) {
            try StemSelection(.some([Stem("piano")]), of: card)
        }
        #expect(throws: StemSelection.UnknownStem.self) {
            try StemSelection(.two(Stem("piano")), of: card)
        }
    }
}

struct InputWalkTests {
    @Test func foldersAreWalkedByNameAndMirrored() throws {
        let folder = try TemporaryFolder()
        for name in ["b/2.wav", "b/1.FLAC", "a.mp3", "b/c/3.ogg", "cover.jpg", ".hidden.wav"] {
            try folder.write(name, "")
        }
        let found = InputWalk(isRecursive: true, output: "nowhere").find([folder.path])
        #expect(found.inputs.map { "\($0.path.name)" } == ["a.mp3", "1.FLAC", "2.wav", "3.ogg"])
        #expect(found.inputs.map { "\($0.subfolder)" } == ["", "b", "b", "b/c"])
        #expect(found.skipped == 1)
        #expect(found.misses.isEmpty)
    }

    @Test func theOutputFolderAndLoopsOfLinksAreNotWalkedInto() throws {
        let folder = try TemporaryFolder()
        try folder.write("out/vocals.wav", "")
        try folder.write("in/song.wav", "")
        try FileManager.default.createSymbolicLink(
            at: folder.url.appending(path: "in/loop"), withDestinationURL: folder.url)
        let found = InputWalk(isRecursive: true, output: folder.path.appending("out"))
            .find([folder.path])
        #expect(found.inputs.map { "\($0.path.name)" } == ["song.wav"])
    }

    @Test func whatLeadsToNoFileIsNamed() throws {
        let folder = try TemporaryFolder()
        try folder.write("text.txt", "")
        let missing = folder.path.appending("missing.wav")
        let flat = InputWalk(isRecursive: false, output: "out").find([missing, folder.path])
        #expect(flat.misses.map(\.reason) == [.notFound, .isFolder])
        let deep = InputWalk(isRecursive: true, output: "out").find([folder.path])
        #expect(deep.misses.map(\.reason) == [.nothingInside])
    }

    @Test func aFileNamedTwiceIsTakenOnce() throws {
        let folder = try TemporaryFolder()
        try folder.write("song.wav", "")
        let path = folder.path.appending("song.wav")
        let found = InputWalk(isRecursive: true, output: "out").find([path, path, folder.path])
        #expect(found.inputs.count == 1)
    }
}

struct BatchPlanTests {
    private func plan(_ inputs: [FilePath], template: String = "{track}/{stem}.{ext}") throws
        -> BatchPlan
    {
        var found = InputWalk.Found()
        found.inputs = inputs.map { InputWalk.Input(path: $0, subfolder: "") }
        return BatchPlan(
            found, output: "out", template: try FilenameTemplate(template),
            selection: try StemSelection(.all, of: card()), fileExtension: "wav", model: "m")
    }

    @Test func eachStemHasItsPlace() throws {
        let plan = try plan(["a/song.flac"])
        #expect(plan.collisions.isEmpty)
        #expect(
            plan.tracks[0].outputs.map { "\($0.path)" } == [
                "out/song/drums.wav", "out/song/bass.wav", "out/song/vocals.wav",
                "out/song/other.wav",
            ])
    }

    @Test func twoInputsOfOneNameCollide() throws {
        let plan = try plan(["a/01.flac", "b/01.flac", "c/02.flac"])
        #expect(plan.collisions.count == 4)
        #expect(plan.collisions[0].first == "a/01.flac")
        #expect(plan.collisions[0].second == "b/01.flac")
    }

    @Test func aStemIsNeverWrittenOverAnInput() throws {
        let plan = try plan(["x/song.wav", "./out/song/drums.wav"])
        #expect(plan.collisions.map { "\($0.path)" } == ["out/song/drums.wav"])
    }
}

/// A card of these stems, from one net.
func card(stems: [String] = ["drums", "bass", "vocals", "other"]) throws -> ModelCard {
    let names = stems.map { "\"\($0)\"" }.joined(separator: ", ")
    let text = """
        {"format": 1, "name": "test", "sample_rate": 44100,
         "stft": {"window": "hann", "fft_size": 4096, "hop": 1024},
         "segment": {"frames": 64, "context": 8, "crossfade": 4}, "bins": 1024,
         "input": {"kind": "magnitude", "axes": ["batch", "channel", "frame", "bin"]},
         "output": {"kind": "mask", "axes": ["batch", "stem", "channel", "frame", "bin"]},
         "masks": {"join": "none", "above": "zeros"}, "stems": [\(names)],
         "nets": [{"file": "a.onnx", "sha256": "\(String(repeating: "0", count: 64))",
                   "stems": [\(names)]}]}
        """
    return try JSONDecoder().decode(ModelCard.self, from: Data(text.utf8))
}
