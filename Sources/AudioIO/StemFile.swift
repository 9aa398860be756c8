package import Signal
package import Storage

/// A stem that is wanted, and where.
package struct StemTarget: Sendable, Hashable {
    /// Its name.
    package let stem: Stem
    /// The file it goes to; nil for a stem that only counts when the remainder is formed.
    package let path: FilePath?

    /// A stem that is wanted in a file, or that only counts when the remainder is formed.
    package init(_ stem: Stem, path: FilePath?) {
        self.stem = stem
        self.path = path
    }
}

/// A stem that was written.
package struct StemFile: Sendable, Hashable {
    /// Its name.
    package let stem: Stem
    /// Where it lies.
    package let path: FilePath
    /// The kind of file.
    package let format: FileFormat
    /// How samples are stored; nil in lossy formats.
    package let samples: SampleFormat?
    /// The rate of the file, in Hz.
    package let sampleRate: Int
    /// Samples a channel that were given.
    package let length: Int
    /// The greatest magnitude, where full scale is 1.
    package let peak: Double
    /// Whether integers were asked for, but the stem passes full scale and so is a WAV file of
    /// floats.
    package let becameFloat: Bool
    /// The SHA-256 of the file.
    package let digest: SHA256Digest
}
