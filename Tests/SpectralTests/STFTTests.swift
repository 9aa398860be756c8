import Signal
import TestSupport
import Testing

@testable import Spectral

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

struct STFTAgainstDefinitionTests {
    /// The transform by its definition, in double precision: the reference that shares no code.
    static func frame(
        _ k: Int, of signal: [Float], _ geometry: STFTGeometry
    ) -> [SIMD2<Double>] {
        let n = geometry.fftSize
        let start = k * geometry.hop - (n - geometry.hop)
        let offset = (n - geometry.windowLength) / 2
        return (0..<geometry.bins).map { bin in
            var sum = SIMD2<Double>.zero
            for i in 0..<geometry.windowLength {
                let at = start + offset + i
                guard signal.indices.contains(at) else { continue }
                let phase = 2 * Double.pi * Double(i) / Double(geometry.windowLength)
                let window =
                    switch geometry.window {
                    case .hann: 0.5 - 0.5 * cos(phase)
                    case .rootHann: sin(phase / 2)
                    case .hamming: 0.54 - 0.46 * cos(phase)
                    case .rectangular: 1.0
                    }
                let angle = -2 * Double.pi * Double(bin * (offset + i) % n) / Double(n)
                sum += Double(signal[at]) * window * SIMD2(cos(angle), sin(angle))
            }
            return sum
        }
    }

    @Test(arguments: [
        STFTGeometry(fftSize: 64, hop: 16),
        STFTGeometry(window: .rootHann, fftSize: 60, hop: 30),
        STFTGeometry(window: .hamming, fftSize: 128, hop: 32),
        STFTGeometry(window: .rectangular, fftSize: 32, hop: 32),
        STFTGeometry(window: .hann, windowLength: 48, fftSize: 64, hop: 12),
    ])
    func framesEqualTheDefinition(geometry: STFTGeometry) {
        let signal = noise(length: 500, seed: 3)
        let frames = allFrames(of: signal, geometry, blocks: [500])
        #expect(frames.count == geometry.frames(forLength: 500))
        for (k, frame) in frames.enumerated() {
            let expected = Self.frame(k, of: signal, geometry)
            for (value, reference) in zip(frame, expected) {
                let difference = SIMD2<Double>(value) - reference
                #expect((difference * difference).sum().squareRoot() < 2e-5)
            }
        }
    }
}

struct STFTStreamTests {
    @Test(
        arguments: [
            STFTGeometry(fftSize: 4096, hop: 1024),
            STFTGeometry(fftSize: 2048, hop: 512),
            STFTGeometry(window: .rootHann, fftSize: 2048, hop: 1024),
            STFTGeometry(window: .hamming, fftSize: 1024, hop: 256),
            STFTGeometry(window: .rectangular, fftSize: 512, hop: 512),
            STFTGeometry(windowLength: 3000, fftSize: 4096, hop: 700),
        ], [1, 1023, 50_000])
    func inverseGivesTheSignalBackBelowMinus120Decibels(geometry: STFTGeometry, length: Int) {
        let signal = noise(length: length, seed: 7)
        let output = inverse(of: allFrames(of: signal, geometry, blocks: [length]), geometry)
        #expect(output.count >= length)
        var error = 0.0
        var power = 0.0
        for (a, b) in zip(signal, output) {
            error += Double(a - b) * Double(a - b)
            power += Double(a) * Double(a)
        }
        #expect(10 * log10(error / power) < -120)
    }

    @Test(arguments: [[1], [7, 1, 1024], [4096], [100_000], [333, 5000]])
    func blocksOfAnySizeGiveTheSameBits(blocks: [Int]) {
        let geometry = STFTGeometry(fftSize: 1024, hop: 256)
        let signal = noise(length: 20_000, seed: 11)
        let whole = allFrames(of: signal, geometry, blocks: [20_000])
        #expect(allFrames(of: signal, geometry, blocks: blocks) == whole)
    }

    @Test func aShiftByAHopShiftsTheFrames() {
        let geometry = STFTGeometry(fftSize: 1024, hop: 256)
        let signal = noise(length: 8192, seed: 5)
        let frames = allFrames(of: signal, geometry, blocks: [8192])
        let later = allFrames(
            of: [Float](repeating: 0, count: 256) + signal, geometry, blocks: [8192])
        #expect(Array(later.dropFirst()) == frames)
    }

    @Test func aTransformRunsOnManyThreadsAtOnce() async {
        let geometry = STFTGeometry(fftSize: 2048, hop: 512)
        let signal = noise(length: 30_000, seed: 2)
        let expected = allFrames(of: signal, geometry, blocks: [30_000])
        let transform = FourierTransform(size: 2048)
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    allFrames(of: signal, geometry, blocks: [900], transform) == expected
                }
            }
            for await same in group { #expect(same) }
        }
    }
}

func allFrames(
    of signal: [Float], _ geometry: STFTGeometry, blocks: [Int],
    _ transform: FourierTransform? = nil
) -> [[SIMD2<Float>]] {
    var analyzer = STFTAnalyzer(
        geometry, transform: transform ?? FourierTransform(size: geometry.fftSize))
    var frames: [[SIMD2<Float>]] = []
    func drain(_ analyzer: inout STFTAnalyzer) {
        while analyzer.hasFrame {
            var frame = [SIMD2<Float>](repeating: .zero, count: geometry.bins)
            var span = frame.mutableSpan
            analyzer.readFrame(into: &span)
            frames.append(frame)
        }
    }
    var position = 0
    var turn = 0
    while position < signal.count {
        let end = min(signal.count, position + blocks[turn % blocks.count])
        analyzer.push(signal.span.extracting(position..<end))
        drain(&analyzer)
        position = end
        turn += 1
    }
    analyzer.finish()
    drain(&analyzer)
    return frames
}

func inverse(of frames: [[SIMD2<Float>]], _ geometry: STFTGeometry) -> [Float] {
    var synthesizer = STFTSynthesizer(
        geometry, transform: FourierTransform(size: geometry.fftSize))
    var output: [Float] = []
    for frame in frames { synthesizer.push(frame.span, appendingTo: &output) }
    return output
}
