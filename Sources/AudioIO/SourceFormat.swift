/// How the samples of a file are stored.
package enum SampleKind: Sendable, Hashable, Codable {
    /// Integers of so many bits: 8, 16, 24 or 32; what a companding or differential code decodes to.
    case integer(bits: Int)
    /// Floating point of 32 or 64 bits.
    case float(bits: Int)
    /// A code that does not keep the samples, such as MP3, Vorbis, Opus or AAC.
    case lossy
}

/// The facts about a sound file that is read.
package struct SourceFormat: Sendable, Hashable, Codable {
    /// The program part that reads the file.
    package enum Decoder: String, Sendable, Codable {
        /// libsndfile.
        case libsndfile
        /// The `ffmpeg` program.
        case ffmpeg
    }

    /// Samples a second of one channel, 1,000...768,000.
    package let sampleRate: Int
    /// Channels, 1...8.
    package let channels: Int
    /// Samples a channel as the file declares them, where it does.
    package let length: Int?
    /// The kind of file, for example `WAV`.
    package let container: String
    /// The code of the samples, for example `PCM 24` or `Vorbis`.
    package let codec: String
    /// How the samples are stored.
    package let kind: SampleKind
    /// The size of the file.
    package let byteCount: Int
    /// Who reads it.
    package let decoder: Decoder
}

/// Something about a source that its user should know although it was read.
package enum SourceNote: Sendable, Hashable, Codable {
    /// The file ends before the sound that it declares; samples a channel, where known.
    case truncated(found: Int?, declared: Int?)
    /// The sound from this sample on could not be decoded and is left out.
    case damaged(sample: Int)
    /// Samples that were infinite or not a number became 0: how many, and where the first was.
    case notFiniteReplaced(count: Int, channel: Int, sample: Int)
    /// Samples of 64-bit floating point were rounded to 32 bits.
    case roundedToFloat
    /// Something about its tags.
    case metadata(MetadataNote)
}
