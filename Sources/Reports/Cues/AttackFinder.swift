/// Finds the sample at which an attack begins.
///
/// It is where the energy of what follows, against the energy of what came before, is greatest; both
/// are weighted exponentially, so that the edge of a click is found to the sample. The energy is that
/// of the differences between samples, in which attacks stand out.
struct AttackFinder {
    /// Samples on both sides of a place that are looked at.
    let reach: Int
    private let search: Int
    private let decay: Float
    private var energy: [Float] = []
    private var before: [Float] = []

    init(sampleRate: Int) {
        let rate = Double(sampleRate)
        search = max(2, Int(rate * 0.015))
        reach = search + max(4, Int(rate * 0.015))
        decay = Float(exponential(-1 / (rate * 0.003)))
    }

    /// The first sample of the attack near a place; the place itself where none stands out.
    mutating func attack(near place: Int, in history: SampleHistory) -> Int {
        let count = 2 * reach
        // The first sample of the look-back has no difference.
        let start = max(place - reach, history.first + 1)
        let offset = start - history.first
        if energy.count != count {
            energy = Array(repeating: 0, count: count)
            before = energy
        }
        for index in 0..<count { energy[index] = 0 }
        let present = min(count, history.end - start)
        for channel in history.samples {
            let samples = channel.span
            for index in 0..<present {
                let step = samples[offset + index] - samples[offset + index - 1]
                energy[index] += step * step
            }
        }
        var sum: Float = 0
        for index in 0..<count {
            before[index] = sum
            sum = sum * decay + energy[index]
        }
        var (after, most): (Float, Float) = (0, 0)
        for index in (0..<count).reversed() {
            after = after * decay + energy[index]
            energy[index] = after
            most = max(most, after)
        }
        guard most > 1e-12 else { return max(0, place) }
        // Steps that are 30 dB below the attack itself are none.
        let floor = most * 1e-3
        var (best, found): (Float, Int) = (2, place)
        for index in max(0, place - search - start)..<min(count, place + search - start) {
            let ratio = energy[index] / (before[index] + floor)
            if ratio > best { (best, found) = (ratio, start + index) }
        }
        return min(max(0, found), max(0, history.length - 1))
    }
}
