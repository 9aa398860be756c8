private import Spectral

/// Finds where sounds begin in a stream of samples.
///
/// The spectral flux of a band-wise logarithmic spectrum, against the greatest of the neighbouring
/// bands shortly before so that a gliding pitch is no onset (S. Böck and G. Widmer, "Maximum filter
/// vibrato suppression for onset detection", DAFx 2013), tells that there is an onset; the wave
/// itself then tells at which sample, see ``AttackFinder``.
///
/// In a stem the spectrum counts only as far as it stands out of the mixture's in the same band: what
/// leaks from others, at a level that depends on them, rises with the mixture and hardly shows.
struct OnsetDetector: ~Copyable {
    /// A peak of the onset function.
    struct Candidate {
        /// Its place in the function.
        var index: Int
        /// The first sample of the attack.
        var sample: Int
        /// The spectrum before and after it, where drums are classified.
        var hit: DrumHit?
    }

    private(set) var function: OnsetFunction
    /// How much the spectrum rises out of the mixture's, in nepers as the mean of all bands; its peaks
    /// are the candidates.
    private(set) var evidence: [Float] = []
    private(set) var candidates: [Candidate] = []
    private let bands: [Range<Int>]
    private let lowBands: Int
    private let midBands: Int
    private var spectrum: PowerSpectrum
    private var power: [Float]
    /// The magnitudes in the bands of the last frames, the newest last.
    private var past: [[Float]]
    /// The magnitudes that each band of the newest frame has to stand out of.
    private var floor: [Float]
    private var attacks: AttackFinder
    private var hits: DrumHitReader
    private let isDrums: Bool
    /// The function's index that is examined next.
    private var next = 0

    /// Frames between the spectra that are compared for the onset function.
    private static let lag = 2
    /// The same for the evidence of an onset: 15 ms.
    private static let evidenceLag = 3
    /// What counts as silence in a band, an amplitude.
    private static let silence: Float = 1e-4
    /// The share of the mixture, as an amplitude, that a stem has to stand out of.
    private static let leak: Float = 0.5
    /// A peak is the greatest value so many places around.
    private static let reach = 3
    /// What magnitudes are multiplied by in front of the logarithm.
    private static let compression: Float = 3000

    /// A detector at the beginning of a track.
    ///
    /// - Parameter isDrums: whether onsets are told apart by drum.
    init(sampleRate: Int, channels: Int, isDrums: Bool) {
        function = OnsetFunction(sampleRate: sampleRate)
        let size = OnsetDetector.windowLength(sampleRate)
        spectrum = PowerSpectrum(size: size)
        power = Array(repeating: 0, count: spectrum.bins)
        let width = Double(sampleRate) / Double(size)
        var bands: [Range<Int>] = []
        var edge = 1
        let top = min(spectrum.bins, Int((16_000 / width).rounded()))
        var frequency = 30.0
        while edge < top {
            frequency *= 1.122_462_048  // Six bands to the octave.
            let end = min(top, Int((frequency / width).rounded()))
            if end > edge {
                bands.append(edge..<end)
                edge = end
            }
        }
        self.bands = bands
        lowBands = max(1, bands.prefix { Double($0.lowerBound) * width < 150 }.count)
        midBands = max(1, bands.prefix { Double($0.lowerBound) * width < 2500 }.count - lowBands)
        let none = [Float](repeating: 0, count: bands.count)
        past = Array(repeating: none, count: OnsetDetector.evidenceLag + 1)
        floor = none
        attacks = AttackFinder(sampleRate: sampleRate)
        hits = DrumHitReader(sampleRate: sampleRate)
        self.isDrums = isDrums
    }

    /// Samples under a window: 23 ms, even.
    static func windowLength(_ sampleRate: Int) -> Int {
        max(16, Int((Double(sampleRate) * 0.0232 / 2).rounded()) * 2)
    }

    /// The first sample that is still needed.
    var needed: Int {
        let frame = function.total.count * function.hop - spectrum.size / 2
        return min(frame, next * function.hop - lookBehind)
    }

    /// Samples around a peak that are looked at again.
    private var lookBehind: Int { attacks.reach + hits.reach }

