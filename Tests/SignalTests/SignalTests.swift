import Signal
import Testing

struct SpectrogramTests {
    @Test func framesOfAChannelLieBehindEachOther() {
        let spectrogram = Spectrogram(channels: 2, frames: 3, bins: 5)
        #expect(spectrogram.range(channel: 0, frame: 1) == 5..<10)
        #expect(spectrogram.range(channel: 1, frame: 0) == 15..<20)
        #expect(spectrogram.values.count == 30)
    }
}
