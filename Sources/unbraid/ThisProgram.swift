import Foundation
import Storage

/// The program that runs, as a file.
enum ThisProgram {
    /// Where it lies.
    static var path: FilePath {
        FilePath(Bundle.main.executablePath ?? CommandLine.arguments[0])
    }
}
