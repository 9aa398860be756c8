package import AudioIO
package import Reports
package import Signal
package import Storage

/// What is known of one track, as a line of a manifest; `docs/manifest.md` explains the fields.
///
/// The names of the fields stay what they are; a later version may add some.
package struct ManifestEntry: Sendable, Hashable, Codable {
    /// How a track ended.
    package enum Status: String, Sendable, Codable {
        /// All of its stems are there.
        case done
        /// None of its stems is.
        case failed
    }

    /// A stem's file.
    package struct StemEntry: Sendable, Hashable, Codable {
        /// The stem's name.
        package var stem: Stem
        /// The file, below the output folder.
        package var path: FilePath
        /// The SHA-256 of the file.
        package var sha256: SHA256Digest
        /// Bytes.
        package var size: Int
        /// The kind of file.
        package var format: FileFormat
        /// How samples are stored; none in lossy formats.
        package var sampleFormat: SampleFormat?
        /// Samples a second, in Hz.
        package var sampleRate: Int
        /// Samples a channel.
        package var length: Int
        /// The levels of what was written.
        package var levels: Levels
        /// The share of the track in which it is active, 0...1, see `StemPresence`.
        package var activity: Double?
        /// How sure the masks were, 0...1, see `StemPresence`.
        package var certainty: Double?
        /// See `StemPresence`.
        package var presence: Double?

        package enum CodingKeys: String, CodingKey {
            case stem, path, sha256, size, format, length, levels, activity, certainty, presence
            case sampleFormat = "sample_format"
            case sampleRate = "sample_rate"
        }
    }

    /// Another file that was made of the track.
    package struct ExtraEntry: Sendable, Hashable, Codable {
        /// What it is.
        package var kind: String
        /// The file, below the output folder.
        package var path: FilePath
        /// The SHA-256 of the file.
        package var sha256: SHA256Digest
        /// Bytes.
        package var size: Int
    }

    /// Something that is worth knowing although the track was separated.
    package struct Warning: Sendable, Hashable, Codable {
        /// A word to branch on.
        package var code: String
        /// A line for people.
        package var message: String
    }

    /// The model that separated the track.
    package struct ModelEntry: Sendable, Hashable, Codable {
        /// Its name.
        package var name: String
        /// The SHA-256 of its card, which holds those of its nets.
        package var sha256: SHA256Digest

        /// A model of these facts.
        package init(name: String, sha256: SHA256Digest) {
            self.name = name
            self.sha256 = sha256
        }
    }

    /// How the track ended.
    package var status: Status
    /// The track: where its first stem goes, below the output folder; none for an argument that leads
    /// to no track.
    package var track: FilePath?
    /// The mixture's file as it was named.
    package var input: FilePath
    /// The folder that a relative name of the mixture's file begins in.
    package var inputFolder: FilePath?
    /// The SHA-256 of the mixture's file.
    package var inputSHA256: SHA256Digest?
    /// Bytes of the mixture's file.
    package var inputSize: Int?
    /// When the mixture's bytes last changed: nanoseconds since 1970, UTC.
    package var inputModified: Int64?
    /// The kind of the mixture's file.
    package var container: String?
    /// The code of its samples.
    package var codec: String?
    /// Samples a second of the mixture, in Hz.
    package var sampleRate: Int?
    /// Channels of the mixture.
    package var channels: Int?
    /// Samples a channel that were separated.
    package var length: Int?
    /// The stems' files.
    package var stems: [StemEntry] = []
    /// The other files.
    package var extras: [ExtraEntry] = []
    /// What is worth knowing.
    package var warnings: [Warning] = []
    /// Why the track failed.
    package var failure: TrackFailure?
    /// The model.
    package var model: ModelEntry
    /// What was asked for.
    package var options: SeparationOptions
    /// What decides about the bytes of the stems, see ``BatchSettings/sound``.
    package var settings: SHA256Digest
    /// The program's version.
    package var program: String
    /// When the track ended: ISO 8601, UTC.
    package var ended: String
    /// Seconds that the track took.
    package var seconds: Double?

    package enum CodingKeys: String, CodingKey {
        case status, track, input, container, codec, channels, length, stems, extras, warnings
        case failure, model, options, settings, program, ended, seconds
        case inputFolder = "input_folder"
        case inputSHA256 = "input_sha256"
        case inputSize = "input_size"
        case inputModified = "input_modified_ns"
        case sampleRate = "sample_rate"
    }
}
