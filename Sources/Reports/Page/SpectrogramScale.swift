/// What the rows, columns and colours of a spectrogram stand for.
package struct SpectrogramScale: Sendable, Hashable, Codable {
    /// The frequency at the lower edge, in Hz.
    package let lowest: Double
    /// The frequency at the upper edge, in Hz; rows are spaced by its logarithm.
    package let highest: Double
    /// The level of the darkest colour, in dB, where a sine at full scale has 0.
    package let floor: Double
    /// The level of the brightest colour, in dB.
    package let ceiling: Double
    /// Rows of a picture.
    package let rows: Int
    /// The most columns of a picture.
    package let columns: Int
    /// Samples in one transform: about 93 ms of sound.
    package let fftSize: Int

    /// Steps from the darkest colour to the brightest; few, since a picture of noise is as large as
    /// its colours are many.
    package static let levels = 64

    /// The scale for sound at a rate in Hz.
    package init(sampleRate: Int, rows: Int = 160, columns: Int = 1200) {
        let rate = Double(sampleRate)
        highest = min(20_000, rate / 2)
        lowest = min(40, highest / 8)
        floor = -95
        ceiling = -15
        self.rows = rows
        self.columns = columns
        var size = 64
        while Double(size) < 0.07 * rate { size *= 2 }
        fftSize = size
    }

    /// The frequency at a height in the picture, in Hz.
    ///
    /// - Parameter height: 0 at the lower edge, 1 at the upper.
    package func frequency(at height: Double) -> Double {
        lowest * power(highest / lowest, height)
    }

    /// The step of a level in dB, 0 up to one less than ``levels``.
    package func step(of decibels: Double) -> UInt8 {
        let share = (decibels - floor) / (ceiling - floor)
        // What is not a number, from samples beyond all measure, is not above 0 either.
        guard share > 0 else { return 0 }
        return UInt8(min(1, share) * Double(Self.levels - 1) + 0.5)
    }

    /// The colours of the steps, from near black over blue, violet and orange to near white, each
    /// step lighter than the one before.
    package static let palette: [PNGWriter.Color] = {
        let stops: [SIMD3<Double>] = [
            [8, 8, 16], [24, 20, 72], [86, 26, 122], [168, 42, 106], [230, 92, 58], [250, 172, 58],
            [252, 244, 208],
        ]
        return (0..<levels).map { level in
            let place = Double(level) / Double(levels - 1) * Double(stops.count - 1)
            let stop = min(Int(place), stops.count - 2)
            let share = place - Double(stop)
            let color = stops[stop] * (1 - share) + stops[stop + 1] * share
            return PNGWriter.Color(UInt8(color.x), UInt8(color.y), UInt8(color.z))
        }
    }()
}
