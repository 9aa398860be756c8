import Foundation
import Models
import Signal
import TestSupport
import Testing

@testable import Separation

struct TrackSeparatorTests {
    @Test(arguments: [1, 63, 64, 65, 1000, 10_007], 1...5)
    func stemsHaveTheLengthAlignmentAndGainOfTheirRule(length: Int, channels: Int) throws {
        let gains: [[Float]] = [[0.25, 0.5], [0.75, 0.125]]
        let estimator = RuleEstimator { stem, channel, _ in gains[stem][channel] }
        let track = (0..<channels).map { noise(length: length, seed: UInt64($0 + 1)) }
        let stems = try separate(track, with: estimator, stems: [0, 1], blocks: [777])
        #expect(stems.length == length)
        for stem in 0..<2 {
            for channel in 0..<channels {
                let isMono = channels % 2 == 1 && channel == channels - 1
                let gain =
                    isMono ? (gains[stem][0] + gains[stem][1]) / 2 : gains[stem][channel % 2]
                for (output, input) in zip(stems.samples[stem][channel], track[channel]) {
                    #expect(abs(output - gain * input) < 1e-6)
                }
            }
        }
    }

    @Test(arguments: [128, 150, 192, 193, 256, 1000])
    func aLeadInOfAnyLengthIsNotHeard(leadIn: Int) throws {
        let geometry = STFTGeometry(fftSize: 256, hop: 64, leadIn: leadIn)
        let estimator = RuleEstimator(geometry: geometry) { _, _, _ in 0.5 }
        for length in [1, 64, 5000, 10_007] {
            let track = [noise(length: length, seed: 3), noise(length: length, seed: 4)]
            let stems = try separate(track, with: estimator, stems: [0], blocks: [777])
            for channel in 0..<2 {
                #expect(stems.samples[0][channel].count == length)
                for (output, input) in zip(stems.samples[0][channel], track[channel]) {
                    #expect(abs(output - 0.5 * input) < 1e-6)
                }
            }
        }
    }

    @Test func edgesOfASegmentThatTheContextCoversAreNotHeard() throws {
        let estimator = RuleEstimator { _, _, frame in (4..<20).contains(frame) ? 0.5 : 9 }
        let track = [noise(length: 20_000, seed: 1), noise(length: 20_000, seed: 2)]
        let stems = try separate(track, with: estimator, stems: [0], blocks: [5000])
        #expect(estimator.segments > 10)
        for channel in 0..<2 {
            for (output, input) in zip(stems.samples[0][channel], track[channel]) {
                #expect(abs(output - 0.5 * input) < 1e-6)
            }
        }
    }

    @Test func segmentsThatDisagreeAreBlendedWithoutAStep() throws {
        // Kept frames run from 0 to 1 within each segment: at a hard join the gain would jump.
        let estimator = RuleEstimator(frames: 40, context: 4, crossfade: 12) { _, _, frame in
            Float(frame - 4) / 31
        }
        let length = 30_000
        let stems = try separate(
            [[Float](repeating: 1, count: length)], with: estimator, stems: [0], blocks: [length])
        let output = stems.samples[0][0]
        var steepest: Float = 0
        for n in 2000..<length - 2000 { steepest = max(steepest, abs(output[n] - output[n - 64])) }
        // Over 12 frames the gain falls from about 0.8 to 0.2, and a hop is one frame.
        #expect(steepest < 0.1)
        #expect(steepest > 0.01)
    }

    @Test(arguments: [[1, 2, 3], [64], [100_000], [5, 4096]])
    func blocksOfAnySizeGiveTheSameBits(blocks: [Int]) throws {
        func estimator() -> RuleEstimator {
            RuleEstimator { stem, channel, frame in Float(stem + channel + frame) / 30 }
        }
        let track = (0..<3).map { noise(length: 9001, seed: UInt64($0 + 5)) }
        let whole = try separate(track, with: estimator(), stems: [1, 0], blocks: [9001])
        let cut = try separate(track, with: estimator(), stems: [1, 0], blocks: blocks)
        #expect(cut.samples == whole.samples)
    }

