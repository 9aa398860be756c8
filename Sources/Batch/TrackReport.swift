package import AudioIO
package import Reports
package import Signal
package import Storage

/// The facts about a track that was separated.
package struct TrackReport: Sendable, Hashable, Codable {
    /// The mixture's file as sound.
    package let source: SourceFormat
    /// Samples a channel.
    package let length: Int
    /// What the user should know about the mixture's file.
    package let notes: [SourceNote]
    /// The mixture's file as bytes.
    package let input: InputFacts
    /// The stems that were written.
    package let stems: [StemReport]
    /// What was made besides the stems.
    package internal(set) var extras: [ExtraFile] = []
    /// Lines about extras that could not be made.
    package internal(set) var warnings: [String] = []
    /// The kinds of extras that could not be made.
    package internal(set) var failedExtras: Set<ExtraKind> = []
    /// Seconds that the track took.
    package internal(set) var times: TrackTimes

    /// Seconds of sound.
    package var seconds: Double { Double(length) / Double(source.sampleRate) }
}

/// The mixture's file as bytes.
package struct InputFacts: Sendable, Hashable, Codable {
    /// Bytes.
    package let size: Int
    /// When the bytes last changed: nanoseconds since 1970, UTC.
    package let modified: Int64
    /// The SHA-256 of all bytes.
    package let sha256: SHA256Digest

    /// The facts of these figures.
    package init(size: Int, modified: Int64, sha256: SHA256Digest) {
        self.size = size
        self.modified = modified
        self.sha256 = sha256
    }
}

/// A stem that was written.
package struct StemReport: Sendable, Hashable, Codable {
    /// Its name.
    package let stem: Stem
    /// Where it lies.
    package let path: FilePath
    /// The kind of file.
    package let format: FileFormat
    /// How samples are stored; nil in lossy formats.
    package let samples: SampleFormat?
    /// Whether integers were asked for, but the stem passes full scale and so is a WAV file of
    /// floats.
    package let becameFloat: Bool
    /// The rate of the file, in Hz.
    package let sampleRate: Int
    /// Samples a channel that were given.
    package let length: Int
    /// The SHA-256 of the file.
    package let sha256: SHA256Digest
    /// How loud it is.
    package let levels: Levels
    /// How much of the track it is there.
    package let presence: StemPresence

    init(_ file: StemFile, levels: Levels, presence: StemPresence) {
        stem = file.stem
        path = file.path
        format = file.format
        samples = file.samples
        becameFloat = file.becameFloat
        sampleRate = file.sampleRate
        length = file.length
        sha256 = file.digest
        self.levels = levels
        self.presence = presence
    }

    /// A stem that an earlier run wrote.
    ///
    /// - Parameter folder: what the entry's path lies below.
    init(_ entry: ManifestEntry.StemEntry, in folder: FilePath, becameFloat: Bool) {
        stem = entry.stem
        path = folder.appending(entry.path)
        format = entry.format
        samples = entry.sampleFormat
        self.becameFloat = becameFloat
        sampleRate = entry.sampleRate
        length = entry.length
        sha256 = entry.sha256
        levels = entry.levels
        presence = StemPresence(
            activity: entry.activity ?? 0, certainty: entry.certainty ?? 0,
            presence: entry.presence ?? 0)
    }
}

/// A file that was made besides the stems.
package struct ExtraFile: Sendable, Hashable, Codable {
    /// What it is, for example `cues`.
    package let kind: String
    /// Where it lies.
    package let path: FilePath
    /// The SHA-256 of the file.
    package let sha256: SHA256Digest

    /// A file of these facts.
    package init(kind: String, path: FilePath, sha256: SHA256Digest) {
        self.kind = kind
        self.path = path
        self.sha256 = sha256
    }
}
