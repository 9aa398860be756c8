private import Spectral

/// Makes the frame track of a stream of samples.
struct FrameTrackBuilder: ~Copyable {
    private(set) var track: FrameTrack
    private let sampleRate: Double
    private var spectrum: PowerSpectrum
    private var power: [Float]
    private let lowEnd: Int
    private let highStart: Int

    /// A builder at the beginning of a track.
    ///
    /// - Parameter rate: frames a second, greater than 0.
    init(rate: Double, sampleRate: Int) {
        track = FrameTrack(rate: rate)
        self.sampleRate = Double(sampleRate)
        spectrum = PowerSpectrum(size: FrameTrackBuilder.windowLength(sampleRate))
        power = Array(repeating: 0, count: spectrum.bins)
        let width = Double(sampleRate) / Double(spectrum.size)
        lowEnd = min(spectrum.bins, Int((FrameTrack.edges.low / width).rounded(.up)))
        highStart = min(spectrum.bins, Int((FrameTrack.edges.high / width).rounded(.up)))
    }

    /// Samples under a window: 46 ms, even.
    static func windowLength(_ sampleRate: Int) -> Int {
        max(16, Int((Double(sampleRate) * 0.0464 / 2).rounded()) * 2)
    }

    /// The sample that the next frame is centred on.
    private var centre: Int { Int((Double(track.count) / track.rate * sampleRate).rounded()) }

    /// The first sample that is still needed.
    var needed: Int { centre - spectrum.size / 2 }

    /// Appends all frames that the history holds completely.
    ///
    /// - Parameter length: the samples of the track once they are known; frames lie within it.
    mutating func take(_ history: SampleHistory, length: Int? = nil) {
        while true {
            let start = centre - spectrum.size / 2
            guard start + spectrum.size <= history.end else { return }
            if let length, centre >= length { return }
            append(history, start: start)
        }
    }

    private mutating func append(_ history: SampleHistory, start: Int) {
        for bin in power.indices { power[bin] = 0 }
        let offset = start - history.first
        let weight = 1 / Float(history.samples.count)
        for channel in history.samples {
            let frame = channel.span.extracting(offset..<offset + spectrum.size)
            spectrum.add(frame, weight: weight, to: &power)
        }
        var (low, mid, high, moment) = (0.0, 0.0, 0.0, 0.0)
        var (logarithms, product) = (0.0, 1.0)
        // A copy that costs nothing, so that the track can grow while the values are in use.
        let power = power
        let values = power.span
        for bin in values.indices {
            let value = Double(values[bin])
            if bin < lowEnd {
                low += value
            } else if bin < highStart {
                mid += value
            } else {
                high += value
            }
            moment += value * Double(bin)
            // One logarithm for a few bins: their product stays within a double's range.
            product *= value + 1e-20
            if bin & 7 == 7 {
                logarithms += naturalLogarithm(product)
                product = 1
            }
        }
        logarithms += naturalLogarithm(product)
        let total = low + mid + high
        track.energy.append(FrameTrack.level(total))
        track.low.append(FrameTrack.level(low))
        track.mid.append(FrameTrack.level(mid))
        track.high.append(FrameTrack.level(high))
        let isSilent = total <= 1e-12
        let bins = Double(values.count)
        let width = sampleRate / Double(spectrum.size)
        track.centroid.append(isSilent ? 0 : Float(moment / total * width))
        let flatness = exponential(logarithms / bins) / (total / bins)
        track.flatness.append(isSilent ? 0 : Float(min(1, flatness)))
    }

    /// The finished track, with the onset strength taken from a finer function.
    consuming func finished(with function: OnsetFunction) -> FrameTrack {
        var track = track
        track.onset.reserveCapacity(track.count)
        for frame in 0..<track.count {
            let end = centre(of: frame)
            let start = centre(of: frame - 1)
            track.onset.append(function.peak(in: start..<end))
        }
        return track
    }

    private func centre(of frame: Int) -> Int {
        Int((Double(frame) / track.rate * sampleRate).rounded())
    }
}