    @Test func aSubsetOfStemsEqualsTheSameStemsAmongAll() throws {
        func estimator() -> RuleEstimator {
            RuleEstimator { stem, _, _ in stem == 0 ? 0.3 : 0.6 }
        }
        let track = [noise(length: 4000, seed: 9)]
        let all = try separate(track, with: estimator(), stems: [0, 1], blocks: [999])
        let one = try separate(track, with: estimator(), stems: [1], blocks: [999])
        #expect(one.samples[0] == all.samples[1])
    }

    /// Of 24 frames a segment keeps 16 and advances by 13; the transform has 64 samples a frame, and
    /// 3 frames of lead-in.
    @Test(arguments: [(1, 8), (64, 8), (200, 12), (600, 16), (640, 16), (641, 24), (2000, 24)])
    func aShortTrackTakesASegmentOfItsOwnLength(length: Int, frames: Int) throws {
        let rule: (Int, Int, Int) -> Float = { stem, channel, _ in Float(1 + stem + channel) / 8 }
        let short = RuleEstimator(
            short: ModelCard.Segment.Short(multiple: 4, edge: 1), gain: rule)
        let whole = RuleEstimator(gain: rule)
        let track = (0..<3).map { noise(length: length, seed: UInt64($0 + 1)) }
        let stems = try separate(track, with: short, stems: [0, 1], blocks: [100])
        let expected = try separate(track, with: whole, stems: [0, 1], blocks: [100])
        #expect(short.lastFrames == frames)
        #expect(stems.samples == expected.samples)
    }

    /// Whoever gives a track up, or sees it fail, uses the estimator for the next one at once.
    @Test(arguments: [nil, 1, 3])
    func aTrackThatIsGivenUpLeavesTheEstimatorToOthers(failing: Int?) throws {
        let estimator = SlowEstimator(failing: failing)
        func begin() throws {
            let separator = TrackSeparator(estimator: estimator, channels: 1, stems: [0])
            var output = StemBlock(stems: 1, channels: 1)
            try separator.push([noise(length: 5000, seed: 1)], appendingTo: &output)
        }
        if failing == nil {
            try begin()
        } else {
            #expect(throws: SlowEstimator.Fault.self) { try begin() }
        }
        #expect(estimator.begun == failing ?? 5)
        #expect(estimator.ended == estimator.begun)
    }

    @Test func anEmptyTrackGivesEmptyStems() throws {
        let estimator = RuleEstimator { _, _, _ in 1 }
        let stems = try separate([[]], with: estimator, stems: [0], blocks: [1])
        #expect(stems.length == 0)
    }
}

/// Takes its time for each segment, and fails at one of them.
private final class SlowEstimator: SegmentEstimating {
    struct Fault: Error {}

    let segment = ModelCard.Segment(frames: 24, context: 4, crossfade: 3, short: nil)
    let geometry = STFTGeometry(fftSize: 256, hop: 64)
    let stemCount = 1
    private let failing: Int?
    private(set) var begun = 0
    private(set) var ended = 0

    init(failing: Int?) { self.failing = failing }

    func estimate(_ mixture: Spectrogram) throws {
        begun += 1
        Thread.sleep(forTimeInterval: 0.05)
        ended += 1
        if begun == failing { throw Fault() }
    }

    func put(
        stem: Int, channel: Int, frame: Int, weight: Float, mixture: Span<SIMD2<Float>>,
        adding: Bool, to sum: inout MutableSpan<SIMD2<Float>>
    ) {}

    func concurrently(_ count: Int, _ body: (Int) -> Void) {
        for index in 0..<count { body(index) }
    }
}

private func separate(
    _ track: [[Float]], with estimator: RuleEstimator, stems: [Int], blocks: [Int]
) throws -> StemBlock {
    let separator = TrackSeparator(estimator: estimator, channels: track.count, stems: stems)
    var output = StemBlock(stems: stems.count, channels: track.count)
    var position = 0
    var turn = 0
    while position < track[0].count {
        let end = min(track[0].count, position + blocks[turn % blocks.count])
        try separator.push(track.map { Array($0[position..<end]) }, appendingTo: &output)
        position = end
        turn += 1
    }
    try separator.finish(appendingTo: &output)
    return output
}
