import Signal
import Spectral

/// Paints the spectrogram of a stream of samples: time to the right, the logarithm of frequency up,
/// level as colour.
///
/// A column holds the mean power of the frames whose centres lie in its stretch of time, averaged
/// over the channels. A row above the resolution of the transform takes the strongest of its bins; one
/// below it interpolates between the two nearest. Memory does not grow with the length.
package final class SpectrogramPainter {
    /// The picture's scale.
    package let scale: SpectrogramScale
    /// Columns of the picture.
    package let columns: Int

    private let length: Int
    private let geometry: STFTGeometry
    private let analyzers: [ChannelAnalyzer]
    private let rows: [Row]
    private let reference: Double
    private var spectrum: [SIMD2<Float>]
    private var power: [Float]
    private var framesInColumn = 0
    private var column = 0
    private var frame = 0
    /// `[row, column]`, the topmost row first.
    private var pixels: [UInt8]

    /// A noncopyable analyzer in an array.
    private final class ChannelAnalyzer {
        var analyzer: STFTAnalyzer
        init(_ geometry: STFTGeometry, _ transform: FourierTransform) {
            analyzer = STFTAnalyzer(geometry, transform: transform)
        }
    }

    /// The bins of a row of the picture.
    private enum Row {
        case strongest(Range<Int>)
        case between(Int, share: Float)
    }

    /// A painter before the first sample.
    ///
    /// - Parameter length: samples a channel that will come.
    package init(length: Int, channels: Int, sampleRate: Int, scale: SpectrogramScale) {
        precondition(length > 0 && channels > 0)
        self.length = length
        self.scale = scale
        columns = min(scale.columns, length)
        let hop = max(1, min(scale.fftSize, length / columns / 2))
        geometry = STFTGeometry(fftSize: scale.fftSize, hop: hop, leadIn: scale.fftSize / 2)
        let transform = FourierTransform(size: scale.fftSize)
        let geometry = geometry
        analyzers = (0..<channels).map { _ in ChannelAnalyzer(geometry, transform) }
        rows = Self.rows(scale, sampleRate: sampleRate, bins: geometry.bins)
        // A sine at full scale has half the window's sum in its bin.
        let sum = geometry.windowValues.reduce(0.0) { $0 + Double($1) }
        reference = sum * sum / 4 * Double(channels)
        spectrum = Array(repeating: .zero, count: geometry.bins)
        power = Array(repeating: 0, count: geometry.bins)
        pixels = Array(repeating: 0, count: scale.rows * columns)
    }

    private static func rows(_ scale: SpectrogramScale, sampleRate: Int, bins: Int) -> [Row] {
        let width = Double(sampleRate) / Double(scale.fftSize)
        return (0..<scale.rows).map { row in
            let top = 1 - Double(row) / Double(scale.rows)
            let bottom = 1 - Double(row + 1) / Double(scale.rows)
            let high = scale.frequency(at: top) / width
            let low = scale.frequency(at: bottom) / width
            let first = Int(low.rounded(.up))
            let end = min(bins, Int(high.rounded(.up)))
            if end - first >= 2 { return .strongest(first..<end) }
            let centre = scale.frequency(at: (top + bottom) / 2) / width
            let bin = min(Int(centre), bins - 2)
            return .between(bin, share: Float(min(1, centre - Double(bin))))
        }
    }

    /// Takes the next samples.
    ///
    /// - Parameter block: `[channel][sample]`.
    package func push(_ block: [[Float]]) {
        precondition(block.count == analyzers.count)
        for (channel, analyzer) in analyzers.enumerated() {
            let samples = block[channel]
            analyzer.analyzer.push(samples.span)
        }
        readFrames()
    }

    /// Ends the sound.
    ///
    /// - Returns: the picture as PNG.
    /// - Throws: ``PNGWriter/Fault``.
    package func finish() throws(PNGWriter.Fault) -> [UInt8] {
        for analyzer in analyzers { analyzer.analyzer.finish() }
        readFrames()
        closeColumn()
        return try PNGWriter.encode(
            width: columns, height: scale.rows, pixels: pixels, palette: SpectrogramScale.palette)
    }

    private func readFrames() {
        while analyzers[0].analyzer.hasFrame {
            // The frame's centre is at `frame * hop`; whole samples a column are enough to find it.
            let centre = min(frame * geometry.hop, length - 1)
            while column + 1 < columns, (column + 1) * length / columns <= centre {
                closeColumn()
                column += 1
            }
            for analyzer in analyzers {
                var target = spectrum.mutableSpan
                analyzer.analyzer.readFrame(into: &target)
                Self.add(powerOf: spectrum, to: &power)
            }
            framesInColumn += 1
            frame += 1
        }
    }

    private static func add(powerOf spectrum: [SIMD2<Float>], to power: inout [Float]) {
        let source = spectrum.span
        var target = power.mutableSpan
        for bin in source.indices {
            let value = source[bin]
            target[bin] += value.x * value.x + value.y * value.y
        }
    }

    private func closeColumn() {
        guard framesInColumn > 0 else { return }
        let factor = 1 / (reference * Double(framesInColumn))
        for (row, bins) in rows.enumerated() {
            let value: Float
            switch bins {
            case .strongest(let range):
                value = power[range].reduce(0) { $1 > $0 ? $1 : $0 }
            case .between(let bin, let share):
                value = power[bin] * (1 - share) + power[bin + 1] * share
            }
            let level = decibels(ofPower: Double(value) * factor)
            pixels[row * columns + column] = scale.step(of: level)
        }
        for bin in power.indices { power[bin] = 0 }
        framesInColumn = 0
    }
}
