package import Reports
package import Storage

/// Writes the cues of a track into a folder, each file whole or not at all.
package struct CueFolder {
    private let path: FilePath
    private let overwrites: Bool

    /// A folder, which need not be there yet.
    package init(_ path: FilePath, overwrites: Bool) {
        self.path = path
        self.overwrites = overwrites
    }

    /// Writes cues in some forms.
    ///
    /// - Returns: the files.
    /// - Throws: `StorageError`; what was written until then stays.
    package func write(
        _ sheet: CueSheet, forms: [CueOptions.Form]
    ) throws -> [ExtraFile] {
        if forms.isEmpty { return [] }
        try FileSystem.createFolders(at: path)
        var files: [ExtraFile] = []
        func add(_ name: String, _ body: (inout CueText) throws -> Void) throws {
            files.append(try file(name, body))
        }
        for form in CueOptions.Form.allCases where forms.contains(form) {
            switch form {
            case .json: try add("cues.json") { try CueJSON.write(sheet, to: &$0) }
            case .midi: try add("cues.mid") { try MIDIFile.write(sheet, to: &$0) }
            case .csv:
                try add("events.csv") { try CueCSV.writeEvents(sheet, to: &$0) }
                for source in sheet.sources {
                    try add("\(source.name).frames.csv") {
                        try CueCSV.writeFrames(source, to: &$0)
                    }
                }
            case .labels:
                try add("beats.txt") { try AudacityLabels.writeBeats(sheet.rhythm, to: &$0) }
                for source in sheet.sources {
                    try add("\(source.name).onsets.txt") {
                        try AudacityLabels.writeOnsets(source, to: &$0)
                    }
                    try add("\(source.name).regions.txt") {
                        try AudacityLabels.writeRegions(source, to: &$0)
                    }
                }
            }
        }
        return files
    }

    private func file(
        _ name: String, _ body: (inout CueText) throws -> Void
    ) throws -> ExtraFile {
        let destination = path.appending(FilePath(name))
        let pending = try PendingFile(for: destination)
        let hasher = SHA256Hasher()
        var offset = 0
        try withoutActuallyEscaping({ (bytes: [UInt8]) throws in
            try pending.file.write(bytes, at: offset)
            hasher.update(bytes)
            offset += bytes.count
        }) { deliver in
            var text = CueText(deliver)
            try body(&text)
            try text.finish()
        }
        try pending.publish(overwriting: overwrites)
        return ExtraFile(kind: "cues", path: destination, sha256: hasher.finish())
    }
}
