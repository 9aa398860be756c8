import FoundationEssentials
import Inference
import Testing

/// Cases whose expected outputs others have computed, in ONNX's own folder layout.
struct ReferenceTests {
    private static let environment = ProcessInfo.processInfo.environment
    private static let cases = environment["UNBRAID_REFERENCE_CASES"]

    /// -90 dB as a ratio of root mean squares.
    private static let minus90 = 3.17e-5

    @Test(.enabled(if: cases != nil, "UNBRAID_REFERENCE_CASES names no folder"))
    func everyCaseAgreesWithOnnxRuntime() throws {
        let folder = try #require(Self.cases)
        var runner = Conformance()
        runner.threads = 2
        runner.relativeTolerance = 1e-3
        runner.absoluteTolerance = 1e-5
        runner.options.winograd = false
        let results = runner.run(below: folder)
        #expect(!results.isEmpty)
        for result in results {
            #expect(result.outcome == .passed, "\(result.name)")
            #expect(result.relativeError < Self.minus90, "\(result.name)")
        }
    }

    private static let nodeTests = environment["UNBRAID_ONNX_NODE_TESTS"]

    @Test(.enabled(if: nodeTests != nil, "UNBRAID_ONNX_NODE_TESTS names no folder"))
    func noNodeTestOfTheStandardFails() throws {
        let folder = try #require(Self.nodeTests)
        let results = Conformance().run(below: folder)
        var unsupported = 0
        var passed = 0
        for result in results {
            print("CASE", result.name, result.outcome)
            switch result.outcome {
            case .passed: passed += 1
            case .unsupported: unsupported += 1
            case .failed(let reason): Issue.record("\(result.name): \(reason)")
            }
        }
        print("node tests: \(passed) passed, \(unsupported) unsupported of \(results.count)")
        #expect(passed > 1000)
    }
}
