import Foundation
import TestSupport
import Testing

struct EvaluateTests {
    private let program: Program

    init() throws { program = try Program() }

    /// Writes two stems a track; noise depends on the name and length.
    private func writeStems(_ folder: String, rate: Int = 8000, seconds: Double = 2.5) throws {
        try program.writeNoise("\(folder)/vocals.wav", seconds: seconds, rate: rate)
        try program.writeNoise("\(folder)/other.wav", seconds: seconds, rate: rate)
    }

    @Test func stemsAreScoredAsATable() throws {
        try writeStems("true/song")
        try writeStems("found/song")
        let run = try program.run("evaluate", "true", "found", model: nil)
        #expect(run.status == 0, "\(run.errors)")
        let lines = run.output.split(separator: "\n")
        #expect(lines.count == 5)
        #expect(lines[0].contains("SDR") && lines[0].contains("SI-SDR"))
        #expect(lines[1].hasPrefix("song") && lines[1].contains("other"))
        #expect(lines[3].hasPrefix("median of 1"))
    }

    @Test func stemsAreScoredAsJSON() throws {
        struct Line: Decodable {
            struct Stem: Decodable {
                struct Windows: Decodable { let sdr: [Double?] }
                let stem: String
                let sdr: Double?
                let trackSdr: Double?
                let windows: Windows?
            }
            let event: String
            let stems: [Stem]
        }
        try writeStems("true/song")
        try program.writeNoise("found/song/vocals.wav", seconds: 2)
        try program.writeNoise("found/song/other.wav", seconds: 2.5)
        let run = try program.run("evaluate", "true", "found", "--json", model: nil)
        #expect(run.status == 0, "\(run.errors)")
        #expect(run.errors.contains("4000 samples shorter"))
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let lines = try run.output.split(separator: "\n").map {
            try decoder.decode(Line.self, from: Data($0.utf8))
        }
        #expect(lines.map(\.event) == ["track", "median"])
        #expect(lines[0].stems.map(\.stem) == ["other", "vocals"])
        #expect(lines[0].stems.map { $0.windows?.sdr.count } == [2, 2])
        // Noise of another seed has as much of the reference as chance gives it.
        #expect(abs((lines[0].stems[1].trackSdr ?? 0) + 3) < 1)
    }

    @Test func whatCannotBeComparedIsNamedAndTheRestIsScored() throws {
        try writeStems("true/good")
        try writeStems("found/good")
        try writeStems("true/rate")
        try writeStems("found/rate", rate: 11_025)
        try writeStems("true/alone")
        try writeStems("true/names")
        try program.writeNoise("found/names/piano.wav")
        try writeStems("true/damaged")
        try program.folder.write("found/damaged/vocals.wav", "RIFF")
        try writeStems("true/part")
        try program.writeNoise("found/part/vocals.wav", seconds: 2.5)
        let run = try program.run("evaluate", "true", "found", model: nil)
        #expect(run.status == 1)
        #expect(run.output.contains("median of"))
        for text in [
            "true/alone: there are no estimates", "has 11025 Hz", "true/names: none of its stems",
            "found/damaged/vocals.wav", "true/part: there is no estimate of other",
            "vocals alone has nothing to interfere",
        ] {
            #expect(run.errors.contains(text), "\(text)")
        }
        #expect(run.output.contains("good "))
    }

    @Test func foldersWithoutStemsAreNoTracks() throws {
        try program.folder.write("true/readme.txt", "")
        let run = try program.run("evaluate", "true", "found", model: nil)
        #expect(run.status == 1)
        #expect(run.errors.contains("has no folder of stems in it"))
        #expect(try program.run("evaluate", "nowhere", "found", model: nil).status == 1)
    }
}
