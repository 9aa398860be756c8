import Foundation
import Reports
import Signal
import Storage
import Testing

@testable import AudioIO
@testable import Batch

/// What is told of a track passes between processes and stays what it is.
struct ReportCodingTests {
    private func again<Value: Codable>(_ value: Value) throws -> Value {
        try JSONDecoder().decode(Value.self, from: JSONEncoder().encode(value))
    }

    @Test(arguments: [
        Array("a/b.wav".utf8), [0xE9, 0x74, 0x2E, 0x77], Array("{\"hex\":\"00\"}".utf8),
        Array("e\u{301}".utf8), Array("\u{E9}\n\"\\".utf8), [], [0xFF],
    ])
    func aPathStaysByteForByte(bytes: [UInt8]) throws {
        #expect(try again([FilePath(bytes: bytes)])[0].bytes == bytes)
    }

    @Test func aReportStaysWhatItIs() throws {
        let digest = SHA256Digest(of: [1, 2, 3])
        let file = StemFile(
            stem: .vocals, path: FilePath(bytes: [0xFF, 0x2F, 0x61]), format: .wav,
            samples: .float32, sampleRate: 48_000, length: 12, peak: 1.25, becameFloat: true,
            digest: digest)
        var report = TrackReport(
            source: SourceFormat(
                sampleRate: 48_000, channels: 2, length: nil, container: "WAV", codec: "PCM 24",
                kind: .integer(bits: 24), byteCount: 99, decoder: .ffmpeg),
            length: 12,
            notes: [
                .truncated(found: 3, declared: nil), .damaged(sample: 4), .roundedToFloat,
                .notFiniteReplaced(count: 1, channel: 2, sample: 3),
            ],
            input: InputFacts(size: 99, modified: 1_700_000_000_123_456_789, sha256: digest),
            stems: [
                StemReport(
                    file, levels: Levels(peak: 1.25, rms: nil, loudness: -12.5),
                    presence: StemPresence(activity: 0.25, certainty: 0.75, presence: 0.5))
            ],
            times: TrackTimes())
        report.extras = [ExtraFile(kind: "cues", path: "a/cues.txt", sha256: digest)]
        report.warnings = ["a line"]
        report.times.total = 0.1
        #expect(try again(report) == report)
        #expect(report.stems[0].sha256.hex.hasPrefix("039058c6f2c0cb49"))
    }

    @Test func whatIsNoDigestIsRefused() {
        for text in ["\"\"", "\"12\"", "\"\(String(repeating: "g", count: 64))\"", "3"] {
            #expect(throws: DecodingError.self) {
                try JSONDecoder().decode([SHA256Digest].self, from: Data("[\(text)]".utf8))
            }
        }
    }

    @Test func causesHaveTheirCodes() {
        func code(_ error: any Error) -> String {
            TrackFailure(error, describe: { "\($0)" }).cause
        }
        #expect(code(AudioFileError(.noSpace, "a")) == "disk_full")
        #expect(code(AudioFileError(.notAudio, "a")) == "not_audio")
        #expect(code(StorageError(.createFolder, "a", number: ENOSPC)) == "disk_full")
        #expect(code(StorageError(.createFolder, "a", number: EROFS)) == "permission")
        #expect(code(StorageError(.open, "a", number: ENAMETOOLONG)) == "name_too_long")
        #expect(code(StorageError(.read, "a", number: EIO)) == "unreadable")
        #expect(code(StorageError(.write, "a", number: EIO)) == "unwritable")
        #expect(code(TrackJob.Fault.exists("a")) == "exists")
        #expect(code(CancellationError()) == "other")
        let first = TrackFailure(.crashed, message: "ended", attempts: 2)
        #expect(TrackFailure(first, describe: { _ in "" }) == first)
    }
}
