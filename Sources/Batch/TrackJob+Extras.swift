extension TrackJob {
    /// Makes what was asked for besides the stems, from their published files.
    ///
    /// The stems are safe by now: an extra that fails is a warning.
    ///
    /// - Parameter owned: kinds of which files may be replaced, even if others may not.
    func makeExtras(of report: inout TrackReport, owned: Set<ExtraKind> = []) {
        for (kinds, make) in Self.extraMakers {
            var job = self
            job.options.overwrites = options.overwrites || !owned.isDisjoint(with: kinds)
            do {
                let (files, shortfalls) = try make(job)(report)
                report.extras += files
                report.warnings += shortfalls.map { describe($0) }
            } catch {
                report.warnings.append(describe(error))
                report.failedExtras.formUnion(kinds)
            }
        }
    }

    private typealias Maker = (TrackJob) -> (TrackReport) throws -> ([ExtraFile], [ExtraShortfall])

    /// One for each kind of extra, which gives no file where its option is off, and what could not be
    /// made although nothing failed.
    private static var extraMakers: [(kinds: Set<ExtraKind>, make: Maker)] {
        [
            ([.cues, .loops], makeCues),
            ([.report], { job in { (try job.makeReport($0), []) } }),
            ([.stemContainer], { job in { (try job.makeStemContainer($0), []) } }),
        ]
    }
}

/// An extra that a track is not made for.
package enum ExtraShortfall: Error, Hashable {
    /// There are not so many whole bars; how many there are.
    case noLoop(bars: Int, found: Int)
}
