import ArgumentParser
import Batch
import Evaluation
import Foundation
import Inference
import Storage

struct EvaluateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate", abstract: "Compare stems with the true ones.",
        discussion: """
            Both folders hold a folder a track with a sound file a stem (vocals.wav, drums.wav, ...), \
            or are such a folder; folders between, as the test and train of MUSDB18, are looked \
            through. Prints BSS Eval v4 (SDR, ISR, SIR, SAR: medians over windows of one second, \
            then over tracks; as museval), and SDR and SI-SDR of whole tracks, all in dB.
            """)

    @Argument(help: "The folder of the true stems.")
    var references: String

    @Argument(help: "The folder of the stems to be judged.")
    var estimates: String

    @Option(help: "Threads to work on. (default: the cores)")
    var threads: Int?

    @Flag(help: "Print one JSON object a line: each track with all windows, then the summary.")
    var json = false

    @Flag(name: [.short, .long], help: "Print only the summary and what went wrong.")
    var quiet = false

    func validate() throws {
        if let threads, !(1...1024).contains(threads) {
            throw ValidationError("--threads is to be 1 to 1024.")
        }
    }

    func run() throws {
        let plan: EvaluationPlan
        do {
            plan = try EvaluationPlan(
                references: FilePath(references), estimates: FilePath(estimates),
                extensions: InputWalk.soundExtensions)
        } catch {
            throw Failure(error)
        }
        let pool = WorkerPool(
            threads: threads ?? ProcessInfo.processInfo.activeProcessorCount)
        let report = ScoreReport(isJSON: json, isQuiet: quiet)
        var isClean = plan.withoutEstimates.isEmpty
        for folder in plan.withoutEstimates {
            Terminal.complain("\(folder): there are no estimates of it in \(estimates)")
        }
        var tracks: [TrackEvaluation] = []
        for track in plan.tracks {
            do {
                guard !track.stems.isEmpty else { throw EvaluationFailure.nothingInCommon(track) }
                let result = try TrackEvaluation(track, pool: pool)
                tracks.append(result)
                report.show(result)
                if result.notes.contains(where: Message.isFailure) { isClean = false }
            } catch {
                Terminal.complain(Message.text(of: error))
                isClean = false
            }
        }
        if !tracks.isEmpty { report.show(StemSummary.all(of: tracks), of: tracks.count) }
        if !isClean || tracks.isEmpty { throw ExitCode.failure }
    }
}

/// What only shows once tracks are looked at.
enum EvaluationFailure: Error {
    /// The references and estimates of a track have no name in common.
    case nothingInCommon(EvaluationPlan.Track)
}
