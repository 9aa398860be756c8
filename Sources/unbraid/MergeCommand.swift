import ArgumentParser
import Batch

struct MergeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "merge",
        abstract: "Make one manifest of the parts of a batch.",
        discussion: """
            Reads the journals of all parts that ran with --shard on this output folder, writes \
            manifest.jsonl from them, and says what is missing. The exit code is 0 only if all \
            parts came to their end and no track failed.
            """)

    @Argument(help: "The output folder of the parts.")
    var folder: String

    @Flag(help: "Write manifest.csv too.")
    var csv = false

    func run() throws {
        Terminal.outliveReaders()
        let merging: Merging
        do {
            merging = try Merging(RawArguments.path(folder), writesTable: csv)
        } catch {
            throw Failure(error)
        }
        for part in merging.parts {
            let name = part.shard.map { "part \($0)" } ?? "the batch"
            if !part.isFinished { Terminal.complain("\(name) has not come to its end") }
            if part.damaged > 0 {
                Terminal.complain("\(name): \(part.damaged) lines of its journal are damaged")
            }
        }
        for shard in merging.missing { Terminal.complain("part \(shard) was never begun") }
        Terminal.say(
            "\(merging.done) separated, \(merging.failed) failed, \(merging.open) not done")
        if !merging.isComplete { throw ExitCode.failure }
    }
}
