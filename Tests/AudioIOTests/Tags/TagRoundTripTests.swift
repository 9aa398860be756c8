import AudioIO
import Foundation
import Signal
import Storage
import TestSupport
import Testing

/// What we write is what we and others read.
@Suite struct TagRoundTripTests {
    static let tags: [TagField: String] = [
        .title: "Zwölf Töne — 十二音", .artist: "Ünal & Söhne", .album: "Größte Erfolge",
        .track: "3/12", .date: "1999-12-31", .genre: "Musique concrète",
        .comment: "first line\nsecond line = \\; # end", .copyright: "© 1999 nobody",
        .license: "CC-BY-4.0",
    ]

    /// Writes a second of noise with metadata.
    static func write(
        _ metadata: Metadata, _ format: FileFormat, in scratch: TemporaryFolder
    ) throws -> FilePath {
        let path = scratch(FilePath("tagged.\(format.fileExtension)"))
        let samples: SampleFormat? = format.isLossless ? .int16 : nil
        let writer = try AudioWriter(
            path, format: format, samples: samples, sampleRate: 48_000, channels: 2,
            expectedLength: 48_000, metadata: metadata)
        if samples == nil {
            try writer.write(floats: Signals.floats(peak: 0.5, channels: 2, count: 48_000))
        } else {
            try writer.write(integers: Signals.integers(bits: 16, channels: 2, count: 48_000))
        }
        try writer.publish()
        return path
    }

    static func expected(_ format: FileFormat) -> [TagField: String] {
        guard format == .wav else { return tags }
        // RIFF has one place for whose it is and for the licence.
        return tags.merging([.copyright: "© 1999 nobody; CC-BY-4.0"]) { $1 }
            .filter { $0.key != .license }
    }

    @Test func aLicenceAloneStandsInTheCopyrightOfAWAVFile() throws {
        let scratch = try TemporaryFolder()
        var metadata = Metadata()
        metadata.tags = [.license: "CC0-1.0"]
        let path = try Self.write(metadata, .wav, in: scratch)
        #expect(try AudioReader(path).metadata.tags == [.copyright: "CC0-1.0"])
        // What was read from such a file and its licence from elsewhere are not joined again.
        metadata.tags = [.copyright: "me; CC0-1.0", .license: "CC0-1.0"]
        let other = try TemporaryFolder()
        let again = try Self.write(metadata, .wav, in: other)
        #expect(try AudioReader(again).metadata.tags == [.copyright: "me; CC0-1.0"])
    }

    @Test(arguments: FileFormat.allCases)
    func everyFormatKeepsItsFields(_ format: FileFormat) throws {
        let scratch = try TemporaryFolder()
        var metadata = Metadata()
        metadata.tags = Self.tags
        let path = try Self.write(metadata, format, in: scratch)
        let reader = try AudioReader(path)
        #expect(reader.metadata.tags == Self.expected(format))
        #expect(reader.notes.isEmpty)
        // The sound is not touched by what stands in front of it.
        let content = try Content(of: path)
        #expect(content.length >= 48_000 && content.length < 48_000 + 4000)
        if format.isLossless {
            #expect(content.integers == Signals.integers(bits: 16, channels: 2, count: 48_000))
        }
    }

