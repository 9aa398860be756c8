import Storage
import Testing

@testable import Batch

struct ExtraKindTests {
    private func options(
        _ forms: [CueOptions.Form]? = nil, rate: Double = 60, loops: Int? = nil,
        report: Bool = false
    ) -> SeparationOptions {
        var options = SeparationOptions()
        if forms != nil || loops != nil {
            var cues = CueOptions()
            (cues.forms, cues.rate, cues.loopBars) = (forms ?? [], rate, loops)
            options.cues = cues
        }
        options.report = report ? ReportOptions() : nil
        return options
    }

    /// Asked for, made before, and what is left to make.
    @Test func onlyWhatIsNotThereIsLacking() {
        let none = options()
        let cases: [(SeparationOptions, SeparationOptions, SeparationOptions?)] = [
            (none, none, nil),
            (none, options([.json], loops: 4, report: true), nil),
            (options([.json]), none, options([.json])),
            (options([.json]), options([.json, .csv]), nil),
            (options([.midi]), options([.json]), options([.json, .midi])),
            (
                options([.json], rate: 30), options([.json, .csv]),
                options([.json, .csv], rate: 30)
            ),
            (options(loops: 4), options([.json]), options(loops: 4)),
            (options(loops: 4), options(loops: 8), options(loops: 4)),
            (options([.json], loops: 4), options(loops: 4), options([.json])),
            (options(report: true), options([.json]), options(report: true)),
            // The page shows cues: it is made anew with them.
            (
                options([.json], report: true), options(report: true),
                options([.json], report: true)
            ),
        ]
        for (wanted, made, left) in cases {
            #expect(wanted.lacking(after: made) { _ in true } == left, "\(wanted) after \(made)")
        }
    }

    @Test func whatIsNotWholeIsMadeAgain() {
        let all = options([.json], loops: 2, report: true)
        #expect(all.lacking(after: all) { $0 != .report }?.extraKinds == [.report])
        #expect(all.lacking(after: all) { $0 != .loops }?.extraKinds == [.loops])
        #expect(all.lacking(after: all) { $0 != .cues }?.extraKinds == [.cues, .report])
    }

    @Test func theRecordHoldsWhatWasMadeTogether() {
        let made = options([.json], loops: 2)
        let added = options(report: true).recorded(after: made, failed: [])
        #expect(added == options([.json], loops: 2, report: true))
        #expect(options(report: true).recorded(after: made, failed: [.report]) == made)
        let anew = options([.json, .csv], rate: 30).recorded(after: made, failed: [])
        #expect(anew == options([.json, .csv], rate: 30, loops: 2))
        #expect(options(loops: 8).recorded(after: made, failed: [.cues, .loops]) == made)
        let first = options([.json], report: true).recorded(after: nil, failed: [.cues, .loops])
        #expect(first == options(report: true))
    }
}
