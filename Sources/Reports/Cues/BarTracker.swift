/// Finds which beats are downbeats.
enum BarTracker {
    /// The place in the bar of each beat.
    ///
    /// - Parameter times: the beats, in seconds.
    static func positions(
        _ times: [Double], novelty: Novelty
    ) -> (meter: Int, positions: [Int]) {
        func peak(_ curve: [Float], _ time: Double) -> Float {
            let centre = Int((time * Novelty.rate).rounded())
            let range = max(0, centre - 4)..<max(0, min(curve.count, centre + 5))
            return range.isEmpty ? 0 : curve[range].max() ?? 0
        }
        let low = times.map { peak(novelty.low, $0) }
        let mid = times.map { peak(novelty.mid, $0) }
        func normalized(_ values: [Float]) -> [Float] {
            let mean = values.reduce(0, +) / Float(max(1, values.count))
            return values.map { mean > 0 ? $0 / mean - 1 : 0 }
        }
        let (kick, snare) = (normalized(low), normalized(mid))
        var best = (score: -Float.infinity, phase: 0)
        for phase in 0..<4 {
            var score: Float = 0
            for beat in times.indices {
                switch (beat + 4 - phase) % 4 {
                case 0: score += kick[beat] - snare[beat] + 0.3 * kick[beat]
                case 2: score += kick[beat] - snare[beat]
                default: score += snare[beat] - kick[beat]
                }
            }
            if score > best.score { best = (score, phase) }
        }
        return (4, times.indices.map { ($0 + 4 - best.phase) % 4 })
    }
}
