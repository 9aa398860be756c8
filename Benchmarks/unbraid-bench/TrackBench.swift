import ArgumentParser
import Batch
import Foundation
import Models
import Storage

struct TrackBench: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "track",
        abstract: "Separate one file and say where the time goes.",
        discussion: """
            Prints seconds and share of each stage, the speed as a multiple of real time and the \
            process's peak memory. The stems go to a temporary folder and are removed.
            """)

    @Argument(help: "The sound file.")
    var input: String

    @Option(help: "The model's folder.")
    var model = "Weights/default"

    @Option(help: "Threads for the nets.")
    var threads = ProcessInfo.processInfo.activeProcessorCount

    @Flag(help: "Print a JSON object.")
    var json = false

    func run() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "unbraid-\(UUID())")
        defer { try? FileManager.default.removeItem(at: folder) }
        let model = try Model(at: FilePath(model))
        let selection = try StemSelection(.all, of: model.card)
        let output = FilePath(folder.path)
        let plan = BatchPlan(
            InputWalk(isRecursive: false, output: output).find([FilePath(input)]), output: output,
            template: .standard, selection: selection, fileExtension: "wav",
            model: model.card.name)
        guard let track = plan.tracks.first else {
            throw ValidationError("\(input) is not there.")
        }
        let job = TrackJob(
            track: track, selection: selection, options: SeparationOptions(),
            estimator: try StemEstimator(model: model, threads: threads),
            sampleRate: model.card.sampleRate)
        print(
            try job.run(isCancelled: { false }, started: { _ in }, progressed: { _, _ in }))
    }

    private func print(_ report: TrackReport) {
        let stages = ["read", "resample", "stft", "net", "inverse", "write"]
        let seconds = report.times.byStage
        let total = report.times.total
        let speed = report.seconds / total
        if json {
            var stagesJSON: [String: [String: Double]] = [:]
            for stage in stages {
                let value = seconds[stage] ?? 0
                stagesJSON[stage] = ["seconds": value, "share": value / total]
            }
            printJSON([
                "input": input, "threads": threads, "sound_seconds": report.seconds,
                "total_seconds": total, "speed": speed, "peak_memory_bytes": peakMemory(),
                "stages": stagesJSON,
            ])
            return
        }
        Swift.print("stage      seconds   share")
        for stage in stages {
            let value = seconds[stage] ?? 0
            Swift.print(
                stage.padding(toLength: 10, withPad: " ", startingAt: 0)
                    + String(format: "%8.3f  %5.1f %%", value, 100 * value / total))
        }
        Swift.print(
            String(
                format: "total     %8.3f  for %.1f s of sound: %.1f x real time, %d threads",
                total, report.seconds, speed, threads))
        Swift.print(String(format: "peak memory %.0f MB", Double(peakMemory()) / 1e6))
    }
}
