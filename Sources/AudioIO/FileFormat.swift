/// The kinds of file that stems are written to.
package enum FileFormat: String, Sendable, Hashable, CaseIterable, Codable {
    /// WAV, and RF64 where the sound needs more than 4 GiB.
    case wav
    /// FLAC.
    case flac
    /// AIFF.
    case aiff
    /// Vorbis in Ogg, quality 8.
    case ogg
    /// Opus in Ogg, about 112 kbit/s a channel.
    case opus
    /// MP3, 320 kbit/s where the rate allows it.
    case mp3

    /// The extension of its files.
    package var fileExtension: String { rawValue }

    /// Whether the samples come back as they were.
    package var isLossless: Bool { !sampleFormats.isEmpty }

    /// The sample formats it can hold; none for the lossy ones, which have their own.
    package var sampleFormats: [SampleFormat] {
        switch self {
        case .wav, .aiff: [.int8, .int16, .int24, .int32, .float32]
        case .flac: [.int8, .int16, .int24]
        case .ogg, .opus, .mp3: []
        }
    }

    /// Whether this file format can hold that sample format.
    package func holds(_ samples: SampleFormat) -> Bool { sampleFormats.contains(samples) }

    /// The largest number of channels.
    package var channelLimit: Int { self == .mp3 ? 2 : 8 }

    /// The rate that files of sound at some rate have: the same, or the nearest above for those
    /// formats that know only some rates, or the highest of these.
    package func rate(for sampleRate: Int) -> Int {
        let rates: [Int] =
            switch self {
            case .opus: [8_000, 12_000, 16_000, 24_000, 48_000]
            case .mp3: [8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000]
            case .ogg: sampleRate > 192_000 ? [192_000] : []
            case .flac: sampleRate > 655_350 ? [384_000] : []
            case .wav, .aiff: []
            }
        return rates.first { $0 >= sampleRate } ?? rates.last ?? sampleRate
    }

    /// The sample format for a source where the user asks for none.
    ///
    /// An integer source keeps its depth and everything else becomes 32-bit float, as near as the
    /// file format comes to that: FLAC takes 24 bits for 32 and for floats.
    ///
    /// - Returns: nil for lossy file formats.
    package func defaultSampleFormat(for kind: SampleKind) -> SampleFormat? {
        guard isLossless else { return nil }
        let wanted =
            switch kind {
            case .integer(let bits): SampleFormat(bits: bits) ?? .int32
            case .float, .lossy: SampleFormat.float32
            }
        return holds(wanted) ? wanted : .int24
    }
}

/// How samples are stored in a file that is written.
package enum SampleFormat: String, Sendable, Hashable, CaseIterable, Codable {
    /// 8-bit integers.
    case int8
    /// 16-bit integers.
    case int16
    /// 24-bit integers.
    case int24
    /// 32-bit integers.
    case int32
    /// 32-bit floating point.
    case float32

    /// The bits of an integer, nil for floating point.
    package var integerBits: Int? {
        switch self {
        case .int8: 8
        case .int16: 16
        case .int24: 24
        case .int32: 32
        case .float32: nil
        }
    }

    /// Bytes of one sample.
    package var byteCount: Int { (integerBits ?? 32) / 8 }

    /// The integers of so many bits: 8, 16, 24 or 32.
    package init?(bits: Int) {
        guard let match = SampleFormat.allCases.first(where: { $0.integerBits == bits }) else {
            return nil
        }
        self = match
    }
}
