package import Storage

/// Why a sound file could not be read or written.
package struct AudioFileError: Error, Sendable, Hashable {
    /// The cause, with its figures.
    package enum Code: Sendable, Hashable {
        // Reading

        /// There is no such file.
        case notFound
        /// A folder where a file is meant.
        case isFolder
        /// A pipe, a socket or a device.
        case notRegularFile
        /// The rights do not suffice.
        case permissionDenied
        /// The file has no bytes.
        case emptyFile
        /// Neither libsndfile nor the `ffmpeg` program finds sound in it.
        case notAudio
        /// libsndfile cannot read it, and there is no `ffmpeg` program on the PATH.
        case needsFFmpeg
        /// The `ffmpeg` program ended with an error.
        case decoderFailed(status: Int32)
        /// Sound of zero samples.
        case noSamples
        /// A number of channels outside 1...8.
        case channelCount(Int)
        /// A sample rate outside 1 kHz to 768 kHz.
        case sampleRate(Int)
        /// The file ends before the sound that it declares; samples a channel, where known.
        case truncated(found: Int?, declared: Int?)
        /// The sound from this sample on cannot be decoded.
        case damaged(sample: Int)
        /// A sample that is infinite or not a number.
        case notFinite(channel: Int, sample: Int, seconds: Double)
        /// The wanted stretch starts at or after the end, which is this many samples in.
        case startBeyondEnd(length: Int)
        /// The disk or the decoder failed in the middle.
        case readFailed

        // Writing

        /// The file format cannot hold this sample format, rate or number of channels.
        case impossibleFormat
        /// The disk or the quota is full.
        case noSpace
        /// A file of that name exists already.
        case alreadyExists
        /// The sound is longer than the file format can hold.
        case tooLong
        /// A name that is longer than the file system takes.
        case nameTooLong
        /// A separated sample that is infinite, not a number or beyond 2^20 times full scale.
        case unusableStem(name: String, channel: Int, sample: Int)
        /// There is no `ffmpeg` program on the PATH to encode with.
        case needsEncoder
        /// The `ffmpeg` program could not encode.
        case encoderFailed(status: Int32)
        /// What the `ffmpeg` program wrote is not what it was asked for.
        case encoderOutput
        /// Anything else that went wrong while writing.
        case writeFailed
    }

    /// The cause, with its figures.
    package let code: Code
    /// The file.
    package let path: FilePath
    /// The words of the library, program or system below, where it had any.
    package let reason: String?

    /// An error of these facts.
    package init(_ code: Code, _ path: FilePath, reason: String? = nil) {
        self.code = code
        self.path = path
        self.reason = reason
    }
}

extension AudioFileError {
    /// What the file system refused while a sound file was read.
    static func reading(_ error: StorageError) -> AudioFileError {
        let code: Code =
            switch error.code {
            case .notFound, .notFolder: .notFound
            case .isFolder: .isFolder
            case .permissionDenied: .permissionDenied
            default: .readFailed
            }
        return AudioFileError(code, error.path, reason: error.reason)
    }

    /// What the file system refused while the file that is to become `path` was written.
    static func writing(_ error: StorageError, _ path: FilePath) -> AudioFileError {
        let code: Code =
            switch error.code {
            case .notFound, .notFolder: .notFound
            case .isFolder: .isFolder
            case .permissionDenied, .readOnly: .permissionDenied
            case .noSpace: .noSpace
            case .alreadyExists: .alreadyExists
            case .nameTooLong: .nameTooLong
            default: .writeFailed
            }
        return AudioFileError(code, path, reason: error.reason)
    }
}
