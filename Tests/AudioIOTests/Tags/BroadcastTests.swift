import AudioIO
import Signal
import Storage
import TestSupport
import Testing

/// The broadcast extension and the markers of WAV files.
@Suite struct BroadcastTests {
    /// The content of a `bext` chunk, version 2.
    static func bext(
        originator: String = "Studio 1", time: UInt64, history: String, version: UInt8 = 2
    ) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 602)
        bytes.replaceSubrange(0..<4, with: "Tape".utf8)
        bytes.replaceSubrange(256..<256 + originator.utf8.count, with: originator.utf8)
        for index in 0..<8 { bytes[338 + index] = UInt8(truncatingIfNeeded: time >> (8 * index)) }
        bytes[346] = version
        for index in 348..<412 { bytes[index] = 0xAB }
        for index in 412..<422 { bytes[index] = 0x11 }
        return bytes + Array(history.utf8)
    }

    /// A WAV file of 16-bit mono silence with chunks in front of the sound and behind it.
    static func wav(
        before: [(String, [UInt8])] = [], after: [(String, [UInt8])] = [], count: Int = 48_000
    ) -> [UInt8] {
        func chunk(_ name: String, _ content: [UInt8]) -> [UInt8] {
            var bytes = Array(name.utf8)
            bytes += little(content.count)
            bytes += content
            if content.count % 2 == 1 { bytes.append(0) }
            return bytes
        }
        // PCM, one channel, 48 kHz, 16 bits.
        var format: [UInt8] = [1, 0, 1, 0]
        format += little(48_000)
        format += little(96_000)
        format += [2, 0, 16, 0]
        var body = Array("WAVE".utf8)
        body += chunk("fmt ", format)
        for part in before { body += chunk(part.0, part.1) }
        body += chunk("data", [UInt8](repeating: 0, count: 2 * count))
        for part in after { body += chunk(part.0, part.1) }
        return Array("RIFF".utf8) + little(body.count) + body
    }

    static func cues(_ positions: [Int]) -> [UInt8] {
        var bytes = little(positions.count)
        for (index, position) in positions.enumerated() {
            bytes += little(index + 7)
            bytes += little(position)
            bytes += Array("data".utf8)
            bytes += little(0)
            bytes += little(0)
            bytes += little(position)
        }
        return bytes
    }

    private static func little(_ value: Int) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }

    static func labels(_ labels: [String]) -> [UInt8] {
        var bytes = Array("adtl".utf8)
        for (index, label) in labels.enumerated() {
            var text = little(index + 7)
            text += Array(label.utf8)
            text.append(0)
            bytes += Array("labl".utf8)
            bytes += little(text.count)
            bytes += text
            if text.count % 2 == 1 { bytes.append(0) }
        }
        return bytes
    }

    /// Writes what a reader of a stretch found into another file, as a stem.
    static func pass(
        _ bytes: [UInt8], start: Double, duration: Double?, samples: SampleFormat = .int16,
        expectedLength: Int? = 48_000, in scratch: TemporaryFolder
    ) throws -> FilePath {
        try scratch.write(bytes, "in.wav")
        let reader = try AudioReader(scratch("in.wav"), start: start, duration: duration)
        let path = scratch("out.wav")
        let writer = try AudioWriter(
            path, format: .wav, samples: samples, sampleRate: 48_000, channels: 1,
            expectedLength: expectedLength, metadata: reader.metadata.part(.vocals))
        if samples.integerBits != nil {
            try writer.write(integers: [[Int32]](repeating: [1 << 16, 2 << 16], count: 1))
        } else {
            try writer.write(floats: [[0.5, 0.25]])
        }
        try writer.publish()
        return path
    }

    @Test(arguments: [true, false], [SampleFormat.int16, .int24, .float32])
    func theTimeReferenceMovesWithTheStart(isFront: Bool, samples: SampleFormat) throws {
        let scratch = try TemporaryFolder()
        let chunk = ("bext", Self.bext(time: 172_800_000_123, history: "A=ANALOGUE,T=Tape\r\n"))
        let bytes = Self.wav(before: isFront ? [chunk] : [], after: isFront ? [] : [chunk])
        let path = try Self.pass(bytes, start: 0.5, duration: nil, samples: samples, in: scratch)
        let found = try #require(try AudioReader(path).metadata.broadcast)
        #expect(found.timeReference == 172_800_000_123 + 24_000)
        #expect(found.originator == "Studio 1")
        let width = samples.byteCount * 8
        #expect(
            found.codingHistory
                == "A=ANALOGUE,T=Tape\r\nA=PCM,F=48000,W=\(width),M=mono,T=Unbraid;vocals"
                + (samples == .float32 ? ";float" : ""))
        #expect(try Content(of: path).length == 2)
    }

    /// RF64 that stays small becomes WAV when it is closed.
    @Test func aFileOfUnknownLengthKeepsItToo() throws {
        let scratch = try TemporaryFolder()
        let bytes = Self.wav(
            before: [("bext", Self.bext(time: 5, history: "")), ("cue ", Self.cues([1]))])
        let path = try Self.pass(
            bytes, start: 0, duration: nil, expectedLength: nil, in: scratch)
        let metadata = try AudioReader(path).metadata
        #expect(metadata.broadcast?.timeReference == 5)
        #expect(metadata.markers == [Marker(position: 1, label: "")])
    }

    @Test func whatIsTrueOfTheOldSoundAloneIsTakenOut() throws {
        let scratch = try TemporaryFolder()
        let path = try Self.pass(
            Self.wav(before: [("bext", Self.bext(time: 0, history: "A=PCM"))]), start: 0,
            duration: nil, in: scratch)
        let bytes = try scratch.bytes(path.name)
        let place =
            try #require(
                bytes.indices.first { bytes[$0...].starts(with: "bext".utf8) }) + 8
        #expect(bytes[place..<place + 4].elementsEqual("Tape".utf8))
        #expect(bytes[place + 346] == 2)
        #expect(bytes[place + 348..<place + 412].allSatisfy { $0 == 0 })
        #expect(
            bytes[place + 412..<place + 422].elementsEqual([
                255, 127, 255, 127, 255, 127, 255, 127, 255, 127,
            ]))
    }

    @Test func markersMoveWithTheStretchAndKeepTheirNames() throws {
        let scratch = try TemporaryFolder()
        let bytes = Self.wav(
            before: [("cue ", Self.cues([0, 11_999, 12_000, 20_000, 35_999, 36_000]))],
            after: [("LIST", Self.labels(["a", "b", "Strophe", "", "Übergang", "f"]))])
        let path = try Self.pass(bytes, start: 0.25, duration: 0.5, in: scratch)
        #expect(
            try AudioReader(path).metadata.markers == [
                Marker(position: 0, label: "Strophe"), Marker(position: 8000, label: ""),
                Marker(position: 23_999, label: "Übergang"),
            ])
    }

    @Test func markersReachAIFFToo() throws {
        let scratch = try TemporaryFolder()
        var metadata = Metadata()
        metadata.markers = [
            Marker(position: 0, label: "even"), Marker(position: 4711, label: "odd"),
            Marker(position: 47_999, label: ""),
        ]
        let path = try TagRoundTripTests.write(metadata, .aiff, in: scratch)
        #expect(try AudioReader(path).metadata.markers == metadata.markers)
    }

    @Test(.enabled(if: Program.tagReader != nil, "no UNBRAID_TAG_READER: scripts/test sets it"))
    func wavinfoReadsExtensionAndMarkers() throws {
        let scratch = try TemporaryFolder()
        let bytes = Self.wav(
            before: [
                ("bext", Self.bext(time: 99, history: "A=ANALOGUE\r\n")),
                ("cue ", Self.cues([10, 20_000])), ("LIST", Self.labels(["one", "zwei"])),
            ])
        let path = try Self.pass(bytes, start: 0, duration: nil, in: scratch)
        let found = try Program.readTags(path)
        #expect(found.bext?.timeReference == 99)
        #expect(found.bext?.originator == "Studio 1")
        #expect(
            found.bext?.codingHistory
                == "A=ANALOGUE\r\nA=PCM,F=48000,W=16,M=mono,T=Unbraid;vocals\r\n")
        #expect(
            found.cues == [
                ForeignTags.Cue(position: 10, label: "one"),
                ForeignTags.Cue(position: 20_000, label: "zwei"),
            ])
    }

    @Test(.enabled(if: Program.ffprobe != nil, "the ffprobe program is not installed"))
    func ffprobeReadsTheExtension() throws {
        let scratch = try TemporaryFolder()
        let path = try Self.pass(
            Self.wav(before: [("bext", Self.bext(time: 48_000, history: "A=ANALOGUE\r\n"))]),
            start: 0.5, duration: nil, in: scratch)
        let words = try Program.run(
            Program.ffprobe, ["-v", "error", "-show_entries", "format_tags", "\(path)"])
        #expect(words.contains("TAG:time_reference=72000\n"))
        #expect(words.contains("T=Unbraid;vocals"))
    }
}
