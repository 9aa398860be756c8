import AudioIO
import Foundation
import Storage
import TestSupport
import Testing

/// Files of a mixture and its four stems.
@Suite(.enabled(if: Program.ffmpeg != nil, "the ffmpeg program is not installed"))
struct StemContainerTests {
    static let json = Array(#"{"stems":[],"version":1}"#.utf8)
    static let places = [10_000, 20_000, 30_000, 40_000]

    /// Four stems, silence but for a short tone burst in each.
    static func container(
        _ codec: StemContainer.Codec, rate: Int = 44_100, channels: Int = 2,
        in scratch: TemporaryFolder
    ) throws -> StemContainer {
        let stems = try places.enumerated().map { index, place in
            let path = scratch(FilePath("stem \(index).wav"))
            let writer = try AudioWriter(
                path, format: .wav, samples: .int16, sampleRate: rate, channels: channels)
            var sound = [Int32](repeating: 0, count: rate)
            // A raised cosine of 8 ms: its peak is where the place is.
            for n in -176...176 {
                let value = 0.4 * (1 + cos(Double.pi * Double(n) / 177)) / 2
                sound[place + n] = Int32(value * 32_767) << 16
            }
            try writer.write(integers: Array(repeating: sound, count: channels))
            try writer.publish()
            return StemContainer.Part(name: "Part \(index)", path: path)
        }
        return StemContainer(
            stems: stems, codec: codec, sampleRate: rate, channels: channels, isShallow: true,
            tags: [.title: "Söng", .artist: "Bänd", .track: "3/12"], description: json)
    }

    /// What ffmpeg decodes of one track, as 16-bit integers of the left side.
    static func decode(_ path: FilePath, track: Int, in scratch: TemporaryFolder) throws -> [Int] {
        let output = scratch("decoded.wav")
        try Program.run(
            Program.ffmpeg,
            [
                "-nostdin", "-v", "error", "-y", "-i", "\(path)", "-map", "0:a:\(track)", "-c:a",
                "pcm_s16le", "\(output)",
            ])
        return try #require(try Content(of: output).integers)[0].map { Int($0) >> 16 }
    }

    @Test(arguments: StemContainer.Codec.allCases, [1, 2])
    func allTracksAreAlignedAndAtTheirLevel(_ codec: StemContainer.Codec, channels: Int) throws {
        let scratch = try TemporaryFolder()
        let path = scratch("song.stem.mp4")
        _ = try Self.container(codec, channels: channels, in: scratch)
            .write(to: path, overwriting: false)
        for (index, place) in Self.places.enumerated() {
            let stem = try Self.decode(path, track: index + 1, in: scratch)
            let mixture = try Self.decode(path, track: 0, in: scratch)
            for (sound, window) in [(stem, stem.indices), (mixture, place - 500..<place + 500)] {
                let peak = try #require(window.max { sound[$0] < sound[$1] })
                #expect(abs(peak - place) <= (codec == .alac ? 0 : 3))
                #expect(abs(Double(sound[peak]) / (0.4 * 32_767) - 1) < 0.05)
            }
            if codec == .alac { #expect(stem.count == 44_100 && mixture.count == 44_100) }
        }
    }

    @Test(.enabled(if: Program.ffprobe != nil, "the ffprobe program is not installed"))
    func onlyTheMixtureIsEnabledAndTheTagsAreThere() throws {
        let scratch = try TemporaryFolder()
        let path = scratch("song.stem.mp4")
        _ = try Self.container(.aac, rate: 96_000, in: scratch).write(to: path, overwriting: false)
        let words = try Program.run(
            Program.ffprobe,
            [
                "-v", "error", "-of", "json", "-show_entries",
                "stream=codec_name,sample_rate,channels:stream_disposition=default:stream_tags"
                    + ":format_tags", "\(path)",
            ])
        let all = try #require(
            try JSONSerialization.jsonObject(with: Data(words.utf8)) as? [String: Any])
        let streams = try #require(all["streams"] as? [[String: Any]])
        #expect(streams.count == 5)
        #expect(
            streams.map { ($0["disposition"] as? [String: Int])?["default"] } == [1, 0, 0, 0, 0])
        #expect(streams.allSatisfy { $0["codec_name"] as? String == "aac" })
        // 96 kHz is what DJ programs do not play.
        #expect(streams.allSatisfy { $0["sample_rate"] as? String == "48000" })
        #expect(
            streams.map { ($0["tags"] as? [String: String])?["handler_name"] } == [
                "Mix", "Part 0", "Part 1", "Part 2", "Part 3",
            ])
        let tags = (all["format"] as? [String: Any])?["tags"] as? [String: String]
        #expect(tags?["title"] == "Söng" && tags?["artist"] == "Bänd" && tags?["track"] == "3/12")
    }

    @Test func theSameStemsGiveTheSameBytes() throws {
        let scratch = try TemporaryFolder()
        let container = try Self.container(.aac, in: scratch)
        let first = try container.write(to: scratch("a.stem.mp4"), overwriting: false)
        let second = try container.write(to: scratch("b.stem.mp4"), overwriting: false)
        #expect(first == second)
        #expect(try first == SHA256Digest(of: scratch.bytes("a.stem.mp4")))
        #expect(throws: AudioFileError.self) {
            try container.write(to: scratch("a.stem.mp4"), overwriting: false)
        }
        #expect(try scratch.names().filter { $0.hasPrefix(".") }.isEmpty)
    }

    /// What stands in for the encoder does its work and then something to the file.
    static func program(_ afterwards: String, in scratch: TemporaryFolder) throws -> String {
        let path = scratch("encoder")
        let ffmpeg = Program.ffmpeg?.path ?? ""
        try scratch.write(
            Array(
                """
                #!/bin/sh
                for last; do :; done
                out=${last#file:}
                "\(ffmpeg)" "$@" || exit $?
                [ "$1" = -version ] && exit 0
                \(afterwards)
                """.utf8), "encoder")
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o755], ofItemAtPath: "\(path)")
        return "\(path)"
    }

    /// The atoms on the top level and those in `moov/udta`, read once more from scratch.
    static func atoms(_ bytes: [UInt8]) throws -> (top: [String], user: [String: [UInt8]]) {
        func list(_ range: Range<Int>) throws -> [(name: String, content: Range<Int>)] {
            var found: [(name: String, content: Range<Int>)] = []
            var place = range.lowerBound
            while place < range.upperBound {
                let size = bytes[place..<place + 4].reduce(0) { $0 << 8 | Int($1) }
                let name = String(decoding: bytes[place + 4..<place + 8], as: UTF8.self)
                try #require(size >= 8 && place + size <= range.upperBound)
                found.append((name, place + 8..<place + size))
                place += size
            }
            return found
        }
        let top = try list(0..<bytes.count)
        let movie = try #require(top.first { $0.name == "moov" })
        let user = try list(movie.content).filter { $0.name == "udta" }
        try #require(user.count == 1)
        let parts = try list(user[0].content).map { ($0.name, Array(bytes[$0.content])) }
        return (top.map(\.name), Dictionary(uniqueKeysWithValues: parts))
    }

    @Test func theDescriptionStandsBesideTheTags() throws {
        let scratch = try TemporaryFolder()
        let container = try Self.container(.aac, in: scratch)
        _ = try container.write(to: scratch("a.stem.mp4"), overwriting: false)
        let found = try Self.atoms(scratch.bytes("a.stem.mp4"))
        #expect(found.user["stem"] == Self.json)
        #expect(found.user["meta"] != nil)
    }

    /// A movie atom in front of the sound stays there as free space: no place in the file moves.
    @Test func soundIsFoundWhereTheMovieAtomComesFirst() throws {
        let scratch = try TemporaryFolder()
        let ffmpeg = Program.ffmpeg?.path ?? ""
        let encoder = try Self.program(
            "\"\(ffmpeg)\" -v error -y -i \"$out\" -map 0 -c copy -movflags +faststart -f mp4 "
                + "\"$out.2\" && cat \"$out.2\" >\"$out\" && rm \"$out.2\"", in: scratch)
        let path = scratch("song.stem.mp4")
        _ = try Self.container(.aac, in: scratch).write(
            to: path, overwriting: false, encoder: encoder)
        let found = try Self.atoms(scratch.bytes("song.stem.mp4"))
        #expect(found.top.last == "moov" && found.top.filter { $0 == "moov" }.count == 1)
        #expect(found.user["stem"] == Self.json)
        let stem = try Self.decode(path, track: 4, in: scratch)
        let peak = try #require(stem.indices.max { stem[$0] < stem[$1] })
        #expect(abs(peak - Self.places[3]) <= 3)
    }

    @Test(arguments: [
        "head -c 3000 \"$out\" >\"$out.2\"; cat \"$out.2\" >\"$out\"; rm \"$out.2\"",
        ": >\"$out\"", "echo no atoms at all >\"$out\"",
    ])
    func outputThatMakesNoSenseIsAnErrorAndNoFile(_ afterwards: String) throws {
        let scratch = try TemporaryFolder()
        let container = try Self.container(.aac, in: scratch)
        let encoder = try Self.program(afterwards, in: scratch)
        let path = scratch("song.stem.mp4")
        #expect(throws: AudioFileError(.encoderOutput, path)) {
            try container.write(to: path, overwriting: false, encoder: encoder)
        }
        #expect(try scratch.names().allSatisfy { !$0.contains("mp4") && !$0.hasPrefix(".") })
    }

    @Test func withoutTheProgramTheErrorSaysSo() throws {
        let scratch = try TemporaryFolder()
        let path = scratch("song.stem.mp4")
        let container = try Self.container(.aac, in: scratch)
        #expect(throws: AudioFileError(.needsEncoder, path)) {
            try container.write(to: path, overwriting: false, encoder: Program.missing)
        }
        #expect(throws: AudioFileError(.needsEncoder, path)) {
            try StemContainer.checkEncoder(for: path, encoder: Program.missing)
        }
        let failing = try Self.program("exit 3", in: scratch)
        #expect(throws: AudioFileError(.encoderFailed(status: 3), path)) {
            try container.write(to: path, overwriting: false, encoder: failing)
        }
        #expect(try scratch.names().allSatisfy { !$0.contains("mp4") && !$0.hasPrefix(".") })
    }

    struct StempegView: Decodable {
        var streams: Int
        var rate: Double
        var peaks: [Int]
        var names: [String]
        var stem: String
    }

    @Test(
        .enabled(if: Program.stemReader != nil, "no UNBRAID_STEM_READER: scripts/test sets it"))
    func stempegReadsFiveTracksInPlace() throws {
        let scratch = try TemporaryFolder()
        let path = scratch("song.stem.mp4")
        _ = try Self.container(.aac, in: scratch).write(to: path, overwriting: false)
        let words = Program.stemReader ?? []
        let output = try Program.run(
            words.first.map { URL(fileURLWithPath: $0) }, words.dropFirst() + ["\(path)"])
        let line = output.split(separator: "\n").last ?? ""
        let view = try JSONDecoder().decode(StempegView.self, from: Data(line.utf8))
        #expect(view.streams == 5 && view.rate == 44_100)
        #expect(view.names == ["Mix", "Part 0", "Part 1", "Part 2", "Part 3"])
        #expect(view.stem == String(decoding: Self.json, as: UTF8.self))
        for (peak, place) in zip(view.peaks.dropFirst(), Self.places) {
            #expect(abs(peak - place) <= 3)
        }
    }
}
