import Foundation
package import Storage

/// A model's folder whose card has been checked and whose nets are the files that the card names.
package struct Model: Sendable {
    /// The folder.
    package let folder: FilePath
    /// The card.
    package let card: ModelCard
    /// The SHA-256 of the card file, which holds those of the nets: it stands for the whole model.
    package let digest: SHA256Digest

    /// Reads the card of the model in a folder and compares each net with its SHA-256.
    ///
    /// - Throws: ``ModelError`` where a file is missing, altered or malformed.
    package init(at folder: FilePath) throws(ModelError) {
        self.folder = folder
        let path = folder.appending("card.json")
        let bytes = try Self.contents(of: path, limit: 1 << 20)
        digest = SHA256Digest(of: bytes)
        card = try Self.decode(bytes, path: path)
        for net in card.nets {
            let path = self.path(of: net)
            let found: SHA256Digest
            do { found = try SHA256Digest(ofFileAt: path) } catch { throw .unreadable(error) }
            guard found.hex == net.sha256 else {
                throw .altered(path: path, expected: net.sha256, found: found.hex)
            }
        }
    }

    /// Where a net of the card lies.
    package func path(of net: ModelCard.Net) -> FilePath { folder.appending(FilePath(net.file)) }

    private static func contents(of path: FilePath, limit: Int) throws(ModelError) -> [UInt8] {
        do {
            let file = try OpenFile.reading(path)
            let size = try file.status().size
            guard size <= limit else {
                throw ModelError.invalidCard(path: path, key: "", detail: "is \(size) bytes long")
            }
            return try file.read(size, at: 0)
        } catch let error as StorageError {
            throw .unreadable(error)
        } catch let error as ModelError {
            throw error
        } catch {
            throw .invalidCard(path: path, key: "", detail: "\(error)")
        }
    }

    private static func decode(_ bytes: [UInt8], path: FilePath) throws(ModelError) -> ModelCard {
        do {
            return try JSONDecoder().decode(ModelCard.self, from: Data(bytes))
        } catch let fault as CardFault {
            throw .invalidCard(path: path, key: fault.key, detail: fault.detail)
        } catch let error as DecodingError {
            let (key, detail) = describe(error)
            throw .invalidCard(path: path, key: key, detail: detail)
        } catch {
            throw .invalidCard(path: path, key: "", detail: "\(error)")
        }
    }

    private static func describe(_ error: DecodingError) -> (key: String, detail: String) {
        func name(_ path: [any CodingKey]) -> String {
            path.map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: ".")
        }
        return switch error {
        case .keyNotFound(let key, let context): (name(context.codingPath + [key]), "is missing")
        case .valueNotFound(_, let context): (name(context.codingPath), "is null")
        case .typeMismatch(let type, let context): (name(context.codingPath), "is no \(type)")
        case .dataCorrupted(let context): (name(context.codingPath), context.debugDescription)
        @unknown default: ("", "cannot be decoded")
        }
    }
}
