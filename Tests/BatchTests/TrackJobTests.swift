import AudioIO
import Foundation
import Models
import Signal
import Storage
import TestSupport
import Testing

@testable import Batch

/// Four stems whose shares of the mixture are 1/2, 1/4, 1/8 and the rest.
private func estimator(rehearsals: Int = 0) -> RuleEstimator {
    RuleEstimator(
        frames: 64, context: 8, crossfade: 4, stems: 4, rehearsals: rehearsals,
        geometry: STFTGeometry(fftSize: 1024, hop: 256)
    ) { stem, _, _ in [0.5, 0.25, 0.125, 0.125][stem] }
}

struct TrackJobTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// Writes a mixture of noise as integers of a WAV file.
    private func mixture(
        rate: Int, channels: Int, length: Int, bits: Int, name: String = "mix.wav"
    ) throws -> [[Int32]] {
        let step = Int32(1) << Int32(32 - bits)
        let samples = (0..<channels).map { channel in
            noise(length: length, seed: UInt64(channel + 1)).map {
                Int32($0 * 0.7 * 0x1p31) / step * step
            }
        }
        let writer = try AudioWriter(
            folder.path.appending(FilePath(name)), format: .wav,
            samples: SampleFormat(bits: bits), sampleRate: rate, channels: channels)
        try writer.write(integers: samples)
        try writer.publish()
        return samples
    }

    private func run(
        request: StemSelection.Request = .all, options: SeparationOptions = SeparationOptions(),
        estimator: RuleEstimator = estimator(), isCancelled: () -> Bool = { false },
        progressed: (Double, Double?) -> Void = { _, _ in }
    ) throws -> TrackReport {
        let selection = try StemSelection(request, of: card())
        let track = BatchPlan.Track(
            input: folder.path.appending("mix.wav"),
            outputs: selection.written.map {
                BatchPlan.Output(
                    stem: $0, path: folder.path.appending(FilePath("out/\($0).wav")))
            })
        let job = TrackJob(
            track: track, selection: selection, options: options, estimator: estimator,
            sampleRate: 44_100)
        return try job.run(isCancelled: isCancelled, started: { _ in }, progressed: progressed)
    }

    private func integers(_ stem: String) throws -> [[Int32]] {
        let reader = try AudioReader(folder.path.appending(FilePath("out/\(stem).wav")))
        var block = reader.makeBlock()
        var all = [[Int32]](repeating: [], count: reader.format.channels)
        while try reader.read(into: &block, count: 10_000) > 0 {
            let integers = try #require(block.integers)
            for channel in all.indices { all[channel] += integers[channel] }
        }
        return all
    }

    @Test(arguments: [8000, 22_050, 44_100, 48_000, 96_000], [(1, 16), (2, 24), (3, 32), (2, 8)])
    func integersOfTheStemsAddUpToTheMixture(rate: Int, layout: (channels: Int, bits: Int)) throws {
        let length = rate + 77
        let mix = try mixture(
            rate: rate, channels: layout.channels, length: length, bits: layout.bits)
        let report = try run()
        #expect(report.length == length)
        #expect(report.stems.map(\.stem) == [.drums, .bass, .vocals, .other])
        var sums = [[Int64]](
            repeating: [Int64](repeating: 0, count: length), count: layout.channels)
        for stem in ["drums", "bass", "vocals", "other"] {
            let samples = try integers(stem)
            #expect(samples.map(\.count) == mix.map(\.count))
            for channel in sums.indices {
                for n in 0..<length { sums[channel][n] += Int64(samples[channel][n]) }
            }
        }
        #expect(sums == mix.map { $0.map(Int64.init) })
    }

    @Test(arguments: [44_100, 48_000])
    func anEstimatorThatAsksForItHearsTheWholeTrackBefore(rate: Int) throws {
        _ = try mixture(rate: rate, channels: 3, length: 2 * rate, bits: 16)
        _ = try run()
        let expected = try ["drums", "other"].map { try integers($0) }
        let estimator = estimator(rehearsals: 2)
        var options = SeparationOptions()
        options.overwrites = true
        var seconds: [Double] = []
        let report = try run(
            options: options, estimator: estimator,
            progressed: { done, total in
                seconds.append(done)
                #expect(total == 2)
            })
        // Heard twice for a third of the way each, then written.
        #expect(seconds == seconds.sorted() && seconds[0] < 0.2 && seconds.last == 2)
        #expect(seconds.contains(2 / 3.0) && seconds.contains(4 / 3.0))
        // 348 frames in segments that advance by 44, for a pair of channels and a single one.
        let segments = (0..<8).flatMap { _ in [0, 1] }
        #expect(estimator.passes == [segments, segments, segments])
        #expect(report.length == 2 * rate)
        #expect(try ["drums", "other"].map { try integers($0) } == expected)
    }

    @Test(arguments: [44_100, 48_000, 32_000, 96_000])
    func stemsAreTimedAndScaledAsTheirMasksSay(rate: Int) throws {
        // Tones that every rate can hold; a sample of delay would show as an error near -1 dB.
        let tones = [440.0, 3150, 11_025.5].map { 2 * Double.pi * $0 / Double(rate) }
        let mix = (0..<2 * rate).map { n in
            tones.reduce(Float(0)) { $0 + Float(0.2 * sin($1 * Double(n))) }
        }
        let writer = try AudioWriter(
            folder.path.appending("mix.wav"), format: .wav, samples: .float32, sampleRate: rate,
            channels: 1)
        try writer.write(floats: [mix])
        try writer.publish()
        _ = try run()
        let reader = try AudioReader(folder.path.appending("out/drums.wav"))
        var block = reader.makeBlock()
        _ = try reader.read(into: &block, count: mix.count)
        #expect(block.count == mix.count)
        var (error, power) = (0.0, 0.0)
        // Away from the ends, where the tones begin and stop at once.
        for n in rate / 2..<3 * rate / 2 {
            error += pow(Double(block.floats[0][n]) - 0.5 * Double(mix[n]), 2)
            power += pow(Double(mix[n]), 2)
        }
        #expect(10 * log10(error / power) < -100)
    }

    @Test func twoStemsAddUpToTheMixture() throws {
        let mix = try mixture(rate: 48_000, channels: 2, length: 50_000, bits: 16)
        _ = try run(request: .two(.vocals))
        let (vocals, rest) = (try integers("vocals"), try integers("no_vocals"))
        for channel in 0..<2 {
            #expect(zip(vocals[channel], rest[channel]).map(&+) == mix[channel])
        }
        #expect(folder.files == ["mix.wav", "out/no_vocals.wav", "out/vocals.wav"])
    }

    @Test func aStretchIsTaken() throws {
        let mix = try mixture(rate: 44_100, channels: 1, length: 100_000, bits: 16)
        var options = SeparationOptions()
        options.start = 0.5
        options.duration = 1
        let report = try run(request: .two(.drums), options: options)
        #expect(report.length == 44_100)
        let (drums, rest) = (try integers("drums"), try integers("no_drums"))
        #expect(zip(drums[0], rest[0]).map(&+) == Array(mix[0][22_050..<66_150]))
    }

    @Test func stemsThatExistAreLeftAlone() throws {
        _ = try mixture(rate: 44_100, channels: 1, length: 1000, bits: 16)
        try folder.write("out/bass.wav", "precious")
        #expect(throws: TrackJob.Fault.self) { try run() }
        #expect(folder.files == ["mix.wav", "out/bass.wav"])
        var options = SeparationOptions()
        options.overwrites = true
        _ = try run(options: options)
        #expect(try integers("bass")[0].count == 1000)
    }

    @Test func aCancelledTrackLeavesNothing() throws {
        _ = try mixture(rate: 44_100, channels: 2, length: 200_000, bits: 16)
        var asked = 0
        #expect(throws: TrackJob.Fault.cancelled) {
            try run(isCancelled: {
                asked += 1
                return asked > 6
            })
        }
        #expect(folder.files == ["mix.wav"])
    }

    @Test(arguments: [1, 2, 500])
    func theShortestSoundsAreSeparated(length: Int) throws {
        let mix = try mixture(rate: 44_100, channels: 2, length: length, bits: 16)
        #expect(try run().length == length)
        #expect(try integers("other").map(\.count) == mix.map(\.count))
    }
}
