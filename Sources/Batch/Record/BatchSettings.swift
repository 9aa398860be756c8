package import Storage

/// What all entries of one batch have in common.
package struct BatchSettings: Sendable {
    /// The model.
    package let model: ManifestEntry.ModelEntry
    /// Which stems.
    package let selection: StemSelection
    /// What was asked for.
    package let options: SeparationOptions
    /// The program's version.
    package let program: String
    /// What decides about the bytes of the stems: the SHA-256 of the model's, the stems and the
    /// options that change sound.
    ///
    /// Jobs, threads and whether files are replaced are not among them.
    package let sound: SHA256Digest

    private struct Sound: Encodable {
        let model: SHA256Digest
        let selection: StemSelection
        let options: SeparationOptions
    }

    /// The settings of a batch.
    package init(
        model: ManifestEntry.ModelEntry, selection: StemSelection, options: SeparationOptions,
        program: String
    ) {
        self.model = model
        self.selection = selection
        self.options = options
        self.program = program
        let what = Sound(model: model.sha256, selection: selection, options: options.soundOnly)
        sound = SHA256Digest(of: JournalLine.encode(what))
    }
}

extension SeparationOptions {
    /// The options without those that change no stem: extras, and whether files are replaced.
    package var soundOnly: SeparationOptions {
        var options = self
        options.overwrites = false
        options.cues = nil
        options.report = nil
        options.stemContainer = nil
        return options
    }
}
