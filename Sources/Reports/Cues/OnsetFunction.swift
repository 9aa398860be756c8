/// How much the spectrum rises at each moment: the curve whose peaks are onsets.
///
/// Value k is about the time `k * hop / sampleRate`. All bands count alike and logarithmically, so a
/// soft high sound shows beside a loud low one.
struct OnsetFunction: Sendable {
    /// Samples a second, in Hz.
    let sampleRate: Int
    /// Samples from one value to the next, about 5 ms.
    let hop: Int
    /// The mean rise over all bands.
    var total: [Float] = []
    /// The mean rise of the bands below 150 Hz.
    var low: [Float] = []
    /// The mean rise of the bands from 150 Hz to 2.5 kHz.
    var mid: [Float] = []

    init(sampleRate: Int) {
        self.sampleRate = sampleRate
        hop = OnsetFunction.hop(sampleRate)
    }

    static func hop(_ sampleRate: Int) -> Int { max(1, (sampleRate + 100) / 200) }

    /// Values a second.
    var rate: Double { Double(sampleRate) / Double(hop) }

    /// The greatest value at the times of some samples.
    func peak(in samples: Range<Int>) -> Float {
        let first = max(0, (samples.lowerBound + hop / 2) / hop)
        let last = max(first, (samples.upperBound + hop / 2) / hop)
        var peak: Float = 0
        for index in first...last where index < total.count { peak = max(peak, total[index]) }
        return min(1, peak)
    }
}
