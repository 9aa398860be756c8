import Foundation
import Reports
import TestSupport
import Testing

@Suite struct CueTests {
    @Test(arguments: [0, 1, 1000, 22_049, 30_011, 44_099], [44_100, 8_000, 96_000])
    func anImpulseIsFoundOnItsSample(at sample: Int, rate: Int) {
        var sound = [Float](repeating: 0, count: 48_000)
        sound[sample] = 0.5
        let onsets = cues(of: [sound], sampleRate: rate).onsets
        #expect(onsets.map(\.sample) == [sample])
    }

    @Test func hitsOfDrumsAreFoundWithinAMillisecond() {
        let pattern = DrumPattern.rock(tempo: 113, bars: 8)
        let found = cues(of: [pattern.rendered()]).onsets.map(\.sample)
        #expect(found.count == pattern.moments.count)
        for (found, moment) in zip(found, pattern.moments) { #expect(abs(found - moment) <= 44) }
    }

    @Test(arguments: [1, 220, 441, 12_345])
    func aDelayOfTheSoundIsADelayOfTheCues(samples: Int) {
        let sound = DrumPattern.rock(tempo: 100, bars: 4).rendered()
        let silence = [Float](repeating: 0, count: samples)
        let plain = CueSheet([cues(of: [sound])])
        let late = CueSheet([cues(of: [silence + sound])])
        // Of a drum's dying noise, the detector's own places decide what just passes its threshold.
        let expected = plain.sources[0].onsets.filter { $0.strength > 0.03 }.map(\.sample)
        let found = late.sources[0].onsets.filter { $0.strength > 0.03 }.map(\.sample)
        #expect(found.map { $0 - samples } == expected)
        #expect(expected.count == 32)
        #expect(late.rhythm.beats.map { $0.sample - samples } == plain.rhythm.beats.map(\.sample))
    }

    @Test(arguments: [1, 777, 65_536])
    func theSizeOfBlocksChangesNothing(size: Int) throws {
        let sound = DrumPattern.rock(tempo: 120, bars: 2).rendered()
        let expected = CueSheet([cues(of: [sound, sound])])
        let sheet = CueSheet([cues(of: [sound, sound], block: size)])
        #expect(
            try written { try CueJSON.write(sheet, to: &$0) }
                == written { try CueJSON.write(expected, to: &$0) })
    }

    @Test(arguments: [86.0, 112, 137.5])
    func beatsBarsAndTempoOfARockPatternAreFound(tempo: Double) throws {
        let pattern = DrumPattern.rock(tempo: tempo, bars: 10)
        let rhythm = CueSheet([cues(of: [pattern.rendered()])]).rhythm
        let found = try #require(rhythm.medianTempo)
        #expect(abs(found - tempo) < 0.5)
        #expect(rhythm.meter == 4)
        for (index, beat) in rhythm.beats.enumerated() {
            let time = 0.3 + Double(index) * 60 / tempo
            #expect(abs(rhythm.time(beat.sample) - time) < 0.005)
            #expect(beat.position == index % 4)
        }
        #expect(rhythm.beats.count >= 39)
    }

    @Test func kickSnareAndHatAreToldApart() {
        let pattern = DrumPattern.rock(tempo: 100, bars: 4)
        let onsets = cues(of: [pattern.rendered()]).onsets
        for onset in onsets where onset.strength > 0.03 {
            let hits = pattern.hits.filter { abs($0.sample - onset.sample) < 441 }.map(\.drum)
            #expect(hits.first == onset.drum)
        }
    }

    /// Plucked strings that sound in between leave a fiftieth of themselves, -34 dB, in the drums.
    @Test(arguments: [1, 777, 16_384])
    func whatLeaksIntoAStemIsNoOnsetBesideTheMixture(block: Int) {
        let pattern = DrumPattern.rock(tempo: 90, bars: 4)
        let drums = pattern.rendered()
        let eighth = 60.0 / 90 / 2 * 44_100
        let plucks = stride(
            from: 13_230 + 0.5 * eighth, to: Double(drums.count) - eighth, by: eighth
        )
        .map { Int($0) }
        var strings = [Float](repeating: 0, count: drums.count)
        for pluck in plucks {
            for index in 0..<8000 {
                let time = Double(index) / 44_100
                let tone = (1...12).reduce(0.0) { $0 + sin(2 * .pi * 196 * Double($1) * time) / 6 }
                strings[pluck + index] += Float(0.4 * tone * exp(-time / 0.06))
            }
        }
        let stem = zip(drums, strings).map { $0 + $1 / 50 }
        let mixture = zip(drums, strings).map { $0 + $1 }
        func leaks(_ cues: SourceCues) -> Int {
            plucks.count { pluck in cues.onsets.contains { abs($0.sample - pluck) < 1100 } }
        }
        let alone = cues(of: [stem], block: block)
        let beside = cues(of: [stem], beside: [mixture, mixture], block: block)
        #expect(leaks(alone) > plucks.count / 2)
        #expect(leaks(beside) == 0)
        for moment in pattern.moments {
            #expect(beside.onsets.contains { abs($0.sample - moment) <= 220 })
        }
    }

