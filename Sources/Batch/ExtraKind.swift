package import Storage

/// Something that is made besides the stems.
package enum ExtraKind: String, Sendable, Hashable, Codable, CaseIterable {
    /// The folder of cues.
    case cues
    /// The folder of loops.
    case loops
    /// The page.
    case report
    /// The file of the mixture and its four stems.
    case stemContainer = "stem.mp4"

    /// The kind of a file in the record, by its word there.
    package init?(recorded word: String) {
        if word == "loop" { self = .loops } else { self.init(rawValue: word) }
    }

    /// Whether it is a folder of files rather than one file.
    package var isFolder: Bool { self == .cues || self == .loops }
}

extension SeparationOptions {
    /// The kinds of extras that are asked for.
    package var extraKinds: [ExtraKind] {
        ExtraKind.allCases.filter { kind in
            switch kind {
            case .cues: cues.map { !$0.forms.isEmpty } ?? false
            case .loops: cues?.loopBars != nil
            case .report: report != nil
            case .stemContainer: stemContainer != nil
            }
        }
    }

    /// These options with only the extras that are not there yet; nil where all are.
    ///
    /// - Parameters:
    ///   - made: what the record says was made.
    ///   - isWhole: whether all files of a kind in the record are there as they were.
    func lacking(
        after made: SeparationOptions, isWhole: (ExtraKind) -> Bool
    ) -> SeparationOptions? {
        var rest = self
        if let wanted = cues {
            rest.cues = wanted.lacking(after: made.cues, isWhole: isWhole)
        }
        // The page shows the cues: where these are made, it is made after them.
        let hasNewCues = rest.extraKinds.contains(.cues)
        if report == made.report, isWhole(.report), !hasNewCues { rest.report = nil }
        if stemContainer == made.stemContainer, isWhole(.stemContainer) {
            rest.stemContainer = nil
        }
        return rest.extraKinds.isEmpty ? nil : rest
    }

    /// What the record is to say was made, after these options' extras were.
    ///
    /// - Parameters:
    ///   - made: what it said before.
    ///   - failed: the kinds that could not be made.
    func recorded(after made: SeparationOptions?, failed: Set<ExtraKind>) -> SeparationOptions {
        var all = self
        all.overwrites = false
        let areCuesMade = failed.isDisjoint(with: [.cues, .loops])
        all.cues = areCuesMade ? cues?.joined(to: made?.cues) ?? made?.cues : made?.cues
        all.report = (failed.contains(.report) ? nil : report) ?? made?.report
        all.stemContainer =
            (failed.contains(.stemContainer) ? nil : stemContainer) ?? made?.stemContainer
        return all
    }
}

extension CueOptions {
    /// What of these is not there yet; nil where all is.
    fileprivate func lacking(
        after made: CueOptions?, isWhole: (ExtraKind) -> Bool
    ) -> CueOptions? {
        guard let made else { return self }
        var rest = self
        let isSameRate = rate == made.rate
        if isSameRate, Set(forms).isSubset(of: made.forms), isWhole(.cues) {
            rest.forms = []
        } else if !forms.isEmpty {
            // All forms anew, so that they tell of the same frames.
            rest.forms = Form.allCases.filter { forms.contains($0) || made.forms.contains($0) }
        }
        if loopBars == made.loopBars, isWhole(.loops) { rest.loopBars = nil }
        return rest.forms.isEmpty && rest.loopBars == nil ? nil : rest
    }

    /// These, and what was made before of what these don't make.
    fileprivate func joined(to made: CueOptions?) -> CueOptions {
        guard let made else { return self }
        var all = self
        if forms.isEmpty { (all.forms, all.rate) = (made.forms, made.rate) }
        if loopBars == nil { all.loopBars = made.loopBars }
        return all
    }
}

extension BatchPlan.Track {
    /// Where something besides the stems goes.
    package func place(of kind: ExtraKind) -> FilePath {
        extras.first { $0.kind == kind }?.path ?? Self.place(of: kind, input, outputs)
    }

    /// Where something goes that no template says a place for: beside the stems.
    static func place(
        of kind: ExtraKind, _ input: FilePath, _ outputs: [BatchPlan.Output]
    ) -> FilePath {
        let name = input.nameWithoutExtension.bytes
        switch kind {
        case .report:
            let folder = outputs.first?.path.parent ?? ""
            return folder.appending(FilePath(bytes: name + Array(".report.html".utf8)))
        case .stemContainer:
            return FilePath.commonParent(of: outputs.map(\.path)).appending(
                FilePath(bytes: name + Array(".stem.mp4".utf8)))
        case .cues, .loops:
            return FilePath.commonParent(of: outputs.map(\.path)).appending(
                FilePath(kind.rawValue))
        }
    }

    /// The folders in which files of the track are made.
    var folders: Set<FilePath> {
        Set(outputs.map(\.path.parent)).union(
            extras.map { $0.kind.isFolder ? $0.path : $0.path.parent })
    }
}
