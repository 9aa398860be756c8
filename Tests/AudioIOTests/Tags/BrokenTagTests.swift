import AudioIO
import Storage
import TestSupport
import Testing

/// Tags that make no sense never cost the track.
@Suite struct BrokenTagTests {
    static func info(_ fields: [(String, [UInt8])]) -> (String, [UInt8]) {
        var list = Array("INFO".utf8)
        for (name, bytes) in fields {
            list += Array(name.utf8)
            list += [UInt8(bytes.count), 0, 0, 0]
            list += bytes
            if bytes.count % 2 == 1 { list.append(0) }
        }
        return ("LIST", list)
    }

    static func read(_ bytes: [UInt8], _ name: FilePath = "in.wav") throws -> AudioReader {
        let scratch = try TemporaryFolder()
        try scratch.write(bytes, name)
        return try AudioReader(scratch(name))
    }

    @Test(arguments: [
        ([0x4B, 0xF6, 0x6C, 0x6E, 0x20, 0x80], "Köln €"), ([0x93, 0x41, 0x94], "“A”"),
        ([0x41, 0x07, 0x42], "AB"), ([0xC3, 0x28], "Ã("),
    ])
    func textOfOtherEncodingsIsRepairedAndSaid(bytes: [UInt8], text: String) throws {
        let reader = try Self.read(BroadcastTests.wav(before: [Self.info([("INAM", bytes)])]))
        #expect(reader.metadata.tags == [.title: text])
        #expect(reader.notes == [.metadata(.repaired(.title))])
    }

    @Test func whatIsEmptyIsNoTag() throws {
        let reader = try Self.read(
            BroadcastTests.wav(before: [
                Self.info([("INAM", [0, 0, 0]), ("IART", [32, 32]), ("ICMT", [65, 0, 66])])
            ]))
        #expect(reader.metadata.tags == [.comment: "A"])
        #expect(reader.notes.isEmpty)
    }

    @Test func anExtensionThatIsTooShortIsLeftOut() throws {
        let reader = try Self.read(
            BroadcastTests.wav(before: [("bext", [UInt8](repeating: 65, count: 300))]))
        #expect(reader.metadata.broadcast == nil)
        #expect(reader.notes == [.metadata(.unreadable("bext"))])
    }

    @Test func moreThanAHeaderCanHoldIsCutAndCanBeWritten() throws {
        let scratch = try TemporaryFolder()
        let long = [UInt8](repeating: 0x61, count: 200_000)
        func list(_ name: String) -> [UInt8] {
            Array(name.utf8) + [0x40, 0x0D, 0x03, 0x00] + long
        }
        let names = ["INAM", "IART", "IPRD", "ITRK", "ICRD", "IGNR", "ICMT", "ICOP"]
        var history = BroadcastTests.bext(time: 1, history: "")
        history += [UInt8](repeating: 0x62, count: 50_000) + Array("\r\nlast".utf8)
        var chunks = names.map { ("LIST", Array("INFO".utf8) + list($0)) }
        chunks.append(("bext", history))
        chunks.append(("cue ", BroadcastTests.cues(Array(0..<5000))))
        let bytes = BroadcastTests.wav(before: chunks)
        try scratch.write(bytes, "in.wav")
        let reader = try AudioReader(scratch("in.wav"))
        #expect(reader.notes.contains(.metadata(.shortened(.title))))
        #expect(
            reader.notes.contains {
                if case .metadata(.markersLeftOut) = $0 { true } else { false }
            })
        for format in FileFormat.allCases {
            let path = try TagRoundTripTests.write(reader.metadata, format, in: scratch)
            let again = try AudioReader(path)
            #expect(again.metadata.tags == reader.metadata.tags)
            #expect(again.notes.isEmpty)
            if format == .wav {
                #expect(again.metadata.markers == reader.metadata.markers)
                #expect(again.metadata.broadcast?.codingHistory.contains("last\r\nA=PCM") == true)
            }
        }
    }

    /// Every byte of the headers takes other values; sizes lead anywhere.
    @Test(arguments: [FileFormat.wav, .aiff, .mp3])
    func noDamageOfTheTagsTraps(_ format: FileFormat) throws {
        let scratch = try TemporaryFolder()
        var metadata = Metadata()
        metadata.tags = TagRoundTripTests.tags
        metadata.markers = (0..<5).map { Marker(position: $0 * 100, label: "marker \($0)") }
        let good = try scratch.bytes(
            try TagRoundTripTests.write(metadata, format, in: scratch).name)
        var random = Randomness(7)
        let header = min(good.count, 1200)
        for turn in 0..<600 {
            var bytes = good
            for _ in 0..<(1 + turn % 4) {
                bytes[Int.random(in: 4..<header, using: &random)] =
                    [0, 0xFF, 0x7F, 0x80, UInt8.random(in: 0...255, using: &random)]
                    .randomElement(using: &random) ?? 0
            }
            try scratch.write(bytes, "bad")
            // Whether the sound can be read is another matter; nothing here may trap or hang.
            _ = try? AudioReader(scratch("bad"), salvage: true, decoder: Program.missing).metadata
        }
    }

    /// Titles in the versions and encodings of the standard, frame by frame.
    static let versions: [(tag: [UInt8], title: String)] = [
        // Version 2.2, UTF-16 with a byte order mark.
        ([2, 0, 0, 0, 0, 0, 11, 84, 84, 50, 0, 0, 5, 1, 0xFF, 0xFE, 0x41, 0], "A"),
        // Version 2.3, unsynchronised Latin-1: FF is followed by a NUL that is not meant.
        (
            [3, 0, 0x80, 0, 0, 0, 15, 84, 73, 84, 50, 0, 0, 0, 4, 0, 0, 0, 0x41, 0xFF, 0, 0x42],
            "AÿB"
        ),
        // Version 2.4, two values in UTF-8.
        (
            [4, 0, 0, 0, 0, 0, 14, 84, 73, 84, 50, 0, 0, 0, 4, 0, 0, 3, 0x41, 0, 0x42],
            "A; B"
        ),
    ]

    @Test(arguments: versions)
    func allVersionsOfID3AreRead(tag: [UInt8], title: String) throws {
        let bytes = Array("ID3".utf8) + tag
        let reader = try Self.read(BroadcastTests.wav(after: [("id3 ", bytes)]))
        #expect(reader.metadata.tags == [.title: title])
        #expect(reader.notes.isEmpty)
    }
}
