extension TrackJob {
    /// Makes what was asked for besides the stems, from their published files.
    ///
    /// The stems are safe by now: an extra that fails is a warning.
    func makeExtras(of report: inout TrackReport) {
        for make in extraMakers {
            do {
                let (files, shortfalls) = try make(report)
                report.extras += files
                report.warnings += shortfalls.map { describe($0) }
            } catch {
                report.warnings.append(describe(error))
            }
        }
    }

    /// One for each kind of extra, which gives no file where its option is off, and what could not be
    /// made although nothing failed.
    private var extraMakers: [(TrackReport) throws -> ([ExtraFile], [ExtraShortfall])] {
        [makeCues, { (try makeReport($0), []) }, { (try makeStemContainer($0), []) }]
    }
}

/// An extra that a track is not made for.
package enum ExtraShortfall: Error, Hashable {
    /// There are not so many whole bars; how many there are.
    case noLoop(bars: Int, found: Int)
}
