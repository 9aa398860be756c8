/// The references and estimates of one track, read side by side.
///
/// Signals are numbered `[reference or estimate, source, channel]`: all references come before all
/// estimates, and the channels of a source are neighbours.
package protocol SignalReading: AnyObject {
    /// Sources that are both referred to and estimated, at least 1.
    var sources: Int { get }
    /// Channels of each source, at least 1.
    var channels: Int { get }
    /// Samples of each channel, at least 1.
    var length: Int { get }
    /// Samples a second, in Hz.
    var sampleRate: Double { get }
    /// Begins again at the first sample.
    func rewind() throws
    /// The next samples of all signals.
    ///
    /// - Returns: `[signal][sample]`, each of `count` samples or of as many as are left.
    func read(_ count: Int) throws -> [[Double]]
}

extension SignalReading {
    /// Signals of the references, and as many of the estimates.
    var half: Int { sources * channels }
}

/// Signals that are in memory.
package final class SignalsInMemory: SignalReading {
    package let sources: Int
    package let channels: Int
    package let length: Int
    package let sampleRate: Double
    private let signals: [[Double]]
    private var position = 0

    /// Signals.
    ///
    /// - Parameters:
    ///   - references: `[source][channel][sample]`, all of one length.
    ///   - estimates: the same of the estimates.
    package init(references: [[[Double]]], estimates: [[[Double]]], sampleRate: Double) {
        precondition(references.count == estimates.count && !references.isEmpty)
        sources = references.count
        channels = references[0].count
        length = references[0][0].count
        self.sampleRate = sampleRate
        signals = references.flatMap { $0 } + estimates.flatMap { $0 }
        precondition(signals.count == 2 * sources * channels)
        precondition(signals.allSatisfy { [length] in $0.count == length })
    }

    package func rewind() { position = 0 }

    package func read(_ count: Int) -> [[Double]] {
        let range = position..<min(length, position + count)
        position = range.upperBound
        return signals.map { Array($0[range]) }
    }
}
