import Storage

extension TrackJob {
    /// Writes the page of the track beside its stems, if one is asked for.
    func makeReport(_ report: TrackReport) throws -> [ExtraFile] {
        guard let wanted = options.report, let first = track.outputs.first else { return [] }
        let name = FilePath(bytes: track.input.nameWithoutExtension.bytes + ".report.html".utf8)
        let maker = TrackPageMaker(
            report: report, input: track.input, isComplete: isComplete(report), options: options,
            wanted: wanted)
        return [try maker.write(to: first.path.parent.appending(name))]
    }

    /// Whether the stems that were written add up to the mixture.
    private func isComplete(_ report: TrackReport) -> Bool {
        Set(selection.names + [selection.remainder]).isSubset(of: report.stems.map(\.stem))
    }
}
