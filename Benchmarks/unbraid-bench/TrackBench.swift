import ArgumentParser
import Batch
import Foundation
import Inference
import Models
import Storage

struct TrackBench: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "track",
        abstract: "Separate one file and say where the time goes.",
        discussion: """
            Prints seconds and share of each stage, the speed as a multiple of real time, the \
            process's peak memory, and what the speed would be if there were nothing but the net's \
            arithmetic, done at the rate of plain matrix products. Reading, writing and synthesis go \
            on beside the net; what the net does not cover is the total less the time in the net. \
            The stems go to a temporary folder and are removed.
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
        let report = try job.run(
            isCancelled: { false }, started: { _ in }, progressed: { _, _ in })
        try print(report, model)
    }

    private func print(_ report: TrackReport, _ model: Model) throws {
        let stages = ["read", "resample", "stft", "net", "inverse", "write"]
        let seconds = report.times.byStage
        let total = report.times.total
        let speed = report.seconds / total
        let memory = peakMemory()
        let outside = 1 - (seconds["net"] ?? 0) / total
        let limit = try Limit(model: model, threads: threads)
        if json {
            var stagesJSON: [String: [String: Double]] = [:]
            for stage in stages {
                let value = seconds[stage] ?? 0
                stagesJSON[stage] = ["seconds": value, "share": value / total]
            }
            printJSON([
                "input": input, "threads": threads, "sound_seconds": report.seconds,
                "total_seconds": total, "speed": speed, "peak_memory_bytes": memory,
                "share_outside_net": outside, "limit_speed": limit.speed,
                "limit_operations_per_sound_second": limit.operations,
                "limit_products_per_second": limit.rate,
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
        Swift.print(
            String(format: "outside the net %.1f %% of the time", 100 * outside))
        Swift.print(
            String(
                format: "limit     %8.1f x real time: %.2f GFLOP a second of sound, %.0f GFLOP/s",
                limit.speed, limit.operations / 1e9, limit.rate / 1e9))
        Swift.print(String(format: "peak memory %.0f MB", Double(memory) / 1e6))
    }
}
