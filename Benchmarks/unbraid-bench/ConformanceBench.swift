import ArgumentParser
import Foundation
import Inference

struct ConformanceBench: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "conformance",
        abstract: "Run test cases in ONNX's own layout and count how they end.",
        discussion: """
            Every folder below FOLDER that holds model.onnx and test_data_set_* is a case. A line is \
            printed for each that fails.
            """)

    @Argument(help: "The folder.")
    var folder: String

    @Option(help: "Threads.")
    var threads = 1

    @Flag(inversion: .prefixedNo, help: "Let 3x3 convolutions go through Winograd's transform.")
    var winograd = true

    @Flag(help: "Also print a line for each case that is unsupported.")
    var unsupported = false

    @Flag(help: "Print JSON objects: one a line for each failed case, and the counts.")
    var json = false

    func run() throws {
        var conformance = Conformance()
        conformance.threads = threads
        conformance.options.winograd = winograd
        var (passed, failed, unknown) = (0, 0, 0)
        var worst = (name: "", error: 0.0)
        conformance.run(below: folder) { result in
            switch result.outcome {
            case .passed:
                passed += 1
                if result.relativeError > worst.error {
                    worst = (result.name, result.relativeError)
                }
            case .failed(let reason):
                failed += 1
                line("failed", result.name, reason)
            case .unsupported(let reason):
                unknown += 1
                if unsupported { line("unsupported", result.name, reason) }
            }
        }
        let decibels = worst.error > 0 ? 20 * log10(worst.error) : -Double.infinity
        if json {
            printJSON([
                "cases": passed + failed + unknown, "passed": passed, "failed": failed,
                "unsupported": unknown, "worst_passed_case": worst.name,
                "worst_passed_error_db": worst.error > 0 ? decibels : -999,
            ])
        } else {
            print("\(passed) passed, \(failed) failed, \(unknown) unsupported")
            print(
                String(format: "worst difference among those passed: %.1f dB, ", decibels)
                    + worst.name)
        }
        if failed > 0 { throw ExitCode.failure }
    }

    private func line(_ outcome: String, _ name: String, _ reason: String) {
        if json {
            printJSON(["case": name, "outcome": outcome, "reason": reason])
        } else {
            print("\(outcome) \(name): \(reason)")
        }
    }
}
