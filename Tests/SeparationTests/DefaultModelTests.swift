import Foundation
import Models
import Signal
import Storage
import TestSupport
import Testing

@testable import Separation

/// The model that ships, as a user gets it.
@Suite(.serialized) struct DefaultModelTests {
    private static let model = Result {
        let root = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        return try Model(at: FilePath(root.appending(path: "Weights/default").path))
    }

    private func separate(_ track: [[Float]], stems: [Int], threads: Int = 2) throws -> StemBlock {
        let estimator = try StemEstimator(model: Self.model.get(), threads: threads)
        let separator = TrackSeparator(
            estimator: estimator, channels: track.count, stems: stems)
        var output = StemBlock(stems: stems.count, channels: track.count)
        try separator.push(track, appendingTo: &output)
        try separator.finish(appendingTo: &output)
        return output
    }

    /// Tones whose phase turns by whole turns in a hop, so that every frame is the same.
    private func steadySound(seconds: Int) throws -> [[Float]] {
        let card = try Self.model.get().card
        let length = seconds * Int(card.sampleRate)
        let cycle = card.geometry.hop
        let turns = [2, 5, 7, 11, 23, 40, 90, 200]
        let wave = (0..<cycle).map { n in
            turns.reduce(Float(0)) { sum, k in
                sum + Float(0.08 * sin(2 * Double.pi * Double(k * n) / Double(cycle) + Double(k)))
            }
        }
        let channel = (0..<length).map { wave[$0 % cycle] }
        return [channel, channel.map { 0.7 * $0 }]
    }

    /// A stem that is part of the sound keeps its level to 0.05 dB; in one that is next to nothing
    /// of it, no change comes within 60 dB of the sound itself.
    @Test func aSteadySoundStaysSteadyThroughAllSegments() throws {
        let card = try Self.model.get().card
        let sound = try steadySound(seconds: 60)
        let stems = try separate(sound, stems: [0, 1, 2, 3])
        let hop = card.geometry.hop
        // What the beginning and the end of the sound do to the net is over after a segment.
        let frames = card.segment.frames..<stems.length / hop - card.segment.frames
        #expect(frames.count > 3 * card.segment.advance)
        func level(_ channel: [Float], _ frame: Int) -> Double {
            (0..<hop).reduce(0.0) { $0 + pow(Double(channel[frame * hop + $1]), 2) }.squareRoot()
        }
        let whole = level(sound[0], frames.lowerBound)
        for stem in stems.samples {
            let levels = frames.map { level(stem[0], $0) }.sorted()
            let (lowest, highest) = (levels[0], levels[levels.count - 1])
            let isSteady = 20 * log10(highest / lowest) < 0.05
            #expect(isSteady || 20 * log10((highest - lowest) / whole) < -60)
        }
    }

    @Test func stemsAreTheSameBitsOnAnyNumberOfThreads() throws {
        let track = [noise(length: 60_000, seed: 1), noise(length: 60_000, seed: 2)]
        let one = try separate(track, stems: [0, 2], threads: 1)
        #expect(try separate(track, stems: [0, 2], threads: 2).samples == one.samples)
        #expect(try separate(track, stems: [0, 2], threads: 3).samples == one.samples)
    }

    @Test func masksAddUpToOne() throws {
        let track = [noise(length: 60_000, seed: 3), noise(length: 60_000, seed: 4)]
        let stems = try separate(track, stems: [0, 1, 2, 3])
        for channel in 0..<2 {
            for n in stride(from: 0, to: 60_000, by: 7) {
                let sum = stems.samples.reduce(Float(0)) { $0 + $1[channel][n] }
                #expect(abs(sum - track[channel][n]) < 1e-4)
            }
        }
    }

    /// Those of the context too, which a separation leaves out.
    @Test func stemsOfEveryFrameOfASegmentAddUp() throws {
        let estimator = try StemEstimator(model: Self.model.get(), threads: 2)
        let (frames, context) = (estimator.segment.frames, estimator.segment.context)
        let bins = estimator.geometry.bins
        var mixture = Spectrogram(channels: 2, frames: frames, bins: bins)
        let sound = noise(length: 2 * mixture.values.count, seed: 6)
        for index in mixture.values.indices {
            mixture.values[index] = SIMD2(sound[2 * index], sound[2 * index + 1])
        }
        try estimator.estimate(mixture)
        for frame in [0, context - 1, context, frames / 2, frames - context, frames - 1] {
            for channel in 0..<2 {
                let part = mixture.values.span.extracting(
                    mixture.range(channel: channel, frame: frame))
                var sum = [SIMD2<Float>](repeating: .zero, count: bins)
                var span = sum.mutableSpan
                for stem in 0..<estimator.stemCount {
                    estimator.put(
                        stem: stem, channel: channel, frame: frame, weight: 1, mixture: part,
                        adding: stem > 0, to: &span)
                }
                for bin in 0..<bins {
                    let difference = sum[bin] - part[bin]
                    #expect((difference * difference).sum() < 1e-9)
                }
            }
        }
    }

    @Test func aMonoTrackGivesWhatTheSameOnBothSidesGives() throws {
        let sound = noise(length: 50_000, seed: 5)
        let mono = try separate([sound], stems: [0, 1])
        let stereo = try separate([sound, sound], stems: [0, 1])
        for stem in 0..<2 {
            for n in 0..<50_000 {
                let both = (stereo.samples[stem][0][n] + stereo.samples[stem][1][n]) / 2
                #expect(abs(mono.samples[stem][0][n] - both) < 1e-5)
            }
        }
    }

    /// Three seconds alone, and the same three seconds before silence that fills the segment.
    @Test func aShortTrackSoundsAsInAWholeSegment() throws {
        let card = try Self.model.get().card
        #expect(card.segment.short != nil)
        let rate = Int(card.sampleRate)
        let sound = try steadySound(seconds: 3)
        let filled = sound.map {
            $0 + [Float](repeating: 0, count: card.segment.frames * card.geometry.hop - $0.count)
        }
        let short = try separate(sound, stems: [0, 1, 2, 3])
        let whole = try separate(filled, stems: [0, 1, 2, 3])
        for stem in 0..<4 {
            var (difference, power) = (0.0, 0.0)
            // The end itself differs: there the sound breaks off, or goes over into silence.
            for n in 0..<3 * rate - card.geometry.fftSize {
                difference += pow(
                    Double(short.samples[stem][0][n] - whole.samples[stem][0][n]), 2)
                power += pow(Double(sound[0][n]), 2)
            }
            #expect(10 * log10(difference / power) < -30)
        }
    }

    @Test func silenceStaysSilent() throws {
        let silence = [[Float]](repeating: [Float](repeating: 0, count: 50_000), count: 2)
        let stems = try separate(silence, stems: [0, 1, 2])
        #expect(stems.samples.allSatisfy { $0.allSatisfy { $0.allSatisfy { $0 == 0 } } })
    }
}
