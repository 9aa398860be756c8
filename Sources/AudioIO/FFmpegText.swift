/// What the `ffmpeg` program says about a file, in its own words.
enum FFmpegText {
    /// The first sound in a file.
    struct Stream: Hashable {
        var container: String
        var codec: String
        var kind: SampleKind
    }

    /// The first sound in a file by the description of its input.
    ///
    ///     Input #0, mov,mp4,m4a,3gp,3g2,mj2, from 'file:a.m4a':
    ///       Stream #0:1(und): Audio: alac (alac / 0x63616C61), 44100 Hz, stereo, s32p (24 bit)
    static func stream(_ text: String) -> Stream? {
        var container = "?"
        for line in text.split(separator: "\n") {
            let line = line.drop { $0 == " " }
            if line.hasPrefix("Input #0, ") {
                container = line.dropFirst(10).split(separator: ",").first.map(String.init) ?? "?"
            }
            guard line.hasPrefix("Stream #0:") else { continue }
            let words = line.split(separator: " ")
            guard let mark = words.firstIndex(of: "Audio:"), mark + 1 < words.endIndex else {
                continue
            }
            let codec = String(words[mark + 1].prefix { $0 != "," })
            return Stream(
                container: container, codec: codec, kind: kind(Array(words[mark...]), codec))
        }
        return nil
    }

    private static func kind(_ words: [Substring], _ codec: String) -> SampleKind {
        for (index, word) in words.enumerated() {
            switch word.prefix(while: { $0 != "," }) {
            case "u8", "u8p":
                return .integer(bits: 8)
            case "s16", "s16p":
                return .integer(bits: 16)
            case "s32", "s32p":
                let isDeclared = index + 2 < words.count && words[index + 2].hasPrefix("bit)")
                let bits = isDeclared ? Int(words[index + 1].dropFirst()) : nil
                return .integer(bits: (bits ?? 32) <= 16 ? 16 : (bits ?? 32) <= 24 ? 24 : 32)
            case "flt", "fltp", "dbl", "dblp":
                let keepsSamples = codec.hasPrefix("pcm_") || codec == "wavpack"
                return keepsSamples ? .float(bits: 32) : .lossy
            default:
                continue
            }
        }
        return .lossy
    }

    /// The last line, which has the cause.
    static func reason(_ text: String) -> String? {
        text.split(separator: "\n").last.map(String.init)
    }
}
