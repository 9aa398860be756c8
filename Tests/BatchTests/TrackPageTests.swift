import AudioIO
import Foundation
import Models
import Reports
import Signal
import Storage
import TestSupport
import Testing

@testable import Batch

struct TrackPageTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// Separates two seconds of noise into halves, a page with it.
    private func run(
        name: FilePath = "mix.wav", request: StemSelection.Request = .two(.vocals),
        channels: Int = 2, rate: Int = 44_100, sound: ReportOptions.Sound = .embedded,
        overwrites: Bool = false
    ) throws -> TrackReport {
        let writer = try AudioWriter(
            folder.path.appending(name), format: .wav, samples: .int16, sampleRate: rate,
            channels: channels)
        try writer.write(
            integers: (0..<channels).map { channel in
                noise(length: 2 * rate, seed: UInt64(channel)).map { Int32($0 * 1e9) }
            })
        try writer.publish(overwriting: true)
        let card = try JSONDecoder().decode(ModelCard.self, from: Data(Self.card.utf8))
        let selection = try StemSelection(request, of: card)
        let track = BatchPlan.Track(
            input: folder.path.appending(name),
            outputs: selection.written.map {
                BatchPlan.Output(
                    stem: $0, path: folder.path.appending(FilePath("out/\($0).wav")))
            })
        var options = SeparationOptions()
        options.overwrites = overwrites
        var report = ReportOptions()
        report.sound = sound
        options.report = report
        let estimator = RuleEstimator(
            frames: 64, context: 8, crossfade: 4, stems: 2,
            geometry: STFTGeometry(fftSize: 1024, hop: 256)
        ) { _, _, _ in 0.5 }
        let job = TrackJob(
            track: track, selection: selection, options: options, estimator: estimator,
            sampleRate: 44_100)
        return try job.run(isCancelled: { false }, started: { _ in }, progressed: { _, _ in })
    }

    private static let card = """
        {"format": 1, "name": "half", "sample_rate": 44100, "license": "CC0-1.0",
         "stft": {"window": "hann", "fft_size": 1024, "hop": 256},
         "segment": {"frames": 64, "context": 8, "crossfade": 4}, "bins": 400,
         "input": {"kind": "magnitude", "axes": ["batch", "channel", "frame", "bin"]},
         "output": {"kind": "mask", "axes": ["batch", "stem", "channel", "frame", "bin"]},
         "masks": {"join": "none", "above": "zeros"}, "stems": ["vocals", "other"],
         "nets": [{"file": "a.onnx", "sha256": "\(String(repeating: "0", count: 64))",
                   "stems": ["vocals", "other"]}]}
        """

    private func data(_ report: TrackReport) throws -> [String: Any] {
        let path = try #require(report.extras.first { $0.kind == "report" }).path
        let page = String(decoding: try Data(contentsOf: URL(filePath: "\(path)")), as: UTF8.self)
        let start = try #require(page.range(of: "id=\"data\">"))
        let end = try #require(page[start.upperBound...].range(of: "</script>"))
        let json = Data(page[start.upperBound..<end.lowerBound].utf8)
        return try #require(try JSONSerialization.jsonObject(with: json) as? [String: Any])
    }

    @Test(arguments: [
        (1, 44_100, 44_100), (2, 48_000, 48_000), (2, 8000, 48_000), (3, 96_000, 48_000),
    ])
    func aPageLiesBesideTheStems(channels: Int, rate: Int, clipRate: Int) throws {
        let report = try run(channels: channels, rate: rate)
        #expect(report.warnings == [])
        let extra = try #require(report.extras.first)
        #expect(extra.kind == "report")
        #expect(extra.path == folder.path.appending("out/mix.report.html"))
        #expect(try SHA256Digest(ofFileAt: extra.path) == extra.sha256)
        let data = try data(report)
        let lanes = try #require(data["lanes"] as? [[String: Any]])
        #expect(lanes.map { $0["name"] as? String } == ["mix", "vocals", "no_vocals"])
        #expect(lanes.map { $0["isSum"] as? Bool } == [true, false, false])
        #expect(
            lanes.map { $0["file"] as? String } == ["../mix.wav", "vocals.wav", "no_vocals.wav"])
        let clips = try #require(data["clips"] as? [String: Any])
        #expect(clips["rate"] as? Int == clipRate && clips["count"] as? Int == 1)
        // Masks of one half: both are there all the time, and where nothing is resampled nothing is
        // sure.
        #expect(report.stems.allSatisfy { $0.presence.activity == 1 })
        if rate == 44_100 {
            #expect(report.stems.allSatisfy { $0.presence.certainty < 0.03 })
        }
    }

    @Test func theSameTrackHasTheSamePage() throws {
        let first = try run()
        let second = try run(overwrites: true)
        #expect(first.extras == second.extras)
    }

    @Test func withoutAllStemsTheMixIsTheInput() throws {
        let data = try data(try run(request: .some([.vocals]), sound: .beside))
        let lanes = try #require(data["lanes"] as? [[String: Any]])
        #expect(lanes.map { $0["isSum"] as? Bool } == [false, false])
        #expect(data["clips"] == nil)
    }

    @Test func aPageThatCannotBeWrittenIsAWarning() throws {
        let page = folder.url.appending(path: "out/mix.report.html")
        try FileManager.default.createDirectory(at: page, withIntermediateDirectories: true)
        let report = try run()
        #expect(report.extras == [])
        #expect(report.warnings.count == 1)
        #expect(try folder.names().contains("out"))
        #expect(try FileSystem.status(of: folder.path.appending("out/vocals.wav")) != nil)
        let left = try FileSystem.names(in: folder.path.appending("out"))
        #expect(!left.contains { PendingFile.isTemporary($0) })
    }

    @Test(arguments: [
        ("a.wav", ".", "a.wav"), ("x/a.wav", "x", "a.wav"), ("x/a.wav", "x/y", "../a.wav"),
        ("/m/a b#?%.wav", "/m/n/./o", "../../a%20b%23%3F%25.wav"), ("x/../ü", "y/..", "%C3%BC"),
        ("/a/b", "/c", "../a/b"),
    ])
    func filesAreAddressedFromTheFolderOfThePage(file: String, folder: String, address: String) {
        #expect(RelativeAddress.of(FilePath(file), from: FilePath(folder)) == address)
    }

    @Test func namesThatAreNoUTF8AreAddressedByTheirBytes() {
        let path = FilePath(bytes: [0x61, 0xFF, 0x2F, 0x0A])
        #expect(RelativeAddress.of(path, from: ".") == "a%FF/%0A")
    }

    @Test(arguments: [1, 441_000 - 1, 441_000, 441_001, 1_000_000])
    func clipsHoldEverySampleAtItsPlace(length: Int) {
        let samples = (0..<length).map { Float($0) }
        let facts = ClipCutter.facts(sampleRate: 44_100, length: length)
        var cutter = ClipCutter(channels: 1, sampleRate: 44_100, length: length)
        var clips: [(index: Int, samples: [[Float]])] = []
        for start in stride(from: 0, to: length, by: 30_000) {
            let end = min(start + 30_000, length)
            cutter.push([Array(samples[start..<end])])
            while let clip = cutter.next(atEnd: end == length) { clips.append(clip) }
        }
        #expect(clips.map(\.index) == Array(0..<facts.count))
        for clip in clips {
            let lead = clip.index > 0 ? facts.lead : 0
            let first = clip.index * facts.samples - lead
            let heard = min(length, (clip.index + 1) * facts.samples) - first
            #expect(clip.samples[0].count >= heard)
            #expect(clip.samples[0].first == Float(first))
            #expect(clip.samples[0].last == Float(first + clip.samples[0].count - 1))
        }
    }
}
