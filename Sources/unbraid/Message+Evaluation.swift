import Evaluation

extension Message {
    /// Whether a note means that something asked for is not there.
    static func isFailure(_ note: TrackEvaluation.Note) -> Bool {
        switch note {
        case .missing, .noRatios: true
        case .unknown, .length: false
        }
    }

    /// One line about a track that was compared.
    static func text(of note: TrackEvaluation.Note) -> String {
        switch note {
        case .missing(let stem): "there is no estimate of \(stem)"
        case .unknown(let stem): "there is no reference for the estimate \(stem)"
        case .length(let difference):
            difference.samples > 0
                ? "the estimate of \(difference.stem) is \(difference.samples) samples longer than "
                    + "its reference; they are left out"
                : "the estimate of \(difference.stem) is \(-difference.samples) samples shorter than "
                    + "its reference; silence is taken for them"
        case .noRatios(let fault, let stems):
            "no ratios of BSS Eval: " + text(of: fault, stems.joined(separator: ", "))
        }
    }

    private static func text(of fault: BSSEval.Fault, _ stems: String) -> String {
        switch fault {
        case .silentReference: "the reference of \(stems) is silent"
        case .silentEstimate: "the estimate of \(stems) is silent"
        case .oneSource: "\(stems) alone has nothing to interfere with it; two stems are needed"
        case .tooManySignals(let count):
            "\(count) channels of references are more than fit in memory"
        case .singular: "the references of \(stems) cannot be told apart"
        case .noLibrary(let reason): "no LAPACK: \(reason)"
        }
    }

    /// One line about files that cannot be compared.
    static func text(of fault: StemFiles.Fault) -> String {
        switch fault {
        case .unreadable(_, let error): text(of: error as any Error)
        case .rate(let path, let found, let expected):
            "\(path): has \(found) Hz, the first reference \(expected) Hz"
        case .channels(let path, let found, let expected):
            "\(path): has \(found) channels, the first reference \(expected)"
        case .length(let path, let found, let expected):
            "\(path): is \(found) samples long, the first reference \(expected)"
        }
    }

    /// One line about folders that cannot be compared.
    static func text(of fault: EvaluationPlan.Fault) -> String {
        switch fault {
        case .storage(let error): text(of: error as any Error)
        case .noTracks(let path): "\(path): has no folder of stems in it"
        case .ambiguous(let path, let stem): "\(path): has several files of \(stem)"
        }
    }

    /// One line about a track that cannot be compared.
    static func text(of failure: EvaluationFailure) -> String {
        switch failure {
        case .nothingInCommon(let track):
            "\(track.references): none of its stems (\(track.missing.joined(separator: ", "))) is "
                + "among the estimates (\(track.unknown.joined(separator: ", ")))"
        }
    }
}
