import Storage

/// Finds the checkpoint of a Spleeter model in the project's archive or in a folder.
enum SpleeterCheckpoint {
    private static let indexEnd = ".index"
    private static let dataEnd = ".data-00000-of-00001"
    /// An index is a few kilobytes, the data of five stems under 200 MB.
    private static let indexLimit = 16 << 20
    private static let dataLimit = 1 << 30

    /// Whether a folder holds a checkpoint.
    static func isCheckpoint(_ folder: FilePath) -> Bool {
        let names = (try? FileSystem.names(in: folder)) ?? []
        return names.contains { $0.description.hasSuffix(indexEnd) }
    }

    /// Reads the checkpoint of a gzipped tar archive.
    static func inArchive(_ path: FilePath) throws(ImportError) -> CheckpointBundle {
        let file: OpenFile
        do { file = try OpenFile.reading(path) } catch { throw .storage(error) }
        var archive = TarReader(file)
        var (index, data): ([UInt8]?, [UInt8]?)
        while let entry = try archive.next() {
            // macOS puts files of attributes beside the real ones, with such names.
            if entry.name.hasPrefix("._") { continue }
            if entry.name.hasSuffix(indexEnd), index == nil {
                index = try archive.contents(of: entry, limit: indexLimit)
            } else if entry.name.hasSuffix(dataEnd), data == nil {
                data = try archive.contents(of: entry, limit: dataLimit)
            }
        }
        return try bundle(index, data, path)
    }

    /// Reads the checkpoint that lies in a folder.
    static func inFolder(_ folder: FilePath) throws(ImportError) -> CheckpointBundle {
        do {
            let names = try FileSystem.names(in: folder)
            func bytes(_ end: String, limit: Int) throws -> [UInt8]? {
                guard let name = names.first(where: { $0.description.hasSuffix(end) }) else {
                    return nil
                }
                return try SourceFile.bytes(folder.appending(name), limit: limit)
            }
            return try bundle(
                try bytes(indexEnd, limit: indexLimit), try bytes(dataEnd, limit: dataLimit),
                folder)
        } catch let error as ImportError {
            throw error
        } catch let error as StorageError {
            throw .storage(error)
        } catch {
            throw .unrecognized(path: folder)
        }
    }

    private static func bundle(
        _ index: [UInt8]?, _ data: [UInt8]?, _ path: FilePath
    ) throws(ImportError) -> CheckpointBundle {
        guard let index else { throw .missingFile(path: path, name: "model" + indexEnd) }
        guard let data else { throw .missingFile(path: path, name: "model" + dataEnd) }
        return try CheckpointBundle(index: index, data: data, path: path)
    }
}

/// Whole files of limited size.
enum SourceFile {
    static func bytes(_ path: FilePath, limit: Int) throws(ImportError) -> [UInt8] {
        do {
            let file = try OpenFile.reading(path)
            let size = try file.status().size
            guard size <= limit else {
                throw ImportError.tooLarge(path: path, name: path.name.description, bytes: size)
            }
            return try file.read(size, at: 0)
        } catch let error as ImportError {
            throw error
        } catch let error as StorageError {
            throw .storage(error)
        } catch {
            throw .unrecognized(path: path)
        }
    }
}
