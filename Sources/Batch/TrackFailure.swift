import AudioIO
import Models
import Storage

/// Why a track was not separated: a code for programs and a line for people.
package struct TrackFailure: Error, Sendable, Hashable, Codable {
    /// The codes; they stay what they are from version to version.
    package enum Cause: String, Sendable, CaseIterable {
        /// The input is not there.
        case notFound = "not_found"
        /// The rights do not suffice, or the disk is mounted read-only.
        case permission
        /// The input is no file, or reading it failed.
        case unreadable
        /// There is no sound in the input that this program knows.
        case notAudio = "not_audio"
        /// Sound of a rate or a number of channels that is not taken.
        case unsupported
        /// The input is cut short, cannot be decoded, or has samples that are no numbers.
        case damaged
        /// The input ends before the stretch that was asked for.
        case outOfRange = "out_of_range"
        /// The input changed while it was read.
        case changed
        /// The disk or the quota is full.
        case diskFull = "disk_full"
        /// A stem's file is there already.
        case exists
        /// A stem's file is the input itself.
        case overwritesInput = "overwrites_input"
        /// The name of a stem's file is longer than the file system takes.
        case nameTooLong = "name_too_long"
        /// The output format cannot hold the sound.
        case unsuitableFormat = "unsuitable_format"
        /// Writing failed otherwise.
        case unwritable
        /// The model cannot be used, or gave values that cannot be.
        case model
        /// The process that separated it ended at a signal.
        case crashed
        /// It took much longer than it should.
        case timedOut = "timed_out"
        /// It took more memory than there was.
        case memory
        /// The process that separated it was killed by someone.
        case killed
        /// The batch was ended.
        case cancelled
        /// The argument is a folder, and folders are not to be walked.
        case isFolder = "is_folder"
        /// There is no sound file in the folder.
        case nothingInside = "nothing_inside"
        /// Something that has no code.
        case other
    }

    /// The code, one of ``Cause``.
    package let cause: String
    /// One line that says what happened.
    package let message: String
    /// How often the track was tried.
    package var attempts: Int

    /// A failure of these facts.
    package init(_ cause: Cause, message: String, attempts: Int = 1) {
        self.cause = cause.rawValue
        self.message = message
        self.attempts = attempts
    }

    /// The failure that an error of any room is.
    ///
    /// - Parameter describe: the line for an error.
    package init(_ error: any Error, describe: (any Error) -> String) {
        if let failure = error as? TrackFailure {
            self = failure
        } else {
            self.init(Self.cause(of: error), message: describe(error))
        }
    }

    /// The failure that an argument without a track is.
    ///
    /// - Parameter describe: the line for it.
    package init(_ miss: InputWalk.Miss, describe: (any Error) -> String) {
        let cause: Cause =
            switch miss.reason {
            case .notFound: .notFound
            case .isFolder: .isFolder
            case .nothingInside: .nothingInside
            case .unreadable(let error): Self.cause(of: error)
            }
        self.init(cause, message: describe(miss))
    }

    private static func cause(of error: any Error) -> Cause {
        switch error {
        case let error as AudioFileError: cause(of: error.code)
        case let error as StorageError: cause(of: error)
        case let error as TrackJob.Fault: cause(of: error)
        case let error as WorkerFault: cause(of: error)
        case is ModelError: .model
        default: .other
        }
    }

    private static func cause(of fault: TrackJob.Fault) -> Cause {
        switch fault {
        case .cancelled: .cancelled
        case .exists: .exists
        case .overwritesInput: .overwritesInput
        case .inputChanged: .changed
        }
    }

    private static func cause(of fault: WorkerFault) -> Cause {
        switch fault {
        case .ended, .unintelligible: .crashed
        case .memory: .memory
        case .killed: .killed
        case .silent: .timedOut
        case .refused: .model
        case .notStarted: .other
        }
    }

    private static func cause(of code: AudioFileError.Code) -> Cause {
        switch code {
        case .notFound: .notFound
        case .permissionDenied: .permission
        case .isFolder, .notRegularFile, .readFailed: .unreadable
        case .emptyFile, .notAudio, .needsFFmpeg, .decoderFailed, .noSamples: .notAudio
        case .channelCount, .sampleRate: .unsupported
        case .truncated, .damaged, .notFinite: .damaged
        case .startBeyondEnd: .outOfRange
        case .impossibleFormat, .tooLong: .unsuitableFormat
        case .noSpace: .diskFull
        case .alreadyExists: .exists
        case .unusableStem: .model
        case .nameTooLong: .nameTooLong
        case .needsEncoder, .encoderFailed, .encoderOutput, .writeFailed: .unwritable
        }
    }

    private static func cause(of error: StorageError) -> Cause {
        switch error.code {
        case .notFound, .notFolder: .notFound
        case .permissionDenied, .readOnly: .permission
        case .alreadyExists: .exists
        case .noSpace: .diskFull
        case .nameTooLong: .nameTooLong
        case .isFolder, .tooManyOpenFiles, .other:
            switch error.operation {
            case .open, .read, .status, .list: .unreadable
            case .write, .synchronize, .close, .rename, .remove, .createFolder, .lock: .unwritable
            }
        }
    }
}
