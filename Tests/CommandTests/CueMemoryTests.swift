import Foundation
import TestSupport
import Testing

/// Cues of long sounds: what is kept of them is what is written, not their samples.
@Suite(
    .serialized,
    .enabled(if: FileManager.default.fileExists(atPath: "/proc/self/status"), "no /proc here"))
struct CueMemoryTests {
    private let program: Program

    init() throws { program = try Program() }

    /// Writes minutes of a beat over noise, mono at 8 kHz, made of one minute again and again.
    private func writeBeat(_ name: String, minutes: Int) throws {
        let rate = 8000
        try program.writeNoise(name, seconds: 60, rate: rate, channels: 1)
        let path = program.folder.url.appending(path: name)
        var bytes = [UInt8](try Data(contentsOf: path))
        let sound = try #require(Wave.chunk("data", bytes))
        for sample in 0..<sound.count / 2 {
            let place = sound.lowerBound + 2 * sample
            let noise = Int16(truncatingIfNeeded: Int(bytes[place]) | Int(bytes[place + 1]) << 8)
            // A stroke each half second that fades out.
            let level = exp(-Double(sample % (rate / 2)) / 300)
            let value = Int16(Double(noise) * (0.02 + level)).littleEndian
            bytes[place] = UInt8(truncatingIfNeeded: value)
            bytes[place + 1] = UInt8(truncatingIfNeeded: value >> 8)
        }
        let minute = Data(bytes[sound])
        func put(_ value: Int, at place: Int) {
            for byte in 0..<4 {
                bytes[place + byte] = UInt8(truncatingIfNeeded: value >> (8 * byte))
            }
        }
        put(36 + minutes * minute.count, at: 4)
        put(minutes * minute.count, at: sound.lowerBound - 4)
        try Data(bytes[..<sound.lowerBound]).write(to: path)
        let file = try FileHandle(forWritingTo: path)
        try file.seekToEnd()
        for _ in 0..<minutes { try file.write(contentsOf: minute) }
        try file.close()
    }

    @Test func anHourNeedsLittleMoreMemoryThanTenMinutes() throws {
        try writeBeat("ten.wav", minutes: 10)
        try writeBeat("hour.wav", minutes: 60)
        let ten = try program.measure(
            ["cues", "ten.wav", "--cue-formats", "json"], model: nil)
        let hour = try program.measure(
            ["cues", "hour.wav", "--cue-formats", "json"], model: nil)
        print("cues: \(ten.kilobytes) kB for 10 minutes, \(hour.kilobytes) kB for 60")
        #expect(ten.kilobytes > 0 && ten.kilobytes < 60_000)
        // Its samples alone, as floats, are 115 MB; what is kept of a source is 10 kB a second.
        #expect(hour.kilobytes < ten.kilobytes + 50 * 60 * 10)
        let sheet = try #require(
            try JSONSerialization.jsonObject(with: try program.bytes("cues/hour/cues.json"))
                as? [String: Any])
        let sources = try #require(sheet["sources"] as? [[String: Any]])
        let onsets = try #require(sources[0]["onsets"] as? [[String: Any]])
        #expect(onsets.count >= 7000)
    }
}
