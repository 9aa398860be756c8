import AudioIO
import Foundation
import Reports
import Storage

extension ManifestEntry {
    /// The entry of a track that was separated.
    ///
    /// - Parameters:
    ///   - track: its name in the record.
    ///   - folder: the output folder.
    ///   - describe: the line for a note.
    init(
        _ report: TrackReport, track: FilePath, input: FilePath, in folder: RecordFolder,
        settings: BatchSettings, ended: String, describe: (SourceNote) -> String
    ) {
        self.init(.done, track: track, input: input, settings: settings, ended: ended)
        inputSHA256 = report.input.sha256
        inputSize = report.input.size
        inputModified = report.input.modified
        container = report.source.container
        codec = report.source.codec
        sampleRate = report.source.sampleRate
        channels = report.source.channels
        length = report.length
        seconds = report.times.total
        stems = report.stems.map { stem in
            StemEntry(
                stem: stem.stem, path: folder.relative(stem.path) ?? stem.path,
                sha256: stem.sha256, size: Self.size(stem.path), format: stem.format,
                sampleFormat: stem.samples, sampleRate: stem.sampleRate, length: stem.length,
                levels: stem.levels, activity: stem.presence.activity,
                certainty: stem.presence.certainty, presence: stem.presence.presence)
        }
        extras = report.extras.map { extra in
            ExtraEntry(
                kind: extra.kind, path: folder.relative(extra.path) ?? extra.path,
                sha256: extra.sha256, size: Self.size(extra.path))
        }
        warnings = report.notes.map { Warning(code: $0.code, message: describe($0)) }
        for stem in report.stems where stem.becameFloat {
            let text = "\(stem.stem) is 32-bit float, since it would have clipped as integers"
            warnings.append(Warning(code: "became_float", message: text))
        }
        warnings += report.warnings.map { Warning(code: Self.extraCode, message: $0) }
        options = options.recorded(after: nil, failed: report.failedExtras)
    }

    private static let extraCode = "extra"

    /// The entry of a track to which extras were added.
    ///
    /// - Parameter finished: the track as it was before.
    init(_ report: TrackReport, addedTo finished: FinishedTrack, ended: String) {
        self = finished.entry
        let folder = RecordFolder(finished.folder)
        extras = report.extras.map { extra in
            ExtraEntry(
                kind: extra.kind, path: folder.relative(extra.path) ?? extra.path,
                sha256: extra.sha256, size: Self.size(extra.path))
        }
        warnings.removeAll { $0.code == Self.extraCode }
        warnings += report.warnings.map { Warning(code: Self.extraCode, message: $0) }
        options = finished.options.recorded(
            after: finished.entry.options, failed: report.failedExtras)
        self.ended = ended
    }

    /// The entry of a track to which extras could not be added; its stems are what they were.
    init(_ failure: TrackFailure, addingTo finished: FinishedTrack, ended: String) {
        self = finished.entry
        warnings.removeAll { $0.code == Self.extraCode }
        warnings.append(Warning(code: Self.extraCode, message: failure.message))
        self.ended = ended
    }

    /// Reads the entry of a line; nil if it is none.
    static func decode(_ bytes: [UInt8]) -> ManifestEntry? {
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        return try? decoder.decode(ManifestEntry.self, from: Data(bytes))
    }

    /// The entry of a track that failed, or of an argument that leads to no track.
    init(
        _ failure: TrackFailure, track: FilePath?, input: FilePath, settings: BatchSettings,
        ended: String
    ) {
        self.init(.failed, track: track, input: input, settings: settings, ended: ended)
        self.failure = failure
    }

    private init(
        _ status: Status, track: FilePath?, input: FilePath, settings: BatchSettings,
        ended: String
    ) {
        self.status = status
        self.track = track
        self.input = input
        inputFolder = input.isAbsolute ? nil : FileSystem.workingFolder
        model = settings.model
        options = settings.options.recorded(after: nil, failed: [])
        self.settings = settings.sound
        program = settings.program
        self.ended = ended
    }

    private static func size(_ path: FilePath) -> Int {
        (try? FileSystem.status(of: path))?.size ?? 0
    }
}

extension SourceNote {
    /// The word for it in manifests.
    var code: String {
        switch self {
        case .truncated: "truncated"
        case .damaged: "damaged"
        case .notFiniteReplaced: "not_finite_replaced"
        case .roundedToFloat: "rounded_to_float"
        case .metadata: "metadata"
        }
    }
}