    @Test func silenceHasNoOnsetsNoBeatsAndTheFloorForALevel() throws {
        let sheet = CueSheet([cues(of: [[Float](repeating: 0, count: 44_100)])])
        let source = sheet.sources[0]
        #expect(source.onsets.isEmpty)
        #expect(sheet.rhythm.beats.isEmpty)
        #expect(source.regions.map(\.samples) == [0..<44_100])
        #expect(source.regions.map(\.isActive) == [false])
        #expect(source.frames.energy == Array(repeating: FrameTrack.floor, count: 60))
        #expect(source.frames.centroid.allSatisfy { $0 == 0 })
    }

    @Test(arguments: [1, 2, 99, 4000], [1000, 8000, 44_100, 192_000])
    func soundShorterThanABeatHasFrames(length: Int, rate: Int) throws {
        let sound = noise(length: length, seed: 3)
        let sheet = CueSheet([cues(of: [sound], sampleRate: rate)])
        #expect(sheet.sources[0].frames.count >= 1)
        #expect(sheet.sources[0].onsets.allSatisfy { (0..<length).contains($0.sample) })
        #expect(sheet.rhythm.beats.allSatisfy { (0..<length).contains($0.sample) })
        _ = try written { try MIDIFile.write(sheet, to: &$0) }
    }

    @Test func numbersAreFiniteWhateverTheSamples() throws {
        var sound = noise(length: 20_000, seed: 5)
        for index in 5000..<6000 { sound[index] *= 3e38 }
        let sheet = CueSheet([cues(of: [sound])])
        let json = try written { try CueJSON.write(sheet, to: &$0) }
        let object = try JSONSerialization.jsonObject(with: Data(json)) as? [String: Any]
        #expect(object?["format"] as? String == "unbraid-cues")
        for values in [sheet.sources[0].frames.energy, sheet.sources[0].frames.flatness] {
            #expect(values.allSatisfy { $0.isFinite })
        }
    }

    @Test func aSineHasItsLevelItsBandAndItsFrequency() {
        let sound = (0..<44_100).map { Float(0.5 * sin(2 * .pi * 1000 * Double($0) / 44_100)) }
        let frames = cues(of: [sound]).frames
        #expect(frames.count == 60)
        for frame in 5..<55 {
            #expect(abs(frames.energy[frame] + 9.03) < 0.05)
            #expect(abs(frames.mid[frame] - frames.energy[frame]) < 0.01)
            #expect(frames.low[frame] < -50)
            #expect(abs(frames.centroid[frame] - 1000) < 5)
            #expect(frames.flatness[frame] < 0.01)
        }
    }

    @Test func framesOfAnyRateAreCountedFromTheFirstSample() {
        let sound = noise(length: 50_000, seed: 9)
        for rate in [1.0, 29.97, 60, 999] {
            let frames = cues(of: [sound], rate: rate).frames
            // The frames whose middle lies within the sound.
            let count = (0...60_000).prefix {
                (Double($0) / rate * 44_100).rounded() < 50_000
            }.count
            #expect(frames.count == count)
            #expect(frames.flatness.dropFirst().dropLast().allSatisfy { $0 > 0.4 })
        }
    }

    @Test func soundAndSilenceTakeTurns() {
        let tone = (0..<44_100).map { Float(0.3 * sin(Double($0) * 0.1)) }
        let rest = [Float](repeating: 0, count: 44_100)
        let regions = CueSheet([cues(of: [rest + tone + rest + tone])]).sources[0].regions
        #expect(regions.map(\.isActive) == [false, true, false, true])
        for (region, edge) in zip(regions, [0, 44_100, 88_200, 132_300]) {
            #expect(abs(region.samples.lowerBound - edge) <= 441)
        }
        #expect(regions.last?.samples.upperBound == 4 * 44_100)
    }
}