    /// Takes what the history holds.
    ///
    /// - Parameters:
    ///   - mixture: what the source is a stem of, of the same samples; nil for a source by itself.
    ///   - isEnded: whether the history is padded with zeros after the end of the track.
    mutating func take(
        _ history: SampleHistory, beside mixture: SampleHistory?, isEnded: Bool = false
    ) {
        let hop = function.hop
        while true {
            // The next value's own time lies between the spectra that it compares.
            let frame = function.total.count + OnsetDetector.evidenceLag - 1
            let start = frame * hop - spectrum.size / 2
            guard start + spectrum.size <= history.end else { break }
            if isEnded, function.total.count * hop >= history.length { break }
            if function.total.isEmpty {
                // The frames in front of the first that is compared.
                for early in 0..<frame {
                    past.removeFirst()
                    past.append(magnitudes(history, start: early * hop - spectrum.size / 2))
                }
            }
            past.removeFirst()
            past.append(magnitudes(history, start: start))
            if let mixture { floor = magnitudes(mixture, start: start) }
            appendRise()
            appendEvidence(hasMixture: mixture != nil)
        }
        let ready = function.total.count
        while next < ready, isEnded || next + OnsetDetector.reach < ready {
            let place = next * hop
            guard place + lookBehind <= history.end else { return }
            if isPeak(next) { note(next, history) }
            next += 1
        }
    }

    /// The magnitude in each band of the frame that begins at a place.
    private mutating func magnitudes(_ history: SampleHistory, start: Int) -> [Float] {
        for bin in power.indices { power[bin] = 0 }
        let offset = start - history.first
        let weight = 1 / Float(history.samples.count)
        for channel in history.samples {
            let frame = channel.span.extracting(offset..<offset + spectrum.size)
            spectrum.add(frame, weight: weight, to: &power)
        }
        let power = power
        let values = power.span
        return bands.map { range in
            var sum: Float = 0
            for bin in range { sum += values[bin] }
            return sum.squareRoot()
        }
    }

    private mutating func appendRise() {
        let compression = OnsetDetector.compression
        func logarithms(_ magnitudes: [Float]) -> [Float] {
            magnitudes.map { naturalLogarithm(1 + compression * $0) }
        }
        let (old, new) = (logarithms(past[0]), logarithms(past[OnsetDetector.lag]))
        let count = bands.count
        var (low, mid, all): (Float, Float, Float) = (0, 0, 0)
        for band in 0..<count {
            let rise = max(0, new[band] - OnsetDetector.greatest(old, near: band))
            all += rise
            if band < lowBands { low += rise } else if band < lowBands + midBands { mid += rise }
        }
        let scale = 1 / naturalLogarithm(1 + compression)
        function.total.append(all / Float(count) * scale)
        function.low.append(low / Float(lowBands) * scale)
        function.mid.append(mid / Float(midBands) * scale)
    }

    private mutating func appendEvidence(hasMixture: Bool) {
        let (old, new) = (past[0], past[OnsetDetector.evidenceLag])
        var sum: Float = 0
        for band in bands.indices {
            // A pitch that glides is told from an onset by the mixture where there is one.
            let before = hasMixture ? old[band] : OnsetDetector.greatest(old, near: band)
            guard new[band] > before else { continue }
            let floor = OnsetDetector.silence + OnsetDetector.leak * floor[band]
            sum += naturalLogarithm((new[band] + floor) / (before + floor))
        }
        evidence.append(sum / Float(bands.count))
    }

    private static func greatest(_ values: [Float], near band: Int) -> Float {
        max(values[max(0, band - 1)], values[band], values[min(values.count - 1, band + 1)])
    }

    private func isPeak(_ index: Int) -> Bool {
        let value = evidence[index]
        guard value > OnsetPicker.leastRise else { return false }
        let range =
            max(
                0, index - OnsetDetector.reach)...min(
                evidence.count - 1, index + OnsetDetector.reach)
        for other in range where other != index {
            // Of equal values the first is the peak.
            let near = evidence[other]
            if near > value || (near == value && other < index) { return false }
        }
        return true
    }

    private mutating func note(_ index: Int, _ history: SampleHistory) {
        let sample = attacks.attack(near: index * function.hop, in: history)
        let hit = isDrums ? hits.hit(at: sample, in: history) : nil
        candidates.append(Candidate(index: index, sample: sample, hit: hit))
    }

    /// Samples of zeros that are to follow the track's end before the last ``take(_:isEnded:)``.
    var padding: Int { spectrum.size + lookBehind + 4 * function.hop }
}
