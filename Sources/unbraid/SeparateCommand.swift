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

    @Argument(help: "Sound files; folders with -r; patterns in quotes.")
    var inputs: [String] = []

    @Flag(name: [.short, .long], help: "Walk folders; their tree is mirrored in the output.")
    var recursive = false

    @OptionGroup(title: "What comes out")
    var output: OutputOptions

    @OptionGroup(title: "Large batches")
    var batch: BatchOptions

    @OptionGroup(title: "One remixed file instead")
    var remix: RemixOptions

    @OptionGroup(title: "What is added to the stems")
    var report: ReportArguments

    @OptionGroup(title: "How it is done")
    var work: WorkOptions

    @OptionGroup(title: "Cues")
    var cues: CueArguments

    func validate() throws {
        if inputs.isEmpty, batch.filesFrom == nil {
            throw ValidationError("Missing expected argument '<inputs> ...'")
        }
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
        var options = output.options(work)
        options.cues = cues.options
        options.report = report.options
        do {
            model = try ModelFolders.library.model(named: work.model)
            selection = try StemSelection(remix.request ?? output.request, of: model.card)
            let walk = InputWalk(isRecursive: recursive, output: folder)
            let found = walk.find(RawArguments.paths(inputs), list: try batch.list())
            plan = BatchPlan(
                found, output: folder,
                template: try FilenameTemplate(output.filename, isForOne: remix.isWanted),
                selection: selection, fileExtension: output.format.fileExtension,
                model: model.card.name, extras: options.extraKinds)
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
        let settings = BatchSettings(
            model: .init(name: model.card.name, sha256: model.digest), selection: selection,
            options: options, program: Unbraid.version)
        if work.dryRun {
            try dryRun(plan, settings, folder)
        } else {
            try separate(plan, model, settings, folder)
        }
    }

    private func dryRun(
        _ plan: BatchPlan, _ settings: BatchSettings, _ folder: FilePath
    ) throws {
        let resumption: Resumption
        do {
            resumption = try Resumption(
                surveying: plan, in: folder, shard: batch.shard, settings: settings,
                force: output.force)
        } catch {
            throw Failure(error)
        }
        DryRun(resumption: resumption, json: work.json).print()
        throw resumption.plan.misses.isEmpty ? ExitCode.success : ExitCode.failure
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
        _ plan: BatchPlan, _ model: Model, _ settings: BatchSettings, _ folder: FilePath
    ) throws {
        // A mistyped name alone is no reason to leave a record anywhere.
        guard !plan.tracks.isEmpty else { throw tell(of: plan, done: 0) { _ in } }
        let record: BatchRecord
        do {
            record = try BatchRecord(
                plan, in: folder, shard: batch.shard, settings: settings, force: output.force,
                writesTable: batch.csv, describe: { Message.text(of: $0) },
                describeError: { Message.text(of: $0) })
        } catch {
            guard case .busy = error else { throw Failure(error) }
            Terminal.complain(Message.text(of: error))
            throw ExitCode(3)
        }
        if record.damagedLines > 0 {
            Terminal.complain(
                "\(folder): \(record.damagedLines) lines of the journal are damaged and left out")
        }
        let resumption = record.resumption
        for again in resumption.again { Terminal.complain(Message.text(of: again)) }
        let crew = work.crew(tracks: resumption.plan.tracks.count)
        let runner = BatchRunner(
            plan: resumption.plan, model: model, selection: settings.selection,
            options: settings.options, jobs: crew.jobs, threads: crew.threads,
            mostThreads: work.mostThreads(crew.threads),
            program: WorkerProgram(
                ThisProgram.path, [FilePath(WorkerCommand.name)], silence: work.timeout ?? 300,
                memoryLimit: work.memoryLimit),
            mark: record.run, claim: { record.claim($0) }, describe: { Message.text(of: $0) })
        let interruption = Interruption { runner.cancel() }
        defer { interruption.end() }
        let code = tell(of: resumption.plan, done: resumption.done.count) { tell in
            defer { record.end(isFinished: !interruption.hasHappened) }
            if resumption.plan.tracks.isEmpty { return }
            try runner.run { event in
                record.tell(event)
                tell(event)
            }
        }
        if report.report, resumption.plan.tracks.count + resumption.done.count > 1 {
            // The stems are there: a page that cannot be written is told, and no failure.
            do { try record.writeIndex() } catch { Terminal.complain(Message.text(of: error)) }
        }
        if let fault = record.fault {
            Terminal.complain("the record of the batch is not whole: \(Message.text(of: fault))")
            throw ExitCode.failure
        }
        if interruption.hasHappened { throw ExitCode(130) }
        throw code
    }

    /// Tells of a batch while `body` does it, and gives the exit code.
    private func tell(
        of plan: BatchPlan, done: Int,
        _ body: (@escaping @Sendable (BatchEvent) -> Void) throws -> Void
    ) -> any Error {
        let tally = Tally(plan: plan, done: done)
        let reporter: any Reporter =
            if work.json {
                JSONReporter(plan: plan, done: done)
            } else if Terminal.isInteractive, !work.quiet {
                BarReporter(plan: plan)
            } else {
                LineReporter(plan: plan, isQuiet: work.quiet)
            }
        reporter.begin()
        do {
            try body { event in
                tally.count(event)
                reporter.tell(event)
            }
        } catch {
            return Failure(error)
        }
        reporter.end(tally.summary)
        return tally.summary.isComplete ? ExitCode.success : ExitCode.failure
    }
}
