import ArgumentParser
import Batch

/// The page that a track gets beside its stems.
struct ReportArguments: ParsableArguments {
    @Flag(help: "Write a page beside the stems to look and listen, which opens from disk.")
    var report = false

    @Option(
        help: ArgumentHelp(
            "Where the page has its sound from: embedded (a preview in the page) or beside (the files).",
            valueName: "source"))
    var reportSound: ReportOptions.Sound?

    /// What was asked for; nil for no page.
    var options: ReportOptions? {
        guard report else { return nil }
        var options = ReportOptions()
        options.sound = reportSound ?? .embedded
        return options
    }

    func validate() throws {
        if reportSound != nil, !report {
            throw ValidationError("--report-sound is for --report.")
        }
    }
}

extension ReportOptions.Sound: ExpressibleByArgument {}
