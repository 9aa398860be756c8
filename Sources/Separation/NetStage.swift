import Dispatch
import Models

/// The nets' part of a track's way, on a thread of its own: while they take one segment apart, the
/// frames of the next are collected, and samples are made of the one before.
///
/// One segment at a time: whoever begins one waits for the one before. Unchecked because the queue
/// takes turns on everything that changes, and a pair's segment stays as it is while it is at work.
final class NetStage: @unchecked Sendable {
    /// What is kept of a segment.
    enum Part {
        /// The frames that are neither context nor left to be blended with the next segment.
        case advance(isFirst: Bool)
        /// A whole track of `count` frames that follow `edge` others.
        case track(count: Int, edge: Int)
    }

    private let estimator: any SegmentEstimating
    private let pairs: [ChannelPair]
    private let synthesis: Synthesis
    private let queue = DispatchQueue(label: "unbraid.nets")
    /// Samples that nobody has taken yet.
    private var ready: StemBlock
    private var fault: (any Error)?
    private var spent = SeparationTimes()

    /// - Parameter stems: how many stems are wanted.
    init(estimator: any SegmentEstimating, pairs: [ChannelPair], stems: Int, channels: Int) {
        self.estimator = estimator
        self.pairs = pairs
        synthesis = Synthesis(pairs.map(\.strands))
        ready = StemBlock(stems: stems, channels: channels)
    }

    /// Seconds spent so far; waits for what is at work.
    var times: SeparationTimes {
        var times = queue.sync { spent }
        times.inverse += synthesis.seconds
        return times
    }

    /// Begins to take the pairs' segments apart, and returns at once.
    ///
    /// - Precondition: nothing is at work.
    func begin(keeping part: Part) {
        queue.async { [self] in
            do { try separate(keeping: part) } catch { fault = error }
        }
    }

    /// Waits for the segments at work and appends the samples that became ready meanwhile: those of the
    /// segments before.
    ///
    /// - Throws: what the estimator threw.
    func collect(appendingTo output: inout StemBlock) throws {
        wait()
        if let fault { throw fault }
        output.take(&ready)
    }

    /// Makes samples of the last segments on all of the estimator's threads, which have nothing else to
    /// do, and appends them.
    ///
    /// - Precondition: nothing is at work.
    func finish(appendingTo output: inout StemBlock) {
        synthesis.finish(with: estimator)
        synthesis.take(appendingTo: &ready)
        output.take(&ready)
    }

    /// Waits until nothing is at work.
    func wait() {
        queue.sync {}
        synthesis.wait()
    }

    private func separate(keeping part: Part) throws {
        for (index, pair) in pairs.enumerated() {
            synthesis.start()
            try spent.measure(\.net) { try estimator.estimate(pair.segment, pair: index) }
            spent.measure(\.inverse) {
                synthesis.wait()
                // All pairs are at the same place when the first one's turn comes.
                if index == 0 { synthesis.take(appendingTo: &ready) }
                let (strands, segment) = (pair.strands, pair.segment)
                estimator.concurrently(strands.count) { index in
                    switch part {
                    case .advance(let isFirst):
                        strands[index].blend(segment, isFirst: isFirst, estimator: estimator)
                    case .track(let count, let edge):
                        strands[index].take(
                            segment, count: count, edge: edge, estimator: estimator)
                    }
                }
                synthesis.prepare(pair: index)
            }
        }
    }
}
