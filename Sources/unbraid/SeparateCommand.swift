import ArgumentParser
import AudioIO
import Batch
import Models
import Signal
import Storage

struct SeparateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "separate",
        abstract: "Separate recordings into stems.",
        discussion: """
            The exit code is 0 only if every track was separated. A track that fails is named with \
            its cause, and the others go on.
            """)

    @Argument(help: "Sound files; folders with -r.")
    var inputs: [String]

    @Flag(name: [.short, .long], help: "Walk folders; their tree is mirrored in the output.")
    var recursive = false

    @OptionGroup(title: "What comes out")
    var output: OutputOptions

    @OptionGroup(title: "One remixed file instead")
    var remix: RemixOptions

    @OptionGroup(title: "What is added to the stems")
    var report: ReportArguments

    @OptionGroup(title: "How it is done")
    var work: WorkOptions

    @OptionGroup(title: "Cues")
    var cues: CueArguments

    func validate() throws {
        try output.validateTogether(isRemix: remix.isWanted)
        try remix.validateTogether(output)
        if remix.isWanted && report.report {
            throw ValidationError("--report shows stems, and --mute and --gain make none; choose.")
        }
        if let fault = work.fault { throw ValidationError(fault) }
    }

    func run() throws {
        Terminal.outliveReaders()
        let folder = RawArguments.path(output.output)
        let model: Model
        let plan: BatchPlan
        let selection: StemSelection
        do {
            model = try ModelFolders.library.model(named: work.model)
            selection = try StemSelection(remix.request ?? output.request, of: model.card)
            let walk = InputWalk(isRecursive: recursive, output: folder)
            plan = BatchPlan(
                walk.find(RawArguments.paths(inputs)), output: folder,
                template: try FilenameTemplate(output.filename, isForOne: remix.isWanted),
                selection: selection,
                fileExtension: output.format.fileExtension, model: model.card.name)
        } catch {
            throw Failure(error)
        }
        if output.stemMp4 { try checkStemContainer(selection) }
        guard plan.collisions.isEmpty else {
            // One line for two inputs, not one for each stem.
            var named: Set<[FilePath]> = []
            for collision in plan.collisions
            where named.insert([collision.first, collision.second]).inserted {
                Terminal.complain(Message.text(of: collision))
            }
            throw ExitCode(2)
        }
        if work.dryRun {
            DryRun(plan: plan, json: work.json).print()
            throw plan.misses.isEmpty ? ExitCode.success : ExitCode.failure
        }
        try separate(plan, model, selection)
    }

    /// Finds out before the first track whether files of four stems can be made at all.
    private func checkStemContainer(_ selection: StemSelection) throws {
        guard selection.written.count == 4 else {
            throw ValidationError(
                "--stem-mp4 needs a model of four stems; this one has "
                    + "\(selection.written.count).")
        }
        do {
            try StemContainer.checkEncoder(for: "--stem-mp4")
        } catch {
            throw Failure(error)
        }
    }

    private func separate(
        _ plan: BatchPlan, _ model: Model, _ selection: StemSelection
    ) throws {
        var options = output.options(work)
        options.cues = cues.options
        options.report = report.options
        let runner = BatchRunner(
            plan: plan, model: model, selection: selection, options: options,
            jobs: work.jobs, threads: work.threadsPerJob,
            describe: { Message.text(of: $0) })
        let tally = Tally(plan: plan)
        let reporter: any Reporter =
            if work.json {
                JSONReporter(plan: plan)
            } else if Terminal.isInteractive, !work.quiet {
                BarReporter(plan: plan)
            } else {
                LineReporter(plan: plan, isQuiet: work.quiet)
            }
        let index = report.options.map { _ in
            BatchIndexBuilder(plan: plan, folder: RawArguments.path(self.output.output))
        }
        let interruption = Interruption { runner.cancel() }
        defer { interruption.end() }
        reporter.begin()
        do {
            try runner.run { event in
                tally.count(event)
                index?.take(event)
                reporter.tell(event)
            }
        } catch {
            throw Failure(error)
        }
        if let index, plan.tracks.count > 1 {
            // The stems are there: a page that cannot be written is told, and no failure.
            do {
                _ = try index.write()
            } catch {
                Terminal.complain(Message.text(of: error))
            }
        }
        reporter.end(tally.summary)
        if interruption.hasHappened { throw ExitCode(130) }
        if !tally.summary.isComplete { throw ExitCode.failure }
    }
}
