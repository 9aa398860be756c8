import FoundationEssentials
import Inference
import Testing

/// Cases whose expected outputs others have computed, in ONNX's own folder layout.
struct ReferenceTests {
    private static let cases = ProcessInfo.processInfo.environment["UNBRAID_REFERENCE_CASES"]
    private static let nodeTests = ProcessInfo.processInfo.environment["UNBRAID_ONNX_NODE_TESTS"]

    /// Where ONNX Runtime too differs from the files of the standard, and gives what we give: the
    /// files count cells beyond the padding, or take a fractional size for an output's length.
    private static let disputed: Set = [
        "test_averagepool_3d_dilations_large_count_include_pad_is_1_ceil_mode_is_True",
        "test_resize_downsample_scales_cubic_align_corners",
        "test_resize_downsample_scales_linear_align_corners",
    ]

    @Test(
        .enabled(if: cases != nil, "UNBRAID_REFERENCE_CASES names no folder"),
        arguments: [(false, true), (false, false), (true, true)])
    func everyCaseAgreesWithOnnxRuntime(winograd: Bool, fuses: Bool) throws {
        let folder = try #require(Self.cases)
        var runner = Conformance()
        runner.threads = 2
        runner.relativeTolerance = 1e-3
        runner.absoluteTolerance = winograd ? 1e-3 : 1e-5
        runner.options.winograd = winograd
        runner.options.fuses = fuses
        let results = runner.run(below: folder)
        #expect(results.count > 100)
        // Decibels as ratios of root mean squares: -80 with Winograd's transforms, -90 without.
        let limit = winograd ? 1e-4 : 3.162e-5
        for result in results {
            #expect(result.outcome == .passed, "\(result.name)")
            #expect(result.relativeError <= limit, "\(result.name)")
        }
    }

    @Test(.enabled(if: nodeTests != nil, "UNBRAID_ONNX_NODE_TESTS names no folder"))
    func noTestOfTheStandardsNodesFails() throws {
        let folder = try #require(Self.nodeTests)
        let results = Conformance().run(below: folder)
        for result in results where !Self.disputed.contains(result.name) {
            if case .failed(let reason) = result.outcome {
                Issue.record("\(result.name): \(reason)")
            }
        }
        #expect(results.count { $0.outcome == .passed } > 900)
    }
}
