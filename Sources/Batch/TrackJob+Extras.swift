extension TrackJob {
    /// Makes what was asked for besides the stems, from their published files.
    ///
    /// The stems are safe by now: an extra that fails is a warning.
    func makeExtras(of report: inout TrackReport) {
        for make in extraMakers {
            do {
                report.extras += try make(report)
            } catch {
                report.warnings.append(describe(error))
            }
        }
    }

    /// One for each kind of extra, which gives no file where its option is off.
    private var extraMakers: [(TrackReport) throws -> [ExtraFile]] {
        [makeReport, makeStemContainer]
    }
}
