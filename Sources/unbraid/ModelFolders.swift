import Foundation
import Models
import Storage

/// Where this program looks for models by name.
enum ModelFolders {
    /// `UNBRAID_MODELS` (folders with colons between), the user's data folder, the `Weights` folder
    /// of the checkout that the program was built in, and `share/unbraid/models` beside its `bin`.
    static var library: ModelLibrary {
        let environment = ProcessInfo.processInfo.environment
        var folders: [FilePath] = []
        if let value = environment["UNBRAID_MODELS"] {
            folders += value.split(separator: ":").map { FilePath(String($0)) }
        }
        folders.append(userFolder)
        let program = URL(filePath: Bundle.main.executablePath ?? CommandLine.arguments[0])
            .resolvingSymlinksInPath()
        var folder = program.deletingLastPathComponent()
        while folder.path.count > 1 {
            if folder.lastPathComponent == ".build" {
                folders.append(
                    FilePath(folder.deletingLastPathComponent().path).appending("Weights"))
                break
            }
            folder.deleteLastPathComponent()
        }
        let prefix = program.deletingLastPathComponent().deletingLastPathComponent()
        folders.append(FilePath(prefix.path).appending("share/unbraid/models"))
        return ModelLibrary(folders: folders)
    }

    /// The folder for models that a user adds.
    static var userFolder: FilePath {
        let environment = ProcessInfo.processInfo.environment
        if let data = environment["XDG_DATA_HOME"], !data.isEmpty {
            return FilePath(data).appending("unbraid/models")
        }
        return FilePath(NSHomeDirectory()).appending(".local/share/unbraid/models")
    }
}
