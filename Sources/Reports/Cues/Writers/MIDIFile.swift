/// Writes cues as a Standard MIDI File of format 1.
///
/// Its first track holds the tempo map, which puts every beat on a quarter note; then comes a track
/// of the onsets of each source. Drums are General MIDI notes on channel 10.
package enum MIDIFile {
    /// Ticks in a quarter note: so many that at usual tempi a tick is shorter than a sample.
    static let division = 30_720

    /// Writes tempo, bars and onsets.
    package static func write(_ sheet: CueSheet, to text: inout CueText) throws {
        let map = MIDITempoMap(sheet.rhythm)
        try text.put(
            Array("MThd".utf8) + big(6, bytes: 4) + big(1, bytes: 2)
                + big(sheet.sources.count + 1, bytes: 2) + big(division, bytes: 2))
        try text.put(chunk(tempoTrack(map)))
        var channel = 0
        for source in sheet.sources {
            let isDrums = source.onsets.contains { $0.drum != nil }
            try text.put(
                chunk(onsetTrack(source, map: map, channel: isDrums ? 9 : channel)))
            // Channel 10 is for drums alone.
            if !isDrums { channel = channel == 8 ? 10 : min(15, channel + 1) }
        }
    }

    /// An event at a tick.
    struct Event {
        var tick: Int
        var bytes: [UInt8]
    }

    private static func tempoTrack(_ map: MIDITempoMap) -> [UInt8] {
        var events = [Event(tick: 0, bytes: meta(3, Array("tempo".utf8)))]
        for signature in map.signatures {
            // Quarter notes are beats: the denominator 2^2.
            events.append(
                Event(
                    tick: signature.tick, bytes: meta(0x58, [UInt8(signature.beats), 2, 24, 8])))
        }
        for tempo in map.tempi {
            events.append(
                Event(tick: tempo.tick, bytes: meta(0x51, big(tempo.microseconds, bytes: 3))))
        }
        for mark in map.downbeats {
            events.append(Event(tick: mark.tick, bytes: meta(6, Array("bar \(mark.bar)".utf8))))
        }
        return track(events)
    }

    private static func onsetTrack(
        _ source: SourceCues, map: MIDITempoMap, channel: Int
    ) -> [UInt8] {
        var events = [Event(tick: 0, bytes: meta(3, Array(source.name.utf8)))]
        let strongest = max(source.onsets.map(\.strength).max() ?? 0, 1e-6)
        for (index, onset) in source.onsets.enumerated() {
            let start = source.time(onset.sample)
            let next = index + 1 < source.onsets.count ? source.onsets[index + 1].sample : .max
            let length = min(0.05, next == .max ? 0.05 : source.time(next) - start)
            let note = onset.drum?.note ?? 60
            let velocity = UInt8(max(1, min(127, (127 * onset.strength / strongest).rounded())))
            let (on, off) = (map.tick(start), map.tick(start + length))
            events.append(
                Event(tick: on, bytes: [0x90 | UInt8(channel), note, velocity]))
            events.append(
                Event(tick: max(on + 1, off), bytes: [0x80 | UInt8(channel), note, 64]))
        }
        return track(events)
    }

    /// The bytes of a track: its events in order, each after the ticks since the last.
    private static func track(_ events: [Event]) -> [UInt8] {
        var bytes: [UInt8] = []
        var last = 0
        // Of events at one tick, notes end before others begin.
        let order = events.enumerated().sorted { left, right in
            let (one, other) = (left.element, right.element)
            let ends = (one.bytes[0] & 0xF0 == 0x80, other.bytes[0] & 0xF0 == 0x80)
            return (one.tick, ends.0 ? 0 : 1, left.offset)
                < (other.tick, ends.1 ? 0 : 1, right.offset)
        }
        for (_, event) in order {
            bytes += variable(event.tick - last) + event.bytes
            last = event.tick
        }
        return bytes + [0] + meta(0x2F, [])
    }

    private static func chunk(_ track: [UInt8]) -> [UInt8] {
        Array("MTrk".utf8) + big(track.count, bytes: 4) + track
    }

    private static func meta(_ kind: UInt8, _ data: [UInt8]) -> [UInt8] {
        [0xFF, kind] + variable(data.count) + data
    }

    private static func big(_ value: Int, bytes: Int) -> [UInt8] {
        (0..<bytes).reversed().map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }

    /// A variable-length quantity: seven bits a byte, the highest first.
    static func variable(_ value: Int) -> [UInt8] {
        // The greatest that the form has.
        var rest = min(max(0, value), 0x0FFF_FFFF)
        var bytes = [UInt8(rest & 127)]
        rest >>= 7
        while rest > 0 {
            bytes.append(UInt8(rest & 127) | 128)
            rest >>= 7
        }
        return bytes.reversed()
    }
}

extension Drum {
    /// The note of General MIDI.
    var note: UInt8 {
        switch self {
        case .kick: 36
        case .snare: 38
        case .hat: 42
        case .other: 45
        }
    }
}
