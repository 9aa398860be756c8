import Batch
import Storage

extension Message {
    /// One line about an error of the record.
    static func text(of error: RecordError) -> String {
        switch error {
        case .busy(let path, let host, let process):
            "\(path.parent): another process works on it"
                + (process.map { ": \($0)" } ?? "")
                + (host.map { $0.isEmpty ? "" : " on \($0)" } ?? "")
        case .nothing(let path): "\(path): no batch left its journal or manifest there"
        case .storage(let error): text(of: error)
        }
    }

    /// One line about a file that is not as the manifest says.
    static func text(of finding: Verification.Finding) -> String {
        switch finding.fault {
        case .missing: "\(finding.path): is missing"
        case .differs: "\(finding.path): has other bytes than when it was written"
        case .unreadable(let error): "\(finding.path): cannot be read: \(error.reason)"
        case .noEntry(let line): "\(finding.path): line \(line) is no entry of a manifest"
        }
    }

    /// The word for what is not as the manifest says.
    static func code(of fault: Verification.Finding.Fault) -> String {
        switch fault {
        case .missing: "missing"
        case .differs: "differs"
        case .unreadable: "unreadable"
        case .noEntry: "no_entry"
        }
    }

    /// One line about a track that is done again.
    static func text(of again: Resumption.Again) -> String {
        switch again.reason {
        case .missing(let path): "\(again.track.input): is done again: \(path) is missing"
        case .altered(let path): "\(again.track.input): is done again: \(path) has another size"
        case .forced: "\(again.track.input): is done again"
        }
    }
}
