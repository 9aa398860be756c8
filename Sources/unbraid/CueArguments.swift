import ArgumentParser
import Batch
import Foundation

/// How cues are written.
struct CueForms: ParsableArguments {
    @Option(
        help: ArgumentHelp("Frames of the cues a second, 1 to 1000.", valueName: "rate"))
    var cueRate = 60.0

    @Option(
        help: ArgumentHelp(
            "The forms of the cues, of json, csv, labels, midi. (default: all)",
            valueName: "forms"))
    var cueFormats: String?

    /// The forms asked for, nil where a name is none.
    var forms: [CueOptions.Form]? {
        guard let cueFormats else { return CueOptions.Form.allCases }
        let names = cueFormats.split(separator: ",")
        let forms = names.compactMap { CueOptions.Form(rawValue: String($0)) }
        return forms.isEmpty || forms.count != names.count ? nil : forms
    }

    func validate() throws {
        guard cueRate >= 1, cueRate <= 1000 else {
            throw ValidationError("--cue-rate is to be 1 to 1000 frames a second.")
        }
        if forms == nil {
            throw ValidationError("--cue-formats is to name some of json, csv, labels, midi.")
        }
    }
}

/// Cues and loops beside a separation.
struct CueArguments: ParsableArguments {
    @Flag(help: "Write onsets, beats and features of the mix and of each stem.")
    var cues = false

    @OptionGroup
    var forms: CueForms

    @Option(
        help: ArgumentHelp(
            "Cut each stem into loops of so many bars, on the downbeats.", valueName: "bars"))
    var loops: Int?

    func validate() throws {
        if let loops, !(1...1024).contains(loops) {
            throw ValidationError("--loops is to be 1 to 1024 bars.")
        }
    }

    /// What is to be made, nil for nothing.
    var options: CueOptions? {
        guard cues || loops != nil else { return nil }
        var options = CueOptions()
        options.rate = forms.cueRate
        options.forms = cues ? forms.forms ?? [] : []
        options.loopBars = loops
        return options
    }
}
