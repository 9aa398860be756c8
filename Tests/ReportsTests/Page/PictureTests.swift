import Reports
import Testing

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

struct PictureTests {
    @Test(arguments: [(1, 1), (7, 3), (1200, 160), (301, 2)])
    func pixelsAndColorsComeBackFromThePNG(width: Int, height: Int) throws {
        let pixels = (0..<width * height).map { UInt8(truncatingIfNeeded: $0 * $0 >> 3) & 63 }
        let picture = try PNGReading(
            try PNGWriter.encode(
                width: width, height: height, pixels: pixels, palette: SpectrogramScale.palette))
        #expect(picture.width == width && picture.height == height)
        #expect(picture.pixels == pixels)
        #expect(picture.palette == SpectrogramScale.palette.map { [$0.x, $0.y, $0.z] })
    }

    @Test func eachStepOfThePaletteIsLighterThanTheOneBefore() {
        let lightness = SpectrogramScale.palette.map {
            0.2126 * Double($0.x) + 0.7152 * Double($0.y) + 0.0722 * Double($0.z)
        }
        #expect(zip(lightness, lightness.dropFirst()).allSatisfy { $0 < $1 })
    }

    /// A burst of a sine is where it belongs, in time, in frequency and in level.
    @Test(arguments: [
        (8_000, 500.0), (44_100, 80), (44_100, 1000), (44_100, 15_000), (96_000, 6000),
    ])
    func aToneBurstIsAtItsPlace(rate: Int, frequency: Double) throws {
        let scale = SpectrogramScale(sampleRate: rate)
        let length = 6 * rate
        let burst = 3 * rate..<4 * rate
        let samples = (0..<length).map { n -> Float in
            burst.contains(n)
                ? 0.01 * Float(sin(2 * Double.pi * frequency * Double(n) / Double(rate))) : 0
        }
        let painter = SpectrogramPainter(
            length: length, channels: 2, sampleRate: rate, scale: scale)
        for start in stride(from: 0, to: length, by: 10_000) {
            let part = Array(samples[start..<min(start + 10_000, length)])
            painter.push([part, part])
        }
        let picture = try PNGReading(try painter.finish())
        #expect(picture.height == scale.rows && picture.width == painter.columns)
        func column(_ second: Double) -> [UInt8] {
            let column = Int(second / 6 * Double(picture.width))
            return (0..<picture.height).map { picture.pixels[$0 * picture.width + column] }
        }
        let spectrum = column(3.5)
        let highest = try #require(spectrum.max())
        let row = try #require(spectrum.firstIndex(of: highest))
        let last = try #require(spectrum.lastIndex(of: highest))
        // 40 dB below a sine at full scale, less at most 1.4 dB between two bins.
        #expect(abs(Int(highest) - Int(scale.step(of: -40))) <= 2)
        let rows = Double(picture.height)
        let top = scale.frequency(at: 1 - (Double(row) - 1) / rows)
        let bottom = scale.frequency(at: 1 - Double(last + 2) / rows)
        #expect(bottom < frequency && frequency < top)
        #expect(column(2.8).allSatisfy { $0 == 0 } && column(4.2).allSatisfy { $0 == 0 })
    }

    @Test(arguments: [1, 2, 63, 5000])
    func anySoundHasAPicture(length: Int) throws {
        let scale = SpectrogramScale(sampleRate: 1000)
        let painter = SpectrogramPainter(
            length: length, channels: 1, sampleRate: 1000, scale: scale)
        // Values that no recording has, but a file of floats can.
        painter.push([(0..<length).map { $0.isMultiple(of: 2) ? 3e38 : -3e38 }])
        #expect(try PNGReading(try painter.finish()).width == min(length, 1200))
    }

    @Test(arguments: [1, 1000, 4096])
    func theOutlineHasTheExtremesOfEachStretch(block: Int) {
        let left = (0..<10_000).map { Float(sin(Double($0) * 0.01)) * Float($0) / 10_000 }
        let right = left.map { -0.5 * $0 }
        var outline = WaveformOverview(length: 10_000, channels: 2, columns: 64)
        for start in stride(from: 0, to: 10_000, by: block) {
            let range = start..<min(start + block, 10_000)
            outline.push([Array(left[range]), Array(right[range])])
        }
        for column in 0..<64 {
            let range = column * 10_000 / 64..<(column + 1) * 10_000 / 64
            let values = Array(left[range]) + Array(right[range])
            #expect(outline.low[column] == values.min())
            #expect(outline.high[column] == values.max())
            let square = values.reduce(0) { $0 + Double($1) * Double($1) } / Double(values.count)
            #expect(abs(Double(outline.rms[column]) - square.squareRoot()) < 1e-5)
        }
        #expect(outline.bytes.count == 3 * 64)
        #expect(outline.peak == max(left.max() ?? 0, -(left.min() ?? 0)))
    }

    @Test func theOutlineOfAbsurdSamplesHasBytes() {
        var outline = WaveformOverview(length: 100, channels: 1, columns: 10)
        outline.push([Array(repeating: 3e38, count: 100)])
        #expect(outline.bytes.max() == 127)
    }
}
