import Signal

extension ModelCard: Decodable {
    enum CodingKeys: String, CodingKey {
        case format, name, description, license, authors, stft, segment, bins, input, output
        case masks, stems, remainder, nets
        case sampleRate = "sample_rate"
    }

    private struct STFT: Decodable {
        let window: STFTGeometry.Window
        let windowLength: Int?
        let fftSize: Int
        let hop: Int
        let leadIn: Int?

        enum CodingKeys: String, CodingKey {
            case window, hop
            case leadIn = "lead_in"
            case windowLength = "window_length"
            case fftSize = "fft_size"
        }
    }

    /// Decodes and checks a card.
    ///
    /// - Throws: `CardFault` where a value is out of its range, `DecodingError` where the JSON has
    ///   another shape.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        let format = try values.decode(Int.self, forKey: .format)
        guard format == 1 else { throw CardFault("format", "is \(format), this program knows 1") }
        name = try values.decode(String.self, forKey: .name)
        description = try values.decodeIfPresent(String.self, forKey: .description) ?? ""
        license = try values.decodeIfPresent(String.self, forKey: .license) ?? ""
        authors = try values.decodeIfPresent([String].self, forKey: .authors) ?? []
        sampleRate = try values.decode(Double.self, forKey: .sampleRate)
        let stft = try values.decode(STFT.self, forKey: .stft)
        let windowLength = stft.windowLength ?? stft.fftSize
        guard
            (2...65_536).contains(stft.fftSize), stft.fftSize.isMultiple(of: 2),
            (1...stft.fftSize).contains(windowLength), (1...windowLength).contains(stft.hop)
        else {
            throw CardFault("stft", "needs 0 < hop <= window_length <= fft_size <= 65536, even")
        }
        let leadIn = stft.leadIn ?? stft.fftSize - stft.hop
        guard
            leadIn >= min(stft.fftSize / 2, stft.fftSize - stft.hop), leadIn <= 1 << 20
        else { throw CardFault("stft.lead_in", "is \(leadIn), not half of fft_size or more") }
        geometry = STFTGeometry(
            window: stft.window, windowLength: windowLength, fftSize: stft.fftSize, hop: stft.hop,
            leadIn: leadIn)
        segment = try values.decode(Segment.self, forKey: .segment)
        bins = try values.decode(Int.self, forKey: .bins)
        input = try values.decode(Input.self, forKey: .input)
        output = try values.decode(Output.self, forKey: .output)
        masks = try values.decode(Masks.self, forKey: .masks)
        stems = try values.decode([Stem].self, forKey: .stems)
        remainder = try values.decodeIfPresent(Stem.self, forKey: .remainder)
        nets = try values.decode([Net].self, forKey: .nets)
        try check()
    }
}

extension ModelCard.Masks: Decodable {
    enum CodingKeys: String, CodingKey { case join, above }
    private enum JoinKeys: String, CodingKey { case ratio, wiener, epsilon, over }
    private enum AboveKeys: String, CodingKey { case meanOfTop = "mean_of_top" }

    /// Decodes `"join"` (`"none"`, `"softmax"`, `"spatial"`, `{"ratio": p}` or
    /// `{"wiener": n}`, where `"ratio"`, `"epsilon"` and `"over"` may be added) and `"above"`
    /// (`"zeros"`, `"average"` or `{"mean_of_top": n}`).
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        if let word = try? values.decode(String.self, forKey: .join) {
            switch word {
            case "none": join = .none
            case "softmax": join = .softmax
            case "spatial": join = .spatial
            default: throw CardFault("masks.join", "is \"\(word)\"")
            }
        } else {
            let keyed = try values.nestedContainer(keyedBy: JoinKeys.self, forKey: .join)
            join =
                if let iterations = try keyed.decodeIfPresent(Int.self, forKey: .wiener) {
                    .wiener(
                        Wiener(
                            iterations: iterations,
                            ratio: try keyed.decodeIfPresent(Float.self, forKey: .ratio),
                            epsilon: try keyed.decodeIfPresent(Double.self, forKey: .epsilon)
                                ?? 1e-10,
                            isOverTrack: try Self.isOverTrack(
                                keyed.decodeIfPresent(String.self, forKey: .over))))
                } else {
                    .ratio(exponent: try keyed.decode(Float.self, forKey: .ratio))
                }
        }
        if let word = try? values.decode(String.self, forKey: .above) {
            switch word {
            case "zeros": above = .zeros
            case "average": above = .average
            default: throw CardFault("masks.above", "is \"\(word)\"")
            }
        } else {
            let mean = try values.nestedContainer(keyedBy: AboveKeys.self, forKey: .above)
            above = .meanOfTop(count: try mean.decode(Int.self, forKey: .meanOfTop))
        }
    }
}

