import ArgumentParser
import Batch
import Processes

/// What `separate` starts as its workers: reads orders as lines, writes what happens as lines.
struct WorkerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: Self.name, abstract: "Work for a batch.", shouldDisplay: false)

    /// No file of a user's is likely to be called so.
    static let name = "_worker"

    func run() throws {
        WorkerService(ParentLink()) { Message.text(of: $0) }.run()
    }
}
