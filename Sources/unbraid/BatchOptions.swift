import ArgumentParser
import Batch
import Storage

/// What is worked on, beside the inputs that are named.
struct BatchOptions: ParsableArguments {
    @Option(
        name: .customLong("files-from"),
        help: ArgumentHelp(
            "Take the names in a file too, - for standard input; their folders are mirrored.",
            valueName: "list"))
    var filesFrom: String?

    @Flag(
        name: [.customShort("0"), .customLong("null")],
        help: "The names of the list end with NUL. (default: if there is a NUL in it)")
    var hasNulls = false

    @Option(
        help: ArgumentHelp(
            "Do only part K of N, the same for the same files on every machine.",
            valueName: "K/N"))
    var shard: Shard?

    @Flag(help: "Write the manifest as manifest.csv too.")
    var csv = false

    /// The names in the list.
    func list() throws(StorageError) -> [FilePath] {
        guard let filesFrom else { return [] }
        let path = filesFrom == "-" ? "/dev/stdin" : RawArguments.path(filesFrom)
        let bytes = try FileSystem.stream(path)
        return FileList(bytes, hasNulls: hasNulls).paths
    }
}

extension Shard: ExpressibleByArgument {
    /// Reads `2/4`.
    public init?(argument: String) { self.init(argument) }
}
