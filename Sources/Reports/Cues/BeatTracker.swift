/// Finds the beats of a track.
///
/// The beats are the places whose novelties, less what deviations from the tempo cost, add up to the
/// most: D. Ellis, "Beat tracking by dynamic programming", Journal of New Music Research 36 (2007),
/// with a tempo that may change.
enum BeatTracker {
    /// How dearly a deviation from the tempo is paid.
    private static let tightness: Float = 60

    /// Tempo, beats and bars of a track.
    ///
    /// Drums and bass are listened to where there are some and they sound; else the first source.
    static func rhythm(of sources: [SourceCues]) -> Rhythm {
        guard let first = sources.first else { return Rhythm() }
        var carriers = sources.filter { $0.name == "drums" || $0.name == "bass" }
            .filter { $0.levels.loud > max(-70, first.levels.loud - 40) }
        if !carriers.contains(where: { $0.name == "drums" }) { carriers = [first] }
        var rhythm = Rhythm()
        rhythm.sampleRate = first.sampleRate
        var parts = carriers.map { ($0, weight: Float($0.name == "bass" ? 0.8 : 1)) }
        // Chords and singing tell of the beat, too, where drums and bass leave a choice.
        if carriers[0].name != first.name { parts.append((first, weight: 0.5)) }
        let novelty = Novelty(parts)
        guard let found = best(novelty) else { return rhythm }
        rhythm.sources = carriers.map(\.name)
        rhythm.meter = found.fit.meter
        var last = -1
        for (index, time) in snapped(found.times, carriers).enumerated() {
            let sample = Int((time * Double(first.sampleRate)).rounded())
            guard sample < first.length else { break }
            guard sample > last else { continue }
            last = sample
            let position = (index + found.fit.phase) % found.fit.meter
            rhythm.beats.append(Rhythm.Beat(sample: sample, position: position))
        }
        guard rhythm.beats.count > 1 else { return Rhythm() }
        rhythm.tempo = tempo(rhythm)
        return rhythm
    }

    /// Beats, and how they fit what drummers play.
    private struct Hypothesis {
        var times: [Double]
        var fit: BarFit
    }

    /// The best one of several readings of the rhythm.
    ///
    /// Other tempi that explain the same onsets, and beats between the beats, are tried; the one whose
    /// bars look most like those of drummers is it.
    private static func best(_ novelty: Novelty) -> Hypothesis? {
        let values = novelty.values
        let sounding = values.indices.filter { values[$0] > 0.02 }
        guard let start = sounding.first, let end = sounding.last, end > start else { return nil }
        let scores = TempoPath.scores(novelty)
        let free = TempoPath(scores).median
        var best: Hypothesis?
        var most = -Double.infinity
        for ratio in [1, 0.5, 2, 2.0 / 3, 1.5, 0.75, 4.0 / 3] {
            let period = free * ratio
            let tempo = 60 * Novelty.rate / period
            guard TempoPath.range.contains(tempo) else { continue }
            let path = TempoPath(scores, near: period)
            let places = beats(novelty, path, sounding)
            guard places.count > 1 else { continue }
            let times = places.map { Double($0) / Novelty.rate }
            let prior = 0.2 * naturalLogarithm(TempoPath.likelihood(period: path.median))
            for shift in [0, 0.5] {
                let shifted = shift == 0 ? times : between(times, shift)
                guard shifted.count > 1 else { continue }
                for fit in BarFit.all(of: shifted, in: novelty) {
                    let value = fit.score + prior
                    if value > most {
                        most = value
                        best = Hypothesis(times: shifted, fit: fit)
                    }
                }
            }
        }
        return best
    }

    /// The times between beats.
    private static func between(_ times: [Double], _ part: Double) -> [Double] {
        zip(times, times.dropFirst()).map { $0 + ($1 - $0) * part }
    }

    /// The places of the beats in the novelty.
    private static func beats(
        _ novelty: Novelty, _ path: TempoPath, _ sounding: [Int]
    ) -> [Int] {
        let values = novelty.values
        guard let start = sounding.first, let end = sounding.last else { return [] }
        let mean = sounding.reduce(Float(0)) { $0 + values[$1] } / Float(sounding.count)
        var score = [Float](repeating: 0, count: values.count)
        var back = [Int32](repeating: -1, count: values.count)
        for place in start..<values.count {
            let period = path.period(at: place)
            var (best, from): (Float, Int) = (0, -1)
            let nearest = Int(period * 0.6)
            let farthest = Int(period * 1.6)
            for distance in max(1, nearest)...max(1, farthest) {
                let other = place - distance
                guard other >= start else { break }
                let deviation = Float(naturalLogarithm(Double(distance) / period))
                let value = score[other] - tightness * deviation * deviation
                if value > best { (best, from) = (value, other) }
            }
            score[place] = best + values[place] / mean
            back[place] = Int32(from)
        }
        // The last beat is the best one of the last period that sounds.
        let period = Int(path.period(at: end))
        var place = max(start, end - period)
        for other in place...min(values.count - 1, end + period / 8)
        where score[other] > score[place] {
            place = other
        }
        var places = [place]
        while back[place] >= 0 {
            place = Int(back[place])
            places.append(place)
        }
        return places.reversed()
    }

    /// Moves each beat onto an onset that is very near.
    private static func snapped(_ times: [Double], _ sources: [SourceCues]) -> [Double] {
        let onsets = sources.flatMap { source in
            source.onsets.map { (time: source.time($0.sample), strength: $0.strength) }
        }.sorted { $0.time < $1.time }
        var first = 0
        var result: [Double] = []
        for time in times {
            while first < onsets.count, onsets[first].time < time - 0.03 { first += 1 }
            var (best, found): (Double, Double) = (0, time)
            var index = first
            while index < onsets.count, onsets[index].time <= time + 0.03 {
                let distance = abs(onsets[index].time - time)
                let value = Double(onsets[index].strength) * (1 - distance / 0.04)
                if value > best { (best, found) = (value, onsets[index].time) }
                index += 1
            }
            // Beats stay in order, one for each time.
            result.append(max(found, (result.last ?? -1) + 1e-4))
        }
        return result
    }

    /// The tempo at each beat, from the beats around it.
    private static func tempo(_ rhythm: Rhythm) -> [Double] {
        let beats = rhythm.beats
        return beats.indices.map { index in
            let (first, last) = (max(0, index - 4), min(beats.count - 1, index + 4))
            let seconds = rhythm.time(beats[last].sample - beats[first].sample)
            return seconds > 0 ? 60 * Double(last - first) / seconds : 0
        }
    }
}
