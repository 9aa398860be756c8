package import Signal
package import Storage

/// Why a model cannot be used.
package enum ModelError: Error, Sendable {
    /// No folder of this name holds a model.
    case notFound(name: String, searched: [FilePath])
    /// A file of the model cannot be read.
    case unreadable(StorageError)
    /// The card is not JSON, lacks a key, or a value is out of its range.
    case invalidCard(path: FilePath, key: String, detail: String)
    /// A net's file is not the one that the card was written for.
    case altered(path: FilePath, expected: String, found: String)
    /// A net's file cannot be run; the error is the engine's.
    case unusableNet(path: FilePath, any Error)
    /// A net's inputs or outputs are not what the card says.
    case misfit(path: FilePath, detail: String)
    /// A net gave a value that is not a finite number, from a sound that was silent or not.
    case notFinite(path: FilePath, stem: Stem, fromSilence: Bool)
    /// A net gave a stem that has so many times the mixture's power.
    case implausible(path: FilePath, stem: Stem, gain: Double)
}