extension ModelCard.Masks {
    private static func isOverTrack(_ word: String?) throws(CardFault) -> Bool {
        switch word {
        case nil, "segment": false
        case "track": true
        case let word?: throw CardFault("masks.join", "is over \"\(word)\"")
        }
    }
}

/// A value of a card that is out of its range.
struct CardFault: Error {
    /// The key, with dots between levels.
    let key: String
    /// What is wrong with its value.
    let detail: String

    init(_ key: String, _ detail: String) {
        self.key = key
        self.detail = detail
    }
}

extension ModelCard {
    private func check() throws {
        func require(_ condition: Bool, _ key: String, _ detail: String) throws {
            if !condition { throw CardFault(key, detail) }
        }
        try require((1_000...768_000).contains(sampleRate), "sample_rate", "is \(sampleRate) Hz")
        try require(
            (1...65_536).contains(segment.frames) && (0...65_536).contains(segment.context)
                && (0...65_536).contains(segment.crossfade) && segment.advance >= 1
                && segment.crossfade <= segment.advance,
            "segment", "keeps no frame, or cross-fades over more than it advances")
        if let short = segment.short {
            try require(
                (1...segment.frames).contains(short.multiple)
                    && (0...segment.context).contains(short.edge),
                "segment.short", "is no part of a segment")
        }
        try require(
            geometry.overlapGain.allSatisfy { $0 > 1e-6 } && geometry.canInvertStart, "stft",
            "cannot be inverted")
        try require((1...geometry.bins).contains(bins), "bins", "is \(bins) of \(geometry.bins)")
        try require(
            Set(input.axes) == [.batch, .channel, .frame, .bin] && input.axes.count == 4,
            "input.axes", "is not batch, channel, frame and bin")
        try require(
            Set(output.axes).union([.batch, .stem]) == [.batch, .stem, .channel, .frame, .bin]
                && Set(output.axes).count == output.axes.count,
            "output.axes", "is not batch, channel, frame, bin and at most one stem")
        try require(
            (0...bins).contains(input.zeroBins ?? 0), "input.zero_bins", "is not 0 to \(bins)")
        let gain = output.gain ?? 1
        try require(gain > 0 && gain <= 10, "output.gain", "is \(gain)")
        if case .ratio(let exponent) = masks.join {
            try require((0.1...10).contains(exponent), "masks.join", "has exponent \(exponent)")
        }
        if case .wiener(let filter) = masks.join {
            try require(
                (1...10).contains(filter.iterations) && output.kind == .magnitude, "masks.join",
                "by Wiener filter needs 1 to 10 iterations and magnitudes")
            try require(
                (0.1...10).contains(filter.ratio ?? 1) && filter.epsilon > 0
                    && filter.epsilon <= 1e-3,
                "masks.join", "has a ratio or epsilon out of range")
            try require(
                !filter.isOverTrack || segment.short == nil, "segment.short",
                "does not go with a Wiener filter over the track")
        }
        try require(
            masks.join != .spatial
                || output.kind == .mask && output.axes.last == .bin && nets.count == 1
                    && remainder == nil && bins >= 8,
            "masks.join",
            "by places needs the masks of all stems from one net, bins last")
        try require(
            output.kind != .complex || masks.join == .none, "masks.join",
            "cannot join complex spectra")
        if case .meanOfTop(let count) = masks.above {
            try require((1...bins).contains(count), "masks.above", "takes \(count) bins")
        }
        try require(
            !stems.isEmpty && Set(stems).count == stems.count
                && stems.allSatisfy { Self.isPlainName($0.rawValue) },
            "stems", "is empty, or names one twice, or one that is no file name")
        try require(
            remainder != nil || stems.contains { ![.other, Stem("accompaniment")].contains($0) },
            "remainder", "is missing: \(stems[0]) alone would be the whole mixture")
        if let remainder {
            try require(
                !stems.contains(remainder) && Self.isPlainName(remainder.rawValue), "remainder",
                "is one of the stems, or no file name")
        }
        try require(
            nets.flatMap(\.stems).count == stems.count && Set(nets.flatMap(\.stems)) == Set(stems),
            "nets", "do not give each stem once")
        for net in nets {
            try require(Self.isPlainName(net.file), "nets.file", "is no plain file name")
            try require(
                net.sha256.utf8.count == 64
                    && net.sha256.utf8.allSatisfy {
                        (0x30...0x39).contains($0) || (0x61...0x66).contains($0)
                    }, "nets.sha256", "is not 64 lower-case hexadecimal digits")
            try require(
                net.stems.count == 1 || output.axes.contains(.stem), "output.axes",
                "has no stem axis for \(net.file)'s stems")
        }
    }

    /// Whether a name can be that of a file or folder and leads nowhere else.
    package static func isPlainName(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.count <= 200 && !name.hasPrefix(".")
            && name.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0 != "/" && $0 != "\\" }
    }
}
