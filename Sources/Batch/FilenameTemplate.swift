package import Signal
package import Storage

/// Where each stem's file goes, below the output folder: `{track}/{stem}.{ext}` unless told otherwise.
///
/// | field | stands for |
/// |---|---|
/// | `{track}`, `{filename}` | the input's name without its extension |
/// | `{stem}`, `{instrument}` | the stem's name |
/// | `{ext}`, `{codec}` | the extension of the output format |
/// | `{folder}`, `{foldername}` | the name of the folder that holds the input |
/// | `{model}` | the model's name |
package struct FilenameTemplate: Sendable {
    /// Why a text is no template.
    package enum Fault: Error, Sendable, Equatable {
        /// A field that there is not.
        case unknownField(String)
        /// A brace without its partner.
        case unbalancedBrace
        /// A template that starts at the root, goes up, or ends in a slash.
        case leavesOutputFolder
        /// No `{stem}`: all stems would have one name.
        case noStem
    }

    private enum Field: String {
        case track, filename, stem, instrument, ext, codec, folder, foldername, model
    }

    private enum Part {
        case text([UInt8])
        case field(Field)
    }

    /// `{track}/{stem}.{ext}`.
    package static let standard = FilenameTemplate(parts: [
        .field(.track), .text([FilePath.slash]), .field(.stem), .text([UInt8(ascii: ".")]),
        .field(.ext),
    ])

    private let parts: [Part]

    private init(parts: [Part]) { self.parts = parts }

    /// Reads a template.
    ///
    /// - Parameter isForOne: whether each track has one file, so that `{stem}` may be missing.
    /// - Throws: ``Fault``.
    package init(_ text: String, isForOne: Bool = false) throws(Fault) {
        var parts: [Part] = []
        var rest = Substring(text)
        while let brace = rest.firstIndex(where: { $0 == "{" || $0 == "}" }) {
            guard rest[brace] == "{", let end = rest[brace...].firstIndex(of: "}") else {
                throw .unbalancedBrace
            }
            if brace > rest.startIndex { parts.append(.text(Array(rest[..<brace].utf8))) }
            let name = String(rest[rest.index(after: brace)..<end])
            guard let field = Field(rawValue: name) else { throw .unknownField(name) }
            parts.append(.field(field))
            rest = rest[rest.index(after: end)...]
        }
        if !rest.isEmpty { parts.append(.text(Array(rest.utf8))) }
        let components = text.split(separator: "/", omittingEmptySubsequences: false)
        guard components.allSatisfy({ !$0.isEmpty && $0 != "." && $0 != ".." }) else {
            throw .leavesOutputFolder
        }
        let hasStem = parts.contains {
            if case .field(let field) = $0 { field == .stem || field == .instrument } else { false }
        }
        guard hasStem || isForOne else { throw .noStem }
        self.parts = parts
    }

    /// The path of a stem's file, relative to the output folder.
    package func path(
        input: FilePath, stem: Stem, fileExtension: String, model: String
    ) -> FilePath {
        var bytes: [UInt8] = []
        for part in parts {
            switch part {
            case .text(let text): bytes += text
            case .field(.track), .field(.filename): bytes += input.nameWithoutExtension.bytes
            case .field(.stem), .field(.instrument): bytes += stem.rawValue.utf8
            case .field(.ext), .field(.codec): bytes += fileExtension.utf8
            case .field(.folder), .field(.foldername): bytes += input.parent.name.bytes
            case .field(.model): bytes += model.utf8
            }
        }
        // A track called `..` must not lead out of the output folder.
        var path: [UInt8] = []
        for component in bytes.split(separator: FilePath.slash) {
            if !path.isEmpty { path.append(FilePath.slash) }
            let isDots = component.count <= 2 && component.allSatisfy { $0 == FilePath.dot }
            if isDots { path.append(UInt8(ascii: "_")) } else { path += component }
        }
        return FilePath(bytes: path)
    }
}
