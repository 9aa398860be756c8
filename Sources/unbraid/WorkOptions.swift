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
        help: ArgumentHelp(
            "Tracks to separate at a time. (default: one for each core)", valueName: "count"))
    var jobs: Int?

    @Option(
        help: ArgumentHelp("Threads for each track. (default: the cores, shared among the jobs)"))
    var threads: Int?

    @Option(
        help: ArgumentHelp(
            """
            Give up on a track at which nothing happens for so long; long ones are given more. \
            (default: 300)
            """, valueName: "seconds"))
    var timeout: Double?

    @Option(
        help: ArgumentHelp(
            "Most memory for each job, in MiB. (default: 90 % of the machine's)",
            valueName: "size"))
    var memory: Int?

    @Option(help: ArgumentHelp("Begin so far into each track. (default: 0)", valueName: "seconds"))
    var start: Double?

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

    /// How a batch is shared among processes and threads.
    ///
    /// Many tracks go fastest with one thread each; where there are fewer tracks than cores, each
    /// gets its share of them. Jobs times threads is at most the number of cores, unless both were
    /// asked for.
    func crew(tracks: Int) -> (jobs: Int, threads: Int) {
        let cores = ProcessInfo.processInfo.activeProcessorCount
        let roomy = max(1, Int(clamping: ProcessInfo.processInfo.physicalMemory) / Self.roomForJob)
        let most = jobs ?? min(max(1, cores / (threads ?? 1)), roomy)
        let jobs = min(most, max(1, tracks))
        return (jobs, threads ?? max(1, cores / jobs))
    }

    /// Threads that a job may take over at the end of a batch, when others have no more tracks.
    ///
    /// Each takes some memory in every job from the start, so there are not many.
    func mostThreads(_ threads: Int) -> Int { self.threads == nil ? 4 * threads : threads }

    /// Bytes of memory that one job may need, where nobody says how many there are to be.
    private static let roomForJob = 512 << 20

    /// Bytes of memory at which a job is given up.
    var memoryLimit: Int {
        memory.map { $0 << 20 } ?? Int(clamping: ProcessInfo.processInfo.physicalMemory) / 10 * 9
    }

    /// What is wrong with the numbers, if anything.
    var fault: String? {
        if let jobs, !(1...1024).contains(jobs) { return "--jobs is to be 1 to 1024." }
        if let threads, !(1...1024).contains(threads) { return "--threads is to be 1 to 1024." }
        if let timeout, !(timeout > 0 && timeout.isFinite) {
            return "--timeout is to be more than 0 seconds."
        }
        if let memory, !(1...(1 << 30)).contains(memory) {
            return "--memory is to be 1 MiB or more."
        }
        if let start, !(start >= 0 && start.isFinite) {
            return "--start is to be 0 or more seconds."
        }
        if let duration, !(duration > 0 && duration.isFinite) {
            return "--duration is to be more than 0 seconds."
        }
        return nil
    }
}
