import Evaluation
import Storage
import TestSupport
import Testing

struct EvaluationPlanTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func plan(_ references: String = "r", _ estimates: String = "e") throws
        -> EvaluationPlan
    {
        try EvaluationPlan(
            references: folder.path.appending(FilePath(references)),
            estimates: folder.path.appending(FilePath(estimates)), extensions: ["wav", "flac"])
    }

    @Test func foldersLikeThoseOfMUSDBArePaired() throws {
        for stem in ["vocals", "drums", "bass", "other", "mixture"] {
            try folder.write("r/test/A song/\(stem).wav", "")
            try folder.write("r/train/B/\(stem).wav", "")
        }
        for stem in ["vocals", "drums", "bass"] {
            try folder.write("e/test/A song/\(stem).flac", "")
            try folder.write("e/B/\(stem.uppercased()).wav", "")
        }
        try folder.write("e/B/piano.wav", "")
        try folder.write("e/B/notes.txt", "")
        let plan = try plan()
        #expect(plan.tracks.map(\.name) == ["A song", "B"])
        #expect(plan.tracks[0].stems.map(\.name) == ["bass", "drums", "vocals"])
        #expect(plan.tracks[0].missing == ["other"])
        #expect(plan.tracks[0].unknown == [])
        #expect(plan.tracks[1].unknown == ["piano"])
        #expect(plan.withoutEstimates == [])
    }

    @Test func oneTrackCanBeNamedItself() throws {
        for stem in ["vocals", "drums"] {
            try folder.write("r/\(stem).wav", "")
            try folder.write("e/\(stem).wav", "")
        }
        #expect(try plan().tracks.map { $0.stems.count } == [2])
    }

    @Test(arguments: ["accompaniment", "no_vocals", "instrumental"])
    func allButTheVocalsIsTheSumOfTheRest(name: String) throws {
        for stem in ["vocals", "drums", "bass"] { try folder.write("r/t/\(stem).wav", "") }
        for stem in ["vocals", name] { try folder.write("e/t/\(stem).wav", "") }
        let track = try #require(try plan().tracks.first)
        #expect(track.stems.map(\.name) == ["vocals", "accompaniment"])
        #expect(track.stems[1].references.map(\.name) == ["bass.wav", "drums.wav"])
        #expect(track.missing == [] && track.unknown == [])
    }

    @Test func whatIsNotThereIsTold() throws {
        try folder.write("r/a/vocals.wav", "")
        try folder.write("r/b/vocals.wav", "")
        try folder.write("e/a/vocals.wav", "")
        #expect(try plan().withoutEstimates.map(\.name) == ["b"])
        try folder.write("r/a/vocals.flac", "")
        #expect(throws: EvaluationPlan.Fault.self) { try plan() }
        try folder.write("empty/file.txt", "")
        #expect(throws: EvaluationPlan.Fault.self) { try plan("empty") }
        #expect(throws: EvaluationPlan.Fault.self) { try plan("nowhere") }
    }
}
