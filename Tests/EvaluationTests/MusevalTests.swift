import Evaluation
import Foundation
import Inference
import Storage
import Testing

/// Tracks that the museval package has scored; see `scripts/evaluation/make_cases.py`.
struct MusevalTests {
    /// One ratio of each window, by its name; nil where museval has no number.
    typealias Scores = [String: [String: [String: [Double?]]]]

    private struct File: Decodable {
        let tracks: Scores
    }

    static let folder = ProcessInfo.processInfo.environment["UNBRAID_EVALUATION_CASES"]

    static let scores: Scores = {
        guard let folder, let data = FileManager.default.contents(atPath: folder + "/scores.json")
        else { return [:] }
        return (try? JSONDecoder().decode(File.self, from: data))?.tracks ?? [:]
    }()

    @Test(
        .enabled(if: !scores.isEmpty, "UNBRAID_EVALUATION_CASES names no folder"),
        arguments: scores.keys.sorted())
    func ratiosAreMusevals(name: String) throws {
        let folder = FilePath(try #require(Self.folder))
        let plan = try EvaluationPlan(
            references: folder.appending("references"), estimates: folder.appending("estimates"),
            extensions: ["wav"])
        let track = try #require(plan.tracks.first { $0.name == name })
        let result = try TrackEvaluation(track, pool: WorkerPool(threads: 2))
        let expected = try #require(Self.scores[name])
        #expect(result.stems.map(\.name) == expected.keys.sorted())
        var greatest = 0.0
        for stem in result.stems {
            let windows = stem.scores.windows
            for (ratio, path) in zip(["sdr", "isr", "sir", "sar"], StemSummary.order) {
                let values = try #require(expected[stem.name]?[ratio])
                #expect(values.count == windows.count)
                for (index, value) in values.enumerated() {
                    let found = windows[index]?[keyPath: path]
                    // What is infinite has no number in museval's files.
                    #expect((value == nil) == (found.map { !$0.isFinite } ?? true))
                    guard let value, let found else { continue }
                    greatest = max(greatest, abs(found - value))
                }
            }
        }
        print("\(name): at most \(String(format: "%.6f", greatest)) dB from museval")
        #expect(greatest < 0.01)
    }
}
