/// The broadcast extension of a WAV file, its chunk `bext`, as EBU Tech 3285 lays it out.
///
/// | bytes | |
/// |---|---|
/// | 0..<256, 256..<288, 288..<320 | description, originator, originator reference |
/// | 320..<330, 330..<338 | origination date and time |
/// | 338..<346 | time reference: samples since midnight |
/// | 346..<348 | version |
/// | 348..<412 | UMID, from version 1 |
/// | 412..<422 | five loudness values, from version 2 |
/// | 422..<602 | reserved |
/// | 602... | coding history, lines that end in CR LF |
package struct BroadcastExtension: Sendable, Hashable {
    private var fixed: [UInt8]
    private var history: [UInt8]

    private static let size = 602
    /// The most bytes of a coding history, see ``TagText/limit``.
    private static let historyLimit = 12_000

    /// Takes the content of a chunk; nil where it is too short to be one.
    init?(_ chunk: [UInt8]) {
        guard chunk.count >= BroadcastExtension.size else { return nil }
        fixed = Array(chunk[..<BroadcastExtension.size])
        // What is beyond the limit is lost from the beginning: the last steps matter most.
        history = chunk[BroadcastExtension.size...].prefix { $0 != 0 }
            .suffix(BroadcastExtension.historyLimit)
    }

    /// Samples from midnight to the first sample.
    package var timeReference: UInt64 {
        get { fixed[338..<346].reversed().reduce(0) { $0 << 8 | UInt64($1) } }
        set {
            for index in 0..<8 {
                fixed[338 + index] = UInt8(truncatingIfNeeded: newValue >> (8 * index))
            }
        }
    }

    /// Who made the recording.
    package var originator: String { TagText(fixed[256..<288]).text }

    /// What was done to the sound, a line for each step.
    package var codingHistory: String { TagText(history).text }

    /// The content of the chunk for a file that is made from the one that it was read from.
    ///
    /// The UMID and the loudness values are those of the old sound, so they are taken out; the coding
    /// history says what the new sound is.
    ///
    /// - Parameter line: the new line of the coding history, without its end.
    func chunk(adding line: String) -> [UInt8] {
        var head = fixed
        head.replaceSubrange(348..<412, with: repeatElement(0, count: 64))
        if head[346] >= 2 && head[347] == 0 {
            // 7FFF stands for a value that is not given.
            for place in stride(from: 412, to: 422, by: 2) {
                head[place] = 0xFF
                head[place + 1] = 0x7F
            }
        }
        var lines = history
        while let last = lines.last, last == 10 || last == 13 || last == 32 { lines.removeLast() }
        if !lines.isEmpty { lines += [13, 10] }
        return head + lines + Array(line.utf8) + [13, 10]
    }

    /// A line of a coding history, as EBU R 98 has it.
    ///
    ///     A=PCM,F=48000,W=24,M=stereo,T=Unbraid;vocals
    static func line(
        sampleRate: Int, samples: SampleFormat, channels: Int, part: String?
    ) -> String {
        let mode = channels == 1 ? "mono" : channels == 2 ? "stereo" : "multitrack"
        var text = ["Unbraid"]
        if let part { text.append(String(part.map { $0 == "," || $0 == ";" ? " " : $0 })) }
        if samples.integerBits == nil { text.append("float") }
        return "A=PCM,F=\(sampleRate),W=\(samples.byteCount * 8),M=\(mode),"
            + "T=\(text.joined(separator: ";"))"
    }
}
