/// How the seconds of a track become the ticks of a MIDI file: every beat is a quarter note.
struct MIDITempoMap {
    /// A tempo from a tick on.
    struct Tempo: Equatable {
        var tick: Int
        /// The length of a quarter note.
        var microseconds: Int
        /// When it begins, in seconds, as a reader of the file will work out.
        var time: Double
    }

    /// A time signature from a tick on.
    struct Signature: Equatable {
        var tick: Int
        var beats: Int
    }

    private(set) var tempi: [Tempo] = []
    private(set) var signatures: [Signature] = []
    /// The ticks and numbers of the bars.
    private(set) var downbeats: [(tick: Int, bar: Int)] = []

    init(_ rhythm: Rhythm) {
        let times = rhythm.beats.map { rhythm.time($0.sample) }
        guard times.count > 1 else {
            tempi = [Tempo(tick: 0, microseconds: 500_000, time: 0)]
            signatures = [Signature(tick: 0, beats: 4)]
            return
        }
        // What lies before the first beat becomes as many quarter notes as fit best; if that is none,
        // it is joined to the first beat.
        let period = times[1] - times[0]
        let pickup = Int((times[0] / period).rounded())
        var ticks: [Int] = []
        if pickup > 0 { append(pickup, until: times[0]) }
        for (index, _) in times.enumerated() {
            ticks.append((pickup + index) * MIDIFile.division)
            if index + 1 < times.count { append(1, until: times[index + 1]) }
        }
        if pickup == 0 { ticks[0] = 0 }
        let first = rhythm.beats.firstIndex { $0.position == 0 } ?? 0
        let early = pickup + first
        let meter = max(1, rhythm.meter)
        if early > 0 { signatures.append(Signature(tick: 0, beats: min(255, early))) }
        signatures.append(Signature(tick: early * MIDIFile.division, beats: meter))
        for (beat, tick) in zip(rhythm.numbered, ticks) where beat.beat == 1 {
            downbeats.append((tick, beat.bar))
        }
    }

    /// The end of what the map covers so far: tick and seconds.
    private var end: (tick: Int, time: Double) = (0, 0)

    /// Adds beats of one length up to a time.
    private mutating func append(_ beats: Int, until time: Double) {
        // Measured from where the rounded tempi so far have led, so that no error adds up.
        let exact = (time - end.time) * 1e6 / Double(beats)
        let microseconds = Int(min(16_777_215, max(1, exact.rounded())))
        tempi.append(Tempo(tick: end.tick, microseconds: microseconds, time: end.time))
        end.tick += beats * MIDIFile.division
        end.time += Double(beats * microseconds) / 1e6
    }

    /// The tick next to a time.
    func tick(_ time: Double) -> Int {
        var (low, high) = (0, tempi.count)
        while high - low > 1 {
            let middle = (low + high) / 2
            if tempi[middle].time <= time { low = middle } else { high = middle }
        }
        let tempo = tempi[low]
        let quarters = (time - tempo.time) * 1e6 / Double(tempo.microseconds)
        return tempo.tick + max(0, Int((quarters * Double(MIDIFile.division)).rounded()))
    }
}
