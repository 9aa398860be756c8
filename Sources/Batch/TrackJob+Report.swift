extension TrackJob {
    /// Writes the page of the track beside its stems, if one is asked for.
    func makeReport(_ report: TrackReport) throws -> [ExtraFile] {
        guard let wanted = options.report else { return [] }
        let maker = TrackPageMaker(
            report: report, input: track.input, isComplete: isComplete(report), options: options,
            wanted: wanted)
        return [try maker.write(to: track.place(of: .report))]
    }

    /// Whether the stems that were written add up to the mixture.
    private func isComplete(_ report: TrackReport) -> Bool {
        Set(selection.names + [selection.remainder]).isSubset(of: report.stems.map(\.stem))
    }
}
