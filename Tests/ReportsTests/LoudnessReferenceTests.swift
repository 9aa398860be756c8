private import CEBUR128
import TestSupport
import Testing

@testable import Reports

/// Integrated loudness beside libebur128's own.
struct LoudnessReferenceTests {
    @Test(
        arguments: [8_000, 22_050, 44_100, 48_000, 96_000, 192_000], [1, 2, 3, 4, 5, 6, 7, 8])
    func loudnessIsThatOfTheLibrary(rate: Int, channels: Int) throws {
        let length = 3 * rate
        // Noise that swells and fades, so that both gates have something to leave out.
        let sound = (0..<channels).map { channel in
            var samples = noise(length: length, seed: UInt64(channel + 1))
            for index in samples.indices {
                let place = Float(index) / Float(length)
                samples[index] *= 0.5 * place * place + (index % (rate / 3) < rate / 9 ? 0.2 : 1e-5)
            }
            return samples
        }
        let meter = LevelMeter(sampleRate: rate, channels: channels)
        meter.add(sound)
        let found = try #require(meter.levels.loudness)
        let expected = try #require(reference(sound, rate: rate))
        #expect(abs(found - expected) < 0.01, "\(found) instead of \(expected)")
    }

    private func reference(_ sound: [[Float]], rate: Int) -> Double? {
        let channels = sound.count
        var state = unsafe ebur128_init(
            UInt32(channels), UInt(rate), Int32(EBUR128_MODE_I.rawValue))
        defer { unsafe ebur128_destroy(&state) }
        let places: [channel] =
            switch channels {
            case 1: [EBUR128_LEFT]
            case 2: [EBUR128_LEFT, EBUR128_RIGHT]
            case 3: [EBUR128_LEFT, EBUR128_RIGHT, EBUR128_CENTER]
            case 4: [EBUR128_LEFT, EBUR128_RIGHT, EBUR128_LEFT_SURROUND, EBUR128_RIGHT_SURROUND]
            case 5:
                [
                    EBUR128_LEFT, EBUR128_RIGHT, EBUR128_CENTER, EBUR128_LEFT_SURROUND,
                    EBUR128_RIGHT_SURROUND,
                ]
            case 6:
                [
                    EBUR128_LEFT, EBUR128_RIGHT, EBUR128_CENTER, EBUR128_UNUSED,
                    EBUR128_LEFT_SURROUND, EBUR128_RIGHT_SURROUND,
                ]
            case 7:
                [
                    EBUR128_LEFT, EBUR128_RIGHT, EBUR128_CENTER, EBUR128_UNUSED, EBUR128_Mp180,
                    EBUR128_Mp090, EBUR128_Mm090,
                ]
            default:
                [
                    EBUR128_LEFT, EBUR128_RIGHT, EBUR128_CENTER, EBUR128_UNUSED, EBUR128_Mp135,
                    EBUR128_Mm135, EBUR128_Mp090, EBUR128_Mm090,
                ]
            }
        for (index, place) in places.enumerated() {
            unsafe ebur128_set_channel(state, UInt32(index), Int32(place.rawValue))
        }
        var mixed: [Float] = []
        for index in sound[0].indices {
            for samples in sound { mixed.append(samples[index]) }
        }
        unsafe ebur128_add_frames_float(state, mixed, sound[0].count)
        var loudness = 0.0
        guard unsafe ebur128_loudness_global(state, &loudness) == 0, loudness.isFinite else {
            return nil
        }
        return loudness
    }
}
