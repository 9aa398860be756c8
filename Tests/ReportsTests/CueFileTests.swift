import Foundation
import Reports
import Testing

@Suite struct CueFileTests {
    private let sheet = CueSheet([
        cues(of: [DrumPattern.rock(tempo: 113, bars: 4, start: 0.77).rendered()])
    ])

    @Test func theMIDIFileGivesEveryOnsetBackToTheSample() throws {
        let midi = try MIDIReader(try written { try MIDIFile.write(sheet, to: &$0) })
        #expect(midi.tracks.count == 2)
        let source = sheet.sources[0]
        let notes = midi.tracks[1].filter { $0.bytes[0] & 0xF0 == 0x90 }
        #expect(notes.count == source.onsets.count)
        for (note, onset) in zip(notes, source.onsets) {
            #expect(note.bytes[0] == 0x99)
            #expect(
                note.bytes[1] == [.kick: 36, .snare: 38, .hat: 42, .other: 45][onset.drum])
            #expect(Int((midi.time(note.tick) * 44_100).rounded()) == onset.sample)
        }
    }

    @Test func everyBeatIsAQuarterNote() throws {
        let midi = try MIDIReader(try written { try MIDIFile.write(sheet, to: &$0) })
        let rhythm = sheet.rhythm
        #expect(rhythm.beats.count > 12)
        // One quarter note and a half fits best before the first beat: 0.77 s at 113 a minute.
        for (index, beat) in rhythm.beats.enumerated() {
            let time = midi.time((index + 1) * midi.division)
            #expect(abs(time - rhythm.time(beat.sample)) < 2e-6)
        }
    }

    @Test func tablesHaveALineForEachFrameAndEachEvent() throws {
        let source = sheet.sources[0]
        let frames = try lines { try CueCSV.writeFrames(source, to: &$0) }
        #expect(frames.count == source.frames.count + 1)
        #expect(
            frames[0] == "time,energy_db,low_db,mid_db,high_db,centroid_hz,flatness,onset")
        let events = try lines { try CueCSV.writeEvents(sheet, to: &$0) }
        #expect(
            events.count
                == 1 + sheet.rhythm.beats.count + source.onsets.count + source.regions.count)
        #expect(
            events.allSatisfy {
                $0.split(separator: ",", omittingEmptySubsequences: false).count == 10
            })
    }

    @Test func labelsAreStartEndAndText() throws {
        let source = sheet.sources[0]
        let onsets = try lines { try AudacityLabels.writeOnsets(source, to: &$0) }
        #expect(onsets.count == source.onsets.count)
        for (line, onset) in zip(onsets, source.onsets) {
            let fields = line.split(separator: "\t")
            let time = try #require(Double(fields[0]))
            #expect(abs(time - source.time(onset.sample)) < 1e-6)
            #expect(fields[1] == fields[0] && fields[2] == onset.drum?.rawValue ?? "")
        }
        let beats = try lines { try AudacityLabels.writeBeats(sheet.rhythm, to: &$0) }
        #expect(beats.count == sheet.rhythm.beats.count)
    }

    private func lines(_ body: (inout CueText) throws -> Void) throws -> [String] {
        String(decoding: try written(body), as: UTF8.self)
            .split(separator: "\n").map(String.init)
    }
}

/// A reader of Standard MIDI Files that knows just enough, written from the specification.
struct MIDIReader {
    struct Event {
        var tick: Int
        var bytes: [UInt8]
    }

    struct Fault: Error {}

    let division: Int
    private(set) var tracks: [[Event]] = []
    private var tempi: [(tick: Int, microseconds: Int)] = []

    init(_ bytes: [UInt8]) throws {
        func number(_ range: Range<Int>) -> Int { bytes[range].reduce(0) { $0 << 8 | Int($1) } }
        guard bytes.starts(with: "MThd".utf8), number(4..<8) == 6, number(8..<10) == 1 else {
            throw Fault()
        }
        division = number(12..<14)
        var place = 14
        while place < bytes.count {
            guard bytes[place..<place + 4].elementsEqual("MTrk".utf8) else { throw Fault() }
            let end = place + 8 + number(place + 4..<place + 8)
            place += 8
            func variable() -> Int {
                var value = 0
                repeat {
                    value = value << 7 | Int(bytes[place] & 127)
                    place += 1
                } while bytes[place - 1] & 128 != 0
                return value
            }
            var (tick, events) = (0, [Event]())
            while place < end {
                tick += variable()
                let start = place
                if bytes[place] == 0xFF {
                    place += 2
                    let count = variable()
                    if bytes[start + 1] == 0x51 {
                        tempi.append((tick, number(place..<place + count)))
                    }
                    place += count
                } else {
                    place += 3
                }
                events.append(Event(tick: tick, bytes: Array(bytes[start..<place])))
            }
            tracks.append(events)
        }
        guard number(10..<12) == tracks.count else { throw Fault() }
    }

    /// The seconds at a tick.
    func time(_ tick: Int) -> Double {
        var (seconds, last, length) = (0.0, 0, 500_000)
        for tempo in tempi where tempo.tick <= tick {
            seconds += Double((tempo.tick - last) * length) / 1e6 / Double(division)
            (last, length) = (tempo.tick, tempo.microseconds)
        }
        return seconds + Double((tick - last) * length) / 1e6 / Double(division)
    }
}
