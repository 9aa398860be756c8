import Import
import Models
import Signal

extension Message {
    /// A model in one line: its name, stems, rate and folder.
    static func title(of model: Model) -> String {
        let card = model.card
        return "\(card.name): \(card.stems.map(\.rawValue).joined(separator: ", ")) at "
            + "\(Int(card.sampleRate)) Hz, \(model.folder)"
    }

    /// How masks are made of what nets give.
    static func text(of masks: ModelCard.Masks) -> String {
        let join =
            switch masks.join {
            case .none: "taken as they are"
            case .softmax: "joined by softmax"
            case .spatial: "taken as they are, then refined by the segment"
            case .ratio(let exponent): "joined by the ratio of powers of \(exponent)"
            case .wiener(let filter):
                "joined by a Wiener filter over the \(filter.isOverTrack ? "track" : "segment"), "
                    + "iterations \(filter.iterations)"
            }
        let above =
            switch masks.above {
            case .zeros: "zeros"
            case .average: "their mean"
            case .meanOfTop(let count): "the mean of the top \(count)"
            }
        return "\(join); above the bins \(above)"
    }

    /// One line about a net that could not be added.
    static func text(of error: ImportError) -> String {
        switch error {
        case .storage(let error): text(of: error as any Error)
        case .unrecognized(let path):
            "\(path): is no Spleeter archive (.tar.gz), no .onnx file and no folder with a "
                + "card.json or a checkpoint"
        case .damagedArchive(let path, let reason):
            "\(path): is no whole gzipped tar archive: \(reason)"
        case .unsafeEntry(let path, let name):
            "\(path): has an entry \"\(name)\" that is no plain file, or leads out of the archive"
        case .tooLarge(let path, let name, let bytes):
            bytes == Int.max
                ? "\(path): \(name) says that it is absurdly large"
                : "\(path): \(name) is \(bytes) bytes long, more than any of its kind"
        case .missingFile(let path, let name):
            name.isEmpty
                ? "\(path): no such file or folder" : "\(path): has no \(name) in it"
        case .damagedCheckpoint(let path, let reason):
            "\(path): the checkpoint is damaged: \(reason)"
        case .notSpleeter(let path, let variable, let reason):
            "\(path): is no Spleeter model: the variable \(variable) \(reason)"
        case .wrongVariant(let path, let asked, let stems):
            "\(path): has \(stems) stems and is not \(asked)"
        case .notMDX(let path, let reason):
            "\(path): is no MDX net, which takes 4 channels of bins and frames: it has \(reason); "
                + "for other nets write a card.json and add the folder"
        case .binsNeeded(let path):
            "\(path): leaves open how many bins it sees; tell it by --bins"
        case .parametersNeeded(let path, let bins, let frames, let candidates):
            "\(path): sees \(bins) bins and \(frames) frames, but its file does not say the rest, "
                + "and it is none of the nets that are known; tell it by --n-fft and --stem, and by "
                + "--hop and --compensation if they are not 1024 and 1" + list(candidates)
        case .unusedParameter(let name, let kind):
            switch kind {
            case .spleeter: "--\(name) says nothing about Spleeter's nets"
            case .mdx: "--\(name) says nothing about an MDX net"
            case .folder: "--\(name) says nothing about a model's folder, whose card tells all"
            }
        case .wrongParameter(let name, let detail): "--\(name) cannot be \(detail)"
        case .invalidName(let name): "\"\(name)\" cannot be the name of a model's folder"
        case .exists(let path):
            "\(path) exists; remove it, or choose another name by --name"
        case .refused(let error): "the model was not added: " + text(of: error as any Error)
        }
    }

    /// The parameters of known nets, as options.
    private static func list(_ candidates: [MDXParameters]) -> String {
        let options = candidates.map { known in
            "--n-fft \(known.fftSize ?? 0) --stem \(known.stem?.rawValue ?? "")"
        }
        return options.isEmpty
            ? "" : "; known nets of this size have " + options.joined(separator: " or ")
    }
}
