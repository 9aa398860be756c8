import AudioIO
import Batch
import Reports
import Storage
import TestSupport
import Testing

@Suite struct LoopTests {
    private let folder: TemporaryFolder
    private let samples: [[Int32]]

    /// A 16-bit file of noise with a beat every 1000 samples, the first downbeat on sample 500.
    init() throws {
        folder = try TemporaryFolder()
        samples = [1, 2].map { seed in
            noise(length: 12_345, seed: seed).map { Int32($0 * 30_000) << 16 }
        }
        let writer = try AudioWriter(
            folder("drums.wav"), format: .wav, samples: .int16, sampleRate: 8000, channels: 2)
        try writer.write(integers: samples)
        try writer.publish()
    }

    private var rhythm: Rhythm {
        var rhythm = Rhythm()
        rhythm.sampleRate = 8000
        rhythm.meter = 4
        rhythm.beats = (0..<12).map { Rhythm.Beat(sample: 500 + 1000 * $0, position: $0 % 4) }
        rhythm.tempo = Array(repeating: 480, count: 12)
        return rhythm
    }

    private func cut(_ bars: Int, overwriting: Bool = false) throws -> [ExtraFile] {
        try LoopCutter(rhythm, bars: bars).cut(
            folder("drums.wav"), name: "drums", format: .wav, samples: .int16,
            into: folder("loops"), overwriting: overwriting)
    }

    @Test func loopsAreCopiesToTheSampleAndAreNamedByBarAndTempo() throws {
        let files = try cut(1)
        #expect(
            files.map(\.path.name.description) == [
                "drums-bar001-480.0bpm.wav", "drums-bar002-480.0bpm.wav",
            ])
        for (index, file) in files.enumerated() {
            let reader = try AudioReader(file.path)
            #expect(reader.format.kind == .integer(bits: 16))
            var block = reader.makeBlock()
            #expect(try reader.read(into: &block, count: 10_000) == 4000)
            let start = 500 + 4000 * index
            #expect(block.integers == samples.map { Array($0[start..<start + 4000]) })
            #expect(try SHA256Digest(ofFileAt: file.path) == file.sha256)
        }
    }

    @Test func whatIsShorterThanALoopIsNone() throws {
        #expect(try cut(3).isEmpty)
        #expect(try folder.names() == ["drums.wav"])
    }

    @Test func allLoopsAppearOrNone() throws {
        try folder.write("loops/drums-bar002-480.0bpm.wav", "taken")
        #expect(throws: StorageError.self) { try cut(1) }
        #expect(try FileSystem.names(in: folder("loops")).count == 1)
        #expect(try cut(1, overwriting: true).count == 2)
    }
}
