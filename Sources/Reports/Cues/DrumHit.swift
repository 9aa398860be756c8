private import Spectral

/// What the spectrum of a drum track gains at a hit.
struct DrumHit: Sendable {
    /// The power just before the hit, by band.
    var before: [Float]
    /// The power just after its attack, by band.
    var after: [Float]

    /// The edges of the bands, in Hz.
    static let edges: [Double] = [20, 60, 110, 180, 300, 600, 1200, 2500, 5000, 9000, 16_000]
}

/// Looks at the spectra before and after hits.
struct DrumHitReader: ~Copyable {
    /// Samples on both sides of a hit that are looked at.
    let reach: Int
    private var spectrum: PowerSpectrum
    private var power: [Float]
    private let bands: [Range<Int>]

    init(sampleRate: Int) {
        let size = max(16, Int((Double(sampleRate) * 0.0464 / 2).rounded()) * 2)
        reach = size + size / 16
        spectrum = PowerSpectrum(size: size)
        power = Array(repeating: 0, count: spectrum.bins)
        let bins = spectrum.bins
        let edges = DrumHit.edges.map {
            min(bins, Int(($0 / Double(sampleRate) * Double(size)).rounded(.up)))
        }
        bands = zip(edges, edges.dropFirst()).map { $0..<max($0, $1) }
    }

    /// The hit whose attack begins at a sample.
    mutating func hit(at sample: Int, in history: SampleHistory) -> DrumHit {
        let lead = spectrum.size / 16
        return DrumHit(
            before: powers(from: sample - lead - spectrum.size, history),
            after: powers(from: sample - lead, history))
    }

    private mutating func powers(from start: Int, _ history: SampleHistory) -> [Float] {
        for bin in power.indices { power[bin] = 0 }
        let offset = start - history.first
        let weight = 1 / Float(history.samples.count)
        for channel in history.samples {
            // In front of the track there may be fewer zeros than are asked for.
            guard offset >= 0, offset + spectrum.size <= channel.count else { continue }
            let frame = channel.span.extracting(offset..<offset + spectrum.size)
            spectrum.add(frame, weight: weight, to: &power)
        }
        return bands.map { power[$0].reduce(0, +) }
    }
}
