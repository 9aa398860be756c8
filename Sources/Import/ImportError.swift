package import Models
package import Storage

/// Why a net that somebody brought did not become a model.
package enum ImportError: Error, Sendable {
    /// What can be brought.
    package enum Kind: Sendable {
        /// Spleeter's archives and checkpoints.
        case spleeter
        /// MDX nets.
        case mdx
        /// A model's folder with its card.
        case folder
    }

    /// A file cannot be read or written.
    case storage(StorageError)
    /// The file or folder is none of the kinds that can be added.
    case unrecognized(path: FilePath)
    /// An archive is not whole, or no archive at all; the reason is a technical fact.
    case damagedArchive(path: FilePath, reason: String)
    /// An entry of an archive has a name or kind that leads out of it.
    case unsafeEntry(path: FilePath, name: String)
    /// A file or an entry is larger than anything of its kind is.
    case tooLarge(path: FilePath, name: String, bytes: Int)
    /// A checkpoint's table or data file is not there.
    case missingFile(path: FilePath, name: String)
    /// A checkpoint's table or data are not whole; the reason is a technical fact.
    case damagedCheckpoint(path: FilePath, reason: String)
    /// A checkpoint holds no Spleeter model: a variable is missing or of another shape.
    case notSpleeter(path: FilePath, variable: String, reason: String)
    /// The variant asked for has another number of stems than the checkpoint.
    case wrongVariant(path: FilePath, asked: String, stems: Int)
    /// A net's tensors are not those of an MDX net; the reason is a technical fact.
    case notMDX(path: FilePath, reason: String)
    /// An MDX net's file leaves open how many bins it sees.
    case binsNeeded(path: FilePath)
    /// An MDX net is in no table; the candidates are those of known nets of the same size.
    case parametersNeeded(
        path: FilePath, bins: Int, frames: Int, candidates: [MDXParameters])
    /// An option belongs to nets of another kind than what is brought.
    case unusedParameter(name: String, kind: Kind)
    /// A parameter contradicts the net or the others.
    case wrongParameter(name: String, detail: String)
    /// The name cannot be that of a folder.
    case invalidName(String)
    /// There is such a folder already.
    case exists(FilePath)
    /// The model was made, and does not run or gives no sensible numbers.
    case refused(ModelError)
}
