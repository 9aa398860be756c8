import AudioIO
import Batch
import Evaluation
import Foundation
import Import
import Inference
import Models
import Reports
import Signal
import Storage

/// The one place where the facts of an error become a sentence.
enum Message {
    /// One line about an error of any room.
    static func text(of error: any Error) -> String {
        switch error {
        case let error as AudioFileError: text(of: error)
        case let error as StorageError: "\(error.path): \(verb(error.operation)): \(error.reason)"
        case let error as ModelError: text(of: error)
        case let error as ImportError: text(of: error)
        case let error as InputWalk.Miss: text(of: error)
        case let error as RecordError: text(of: error)
        case let error as BatchPlan.Collision: text(of: error)
        case let error as FilenameTemplate.Fault: text(of: error)
        case let error as StemSelection.UnknownStem:
            "the model has no stem \"\(error.stem)\"; it has "
                + error.known.map(\.rawValue).joined(separator: ", ")
        case let error as TrackJob.Fault: text(of: error)
        case ExtraShortfall.noLoop(let bars, let found):
            "no loop of \(bars) bars: \(found) whole bars were found"
        case let error as TrackFailure: error.message
        case let error as WorkerFault: text(of: error)
        case let error as BLASError: "OpenBLAS cannot be loaded: \(error.reason)"
        case let error as OnnxError: text(of: error)
        case let error as GraphError: text(of: error)
        case let error as StemFiles.Fault: text(of: error)
        case let error as EvaluationPlan.Fault: text(of: error)
        case let error as EvaluationFailure: text(of: error)
        case let error as PNGWriter.Fault: "the page's spectrogram cannot be made: \(error.reason)"
        default: "\(error)"
        }
    }

    private static func text(of miss: InputWalk.Miss) -> String {
        switch miss.reason {
        case .notFound: "\(miss.path): no such file or folder"
        case .isFolder: "\(miss.path): is a folder; -r walks folders"
        case .nothingInside: "\(miss.path): no sound file in it"
        case .unreadable(let error): "\(miss.path): cannot be read: \(error.reason)"
        }
    }

    private static func text(of collision: BatchPlan.Collision) -> String {
        if collision.first == collision.second {
            return "\(collision.path): would be written twice from \(collision.first); "
                + "nothing was done"
        }
        if collision.path == collision.first {
            return "\(collision.path): is an input, and \(collision.second) would be separated "
                + "into it; nothing was done"
        }
        return "\(collision.path): would be written from both \(collision.first) and "
            + "\(collision.second); nothing was done"
    }

    private static func text(of fault: FilenameTemplate.Fault) -> String {
        switch fault {
        case .unknownField(let name):
            "--filename has no field {\(name)}; there are {track} {stem} {ext} {folder} {model}"
        case .unbalancedBrace: "--filename has a brace without its partner"
        case .leavesOutputFolder: "--filename leads out of the output folder, or has an empty name"
        case .noStem: "--filename has no {stem}: all stems would have one name"
        }
    }

    private static func text(of error: ModelError) -> String {
        switch error {
        case .notFound(let name, let searched):
            searched.isEmpty
                ? "no model in the folder \(name): it has no card.json"
                : "no model \"\(name)\" in "
                    + searched.map(\.description).joined(separator: ", ")
        case .unreadable(let error): "the model's file \(text(of: error))"
        case .invalidCard(let path, let key, let detail):
            "\(path): \(key.isEmpty ? "" : "\"\(key)\" ")\(detail)"
        case .altered(let path, let expected, let found):
            "\(path): is not the file that the model's card names: its SHA-256 is \(found), "
                + "the card says \(expected)"
        case .unusableNet(let path, let error): "\(path): \(text(of: error))"
        case .misfit(let path, let detail): "\(path): does not fit its card: \(detail)"
        case .notFinite(let path, let stem, let fromSilence):
            "\(path): gives numbers that are not finite as \(stem) of "
                + (fromSilence ? "silence" : "noise")
        case .implausible(let path, let stem, let gain):
            "\(path): gives \(stem) \(Int(10 * log10(gain))) dB louder than the mixture; its "
                + "weights, layers or parameters are not what they are taken for"
        }
    }

    private static func text(of fault: TrackJob.Fault) -> String {
        switch fault {
        case .cancelled: "interrupted"
        case .exists(let path): "\(path) exists; --force replaces it"
        case .overwritesInput(let path): "\(path) is the input itself"
        case .inputChanged(let path): "\(path): changed while it was read"
        }
    }

    private static func verb(_ operation: StorageError.Operation) -> String {
        switch operation {
        case .open: "cannot be opened"
        case .read: "cannot be read"
        case .write: "cannot be written"
        case .synchronize: "cannot be brought to the disk"
        case .close: "cannot be closed"
        case .rename: "cannot be renamed"
        case .remove: "cannot be removed"
        case .status: "cannot be looked at"
        case .createFolder: "the folder cannot be made"
        case .list: "cannot be listed"
        case .lock: "cannot be locked"
        }
    }
}

/// An error of a whole command, whose sentence is printed at the program's end.
struct Failure: Error, CustomStringConvertible {
    let description: String

    init(_ error: any Error) { description = Message.text(of: error) }
}
