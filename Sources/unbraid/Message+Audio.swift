import AudioIO

extension Message {
    /// One line about a sound file.
    static func text(of error: AudioFileError) -> String {
        let reason = error.reason.map { " (\($0))" } ?? ""
        return "\(error.path): \(cause(error.code))\(reason)"
    }

    private static func cause(_ code: AudioFileError.Code) -> String {
        switch code {
        case .notFound: "no such file or folder"
        case .isFolder: "is a folder"
        case .notRegularFile: "is no regular file"
        case .permissionDenied: "no permission"
        case .emptyFile: "is empty"
        case .notAudio: "is not audio"
        case .needsFFmpeg:
            "libsndfile cannot read it, and the ffmpeg program, which might, is not on the PATH"
        case .decoderFailed(let status): "ffmpeg could not decode it, status \(status)"
        case .noSamples: "holds no sound"
        case .channelCount(let count): "has \(count) channels; 1 to 8 can be read"
        case .sampleRate(let rate): "has a sample rate of \(rate) Hz"
        case .truncated(let found, let declared):
            "is cut short" + lengths(found, declared) + "; --salvage takes what is there"
        case .damaged(let sample):
            "cannot be decoded from sample \(sample) on; --salvage takes what comes before"
        case .notFinite(let channel, let sample, let seconds):
            "sample \(sample) of channel \(channel + 1), at \(rounded(seconds)) s, is not a finite "
                + "number; --salvage makes it 0"
        case .startBeyondEnd(let length): "ends before --start: it has \(length) samples"
        case .readFailed: "cannot be read on"
        case .impossibleFormat: "the format cannot hold these samples"
        case .noSpace: "no space left"
        case .alreadyExists: "exists; --force replaces it"
        case .tooLong: "is longer than the format can hold"
        case .nameTooLong: "the name is too long"
        case .unusableStem(let name, let channel, let sample):
            "the \(name) stem has no usable value at sample \(sample) of channel \(channel + 1)"
        case .needsEncoder: "needs the ffmpeg program, which is not on the PATH"
        case .encoderFailed(let status): "ffmpeg could not encode it, status \(status)"
        case .encoderOutput: "what ffmpeg wrote is not what it was asked for"
        case .writeFailed: "cannot be written"
        }
    }

    /// One line about something odd in a file that was read all the same.
    static func text(of note: SourceNote) -> String {
        switch note {
        case .truncated(let found, let declared): "is cut short" + lengths(found, declared)
        case .damaged(let sample):
            "cannot be decoded from sample \(sample) on, which is left out"
        case .notFiniteReplaced(let count, let channel, let sample):
            "\(count) samples that are not finite numbers became 0, the first being sample "
                + "\(sample) of channel \(channel + 1)"
        case .roundedToFloat: "64-bit samples were rounded to 32 bits"
        case .metadata(let note): text(of: note)
        }
    }

    private static func text(of note: MetadataNote) -> String {
        switch note {
        case .repaired(let field):
            "the \(field.rawValue) tag is no proper text and was taken for Windows-1252"
        case .shortened(let field): "the \(field.rawValue) tag is too long and was cut"
        case .unreadable(let part): "the tags in \(part) make no sense and were left out"
        case .markersLeftOut(let count):
            "\(count) markers were left out: the stems' headers cannot hold so many"
        }
    }

    private static func lengths(_ found: Int?, _ declared: Int?) -> String {
        switch (found, declared) {
        case (let found?, let declared?): ": \(found) of \(declared) samples"
        case (nil, let declared?): ": it declares \(declared) samples"
        default: ""
        }
    }

    private static func rounded(_ seconds: Double) -> Double { (seconds * 1000).rounded() / 1000 }
}
