import Dispatch
import Models

/// Turns spectra back into samples on a thread of its own, while the nets take the next segment
/// apart.
///
/// One pair at a time: whoever calls waits before touching strands, so memory stays flat. Unchecked
/// because the queue takes turns on everything that changes.
final class Synthesis: @unchecked Sendable {
    private let pairs: [[Strand]]
    private let queue = DispatchQueue(label: "unbraid.synthesis")
    /// The pair whose spectra wait for ``start()``.
    private var next: Int?
    private var spent = 0.0

    /// - Parameter pairs: the strands of each pair of channels.
    init(_ pairs: [[Strand]]) { self.pairs = pairs }

    /// Lets one pair's spectra be the next.
    func prepare(pair: Int) { next = pair }

    /// Begins with the spectra that are next, if any, and returns at once.
    func start() {
        guard let pair = next else { return }
        next = nil
        queue.async { [self] in
            measure { for strand in pairs[pair] { strand.synthesize() } }
        }
    }

    /// Turns the spectra that are next, if any, into samples on all of the estimator's threads, which
    /// have nothing else to do when a track ends.
    func finish(with estimator: any SegmentEstimating) {
        guard let pair = next else { return }
        next = nil
        let strands = pairs[pair]
        queue.sync {
            measure { estimator.concurrently(strands.count) { strands[$0].synthesize() } }
        }
    }

    /// Waits until nothing is under way.
    func wait() { queue.sync {} }

    /// Waits, and appends all samples so far to `output`.
    func take(appendingTo output: inout StemBlock) {
        queue.sync {
            for strand in pairs.joined() { strand.take(appendingTo: &output) }
        }
    }

    /// Seconds spent so far; waits for what is under way.
    var seconds: Double { queue.sync { spent } }

    private func measure(_ body: () -> Void) {
        let start = ContinuousClock.now
        body()
        spent += (ContinuousClock.now - start) / .seconds(1)
    }
}
