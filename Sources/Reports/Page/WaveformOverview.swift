/// The outline of a sound: for each of some stretches of equal length the lowest and the highest
/// sample of all channels, and the root of the mean square.
package struct WaveformOverview: Sendable {
    /// The lowest sample of each stretch, at full scale ±1.
    package private(set) var low: [Float]
    /// The highest sample of each stretch.
    package private(set) var high: [Float]
    /// The root of the mean square of each stretch.
    package private(set) var rms: [Float]

    private let length: Int
    private let channels: Int
    private var position = 0
    private var column = 0
    private var columnEnd: Int
    private var extremes = (low: Float.infinity, high: -Float.infinity)
    private var energy = 0.0
    private var counted = 0

    /// An outline that has seen nothing.
    ///
    /// - Parameters:
    ///   - length: samples a channel that will come; what comes beyond is left out.
    ///   - columns: the most stretches; a sound has no more of them than samples.
    package init(length: Int, channels: Int, columns: Int) {
        precondition(length > 0 && channels > 0 && columns > 0)
        self.length = length
        self.channels = channels
        let count = min(columns, length)
        low = Array(repeating: 0, count: count)
        high = low
        rms = low
        columnEnd = length / count
    }

    /// The greatest magnitude seen.
    package var peak: Float { zip(low, high).reduce(0) { max($0, max(-$1.0, $1.1)) } }

    /// Takes the next samples.
    ///
    /// - Parameter block: `[channel][sample]`.
    package mutating func push(_ block: [[Float]]) {
        precondition(block.count == channels)
        var start = 0
        let count = min(block[0].count, length - position)
        while start < count {
            let end = min(count, start + columnEnd - position)
            for channel in block { measure(channel.span.extracting(start..<end)) }
            position += end - start
            start = end
            if position == columnEnd { closeColumn() }
        }
    }

    private mutating func measure(_ samples: Span<Float>) {
        var (low, high) = extremes
        var sum: Float = 0
        for index in samples.indices {
            let value = samples[index]
            low = value < low ? value : low
            high = value > high ? value : high
            sum += value * value
        }
        extremes = (low, high)
        energy += Double(sum)
        counted += samples.count
    }

    private mutating func closeColumn() {
        low[column] = extremes.low
        high[column] = extremes.high
        rms[column] = Float((energy / Double(counted)).squareRoot())
        extremes = (.infinity, -.infinity)
        energy = 0
        counted = 0
        column += 1
        columnEnd = (column + 1) * length / low.count
    }

    /// The outline in one byte a value: low, high and RMS of each stretch, as two's complement, where
    /// 127 is ``peak``.
    package var bytes: [UInt8] {
        let scale = peak > 0 ? 127 / peak : 0
        var bytes: [UInt8] = []
        bytes.reserveCapacity(3 * low.count)
        for index in low.indices {
            for value in [low[index], high[index], rms[index]] {
                // The square of an absurdly large float is infinite, and so its RMS.
                let scaled = max(-127, min(127, (value * scale).rounded()))
                bytes.append(UInt8(bitPattern: Int8(scaled)))
            }
        }
        return bytes
    }
}