    @Test(
        .enabled(if: Program.ffprobe != nil, "the ffprobe program is not installed"),
        arguments: FileFormat.allCases)
    func ffprobeReadsTheFields(_ format: FileFormat) throws {
        let scratch = try TemporaryFolder()
        var metadata = Metadata()
        metadata.tags = Self.tags
        let path = try Self.write(metadata, format, in: scratch)
        let words = try Program.run(
            Program.ffprobe,
            ["-v", "error", "-of", "json", "-show_entries", "format_tags:stream_tags", "\(path)"])
        let all = try #require(
            try JSONSerialization.jsonObject(with: Data(words.utf8)) as? [String: Any])
        let streams = all["streams"] as? [[String: Any]] ?? []
        var found: [String: String] = [:]
        for part in streams + [all["format"] as? [String: Any] ?? [:]] {
            for (name, value) in part["tags"] as? [String: String] ?? [:] {
                found[name.lowercased()] = value
            }
        }
        for (field, text) in Self.expected(format) {
            #expect(found[field.rawValue] == text, "\(format) \(field)")
        }
    }

    @Test(
        .enabled(if: Program.tagReader != nil, "no UNBRAID_TAG_READER: scripts/test sets it"),
        arguments: FileFormat.allCases)
    func pythonLibrariesReadTheFields(_ format: FileFormat) throws {
        let scratch = try TemporaryFolder()
        var metadata = Metadata()
        metadata.tags = Self.tags
        let found = try Program.readTags(Self.write(metadata, format, in: scratch))
        var expected = Self.expected(format)
        // wavinfo has no name for the number of the track.
        if format == .wav { expected[.track] = nil }
        #expect(
            found.tags
                == Dictionary(uniqueKeysWithValues: expected.map { ($0.key.rawValue, $0.value) }))
    }

    @Test(arguments: FileFormat.allCases)
    func aStemSaysInItsTitleWhichItIs(_ format: FileFormat) throws {
        let scratch = try TemporaryFolder()
        let (mixture, source) = try StemSumTests.source(
            bits: 16, channels: 2, count: 4800, in: scratch)
        var metadata = Metadata()
        metadata.tags = [.title: "Song", .artist: "Band"]
        let set = try StemWriterSet(
            named: StemSumTests.targets(["vocals"], format, in: scratch),
            remainder: StemSumTests.targets(["other"], format, in: scratch)[0], source: source,
            format: format, samples: format.isLossless ? .int16 : nil, metadata: metadata)
        try set.write(mixture: mixture, stems: [mixture.floats.map { $0.map { $0 / 2 } }])
        for file in try set.publish() {
            let tags = try AudioReader(file.path).metadata.tags
            #expect(tags == [.title: "Song (\(file.stem))", .artist: "Band"])
        }
    }

    /// A stem that turns into floats on the way starts a new file.
    @Test func tagsStayWhereAStemBecomesFloat() throws {
        let scratch = try TemporaryFolder()
        let (mixture, source) = try StemSumTests.source(
            bits: 16, channels: 1, count: 4800, in: scratch)
        var metadata = Metadata()
        metadata.tags = [.title: "Song"]
        let set = try StemWriterSet(
            named: StemSumTests.targets(["vocals"], .flac, in: scratch), remainder: nil,
            source: source, format: .flac, samples: .int16, metadata: metadata)
        try set.write(mixture: mixture, stems: [mixture.floats.map { $0.map { $0 * 2 } }])
        let file = try set.publish()[0]
        #expect(file.becameFloat)
        #expect(try AudioReader(file.path).metadata.tags == [.title: "Song (vocals)"])
    }

    @Test(
        .enabled(if: Program.ffmpeg != nil, "the ffmpeg program is not installed"),
        arguments: [
            "a.wav", "a.w64", "a.aiff", "a.flac", "a.ogg", "a.opus", "a.mp3", "a.caf", "a.m4a",
            "a.wma", "a.mka", "a.wv",
        ])
    func whatFFmpegTagsIsRead(_ name: String) throws {
        let scratch = try TemporaryFolder()
        _ = try FFmpegTests.makeInput(in: scratch)
        // Formats of ours without a tag give none; see docs/tags.md.
        var fields: Set<TagField> = [
            .title, .artist, .album, .track, .date, .genre, .comment, .copyright,
        ]
        if name == "a.w64" { fields = [] }
        // libsndfile knows no number of the track in CAF files.
        if name == "a.caf" { fields.remove(.track) }
        let options =
            name == "a.aiff" ? ["-write_id3v2", "1"] : name == "a.mp3" ? ["-q:a", "4"] : []
        let given = fields.flatMap { ["-metadata", "\($0.rawValue)=\(Self.tags[$0] ?? "")"] }
        try FFmpegTests.convert(given + options, to: FilePath(name), in: scratch)
        let reader = try AudioReader(scratch(FilePath(name)))
        #expect(reader.metadata.tags == Self.tags.filter { fields.contains($0.key) })
        #expect(reader.notes.isEmpty)
    }
}
