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
                report.extras += try make(job)(report)
            } catch {
                report.warnings.append(describe(error))
                report.failedExtras.formUnion(kinds)
            }
        }
    }

    private typealias Maker = (TrackJob) -> (TrackReport) throws -> [ExtraFile]

    /// One for each kind of extra, which gives no file where its option is off.
    private static var extraMakers: [(kinds: Set<ExtraKind>, make: Maker)] {
        [
            ([.cues, .loops], makeCues), ([.report], makeReport),
            ([.stemContainer], makeStemContainer),
        ]
    }
}
