import Batch
import Processes

extension Message {
    /// One line about a worker process that did not do its work.
    static func text(of fault: WorkerFault) -> String {
        switch fault {
        case .ended(.signal(let number)):
            "its process crashed: \(ChildProcess.name(ofSignal: number))"
        case .ended(.status(let status)): "its process ended suddenly, with status \(status)"
        case .memory(nil): "its process was killed by the system, since memory ran out"
        case .killed(let peak):
            "its process was killed, not by this program"
                + (peak.map { "; it had taken up to \($0 >> 20) MiB of memory" } ?? "")
        case .memory(let limit?):
            "its process took more than \(limit >> 20) MiB of memory; --memory allows more"
        case .silent(let seconds):
            "its process did nothing for \(Figure.clock(seconds)) and was ended; --timeout allows "
                + "more"
        case .refused(let reason): reason
        case .notStarted(let reason): "no process could be started for it: \(reason)"
        case .unintelligible: "its process said what this program does not understand"
        }
    }
}
