import Dispatch

/// Turns spectra back into samples on a thread of its own, while the nets take the next segment
/// apart.
///
/// One at a time: whoever calls waits before touching strands, so memory stays flat. Unchecked
/// because the queue takes turns on everything that changes.
final class Synthesis: @unchecked Sendable {
    private let pairs: [[Strand]]
    private let queue = DispatchQueue(label: "unbraid.synthesis")
    private var block: StemBlock
    private var spent = 0.0

    /// - Parameter pairs: the strands of each pair of channels.
    init(_ pairs: [[Strand]], stems: Int, channels: Int) {
        self.pairs = pairs
        block = StemBlock(stems: stems, channels: channels)
    }

    /// Begins with the spectra of one pair and returns at once.
    func start(pair: Int) {
        queue.async { [self] in
            let start = ContinuousClock.now
            for strand in pairs[pair] { strand.synthesize(appendingTo: &block) }
            spent += (ContinuousClock.now - start) / .seconds(1)
        }
    }

    /// Waits until nothing is under way.
    func wait() { queue.sync {} }

    /// Waits, and appends all samples so far to `output`.
    func take(appendingTo output: inout StemBlock) {
        queue.sync {
            if output.length == 0 {
                swap(&output, &block)
            } else {
                output.append(block)
            }
            block.removeAll()
        }
    }

    /// Seconds spent so far; waits for what is under way.
    var seconds: Double { queue.sync { spent } }
}
