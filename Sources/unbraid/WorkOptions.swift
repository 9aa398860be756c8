import ArgumentParser
import Foundation

/// How a separation is done and told of.
struct WorkOptions: ParsableArguments {
    @Option(
        name: [.customShort("m"), .customShort("n"), .long],
        help: ArgumentHelp("A model's name, or its folder.", valueName: "name"))
    var model = "default"

    @Option(
        name: [.short, .long],
        help: ArgumentHelp("Tracks to separate at a time.", valueName: "count"))
    var jobs = 1

    @Option(
        help: ArgumentHelp("Threads for each track. (default: the cores, shared among the jobs)"))
    var threads: Int?

    @Option(help: ArgumentHelp("Begin so far into each track.", valueName: "seconds"))
    var start = 0.0

    @Option(help: ArgumentHelp("Take so much of each track.", valueName: "seconds"))
    var duration: Double?

    @Flag(help: "Separate what can be read of damaged files, instead of refusing them.")
    var salvage = false

    @Flag(help: "Say what would be done, and do nothing.")
    var dryRun = false

    @Flag(help: "Print one JSON object a line.")
    var json = false

    @Flag(name: [.short, .long], help: "Print only what went wrong.")
    var quiet = false

    /// The threads of each job: those asked for, or an equal share of the cores.
    var threadsPerJob: Int {
        threads ?? max(1, ProcessInfo.processInfo.activeProcessorCount / jobs)
    }

    /// What is wrong with the numbers, if anything.
    var fault: String? {
        if !(1...1024).contains(jobs) { return "--jobs is to be 1 to 1024." }
        if let threads, !(1...1024).contains(threads) { return "--threads is to be 1 to 1024." }
        if !(start >= 0 && start.isFinite) { return "--start is to be 0 or more seconds." }
        if let duration, !(duration > 0 && duration.isFinite) {
            return "--duration is to be more than 0 seconds."
        }
        return nil
    }
}
