/// Finds the cues of one source in its samples, as they come.
package struct CueAnalyzer: ~Copyable {
    private let name: String
    private let file: String
    private let sampleRate: Int
    private var history: SampleHistory
    /// What the source is a stem of.
    private var mixture: SampleHistory?
    private var frames: FrameTrackBuilder
    private var detector: OnsetDetector
    private var activity: ActivityDetector

    /// An analyzer at the beginning of a source.
    ///
    /// - Parameters:
    ///   - name: `mix`, or the stem's name.
    ///   - file: the file's name.
    ///   - sampleRate: samples a second, in Hz.
    ///   - frameRate: frames of the track a second, greater than 0.
    ///   - mixtureChannels: channels of the mixture that the source is a stem of; nil if it is heard
    ///     by itself.
    ///   - isDrums: whether onsets are told apart by drum.
    package init(
        name: String, file: String, sampleRate: Int, channels: Int, mixtureChannels: Int? = nil,
        frameRate: Double, isDrums: Bool
    ) {
        precondition(sampleRate > 0 && channels > 0 && frameRate > 0)
        self.name = name
        self.file = file
        self.sampleRate = sampleRate
        frames = FrameTrackBuilder(rate: frameRate, sampleRate: sampleRate)
        detector = OnsetDetector(sampleRate: sampleRate, channels: channels, isDrums: isDrums)
        activity = ActivityDetector(sampleRate: sampleRate)
        let zeros = max(
            FrameTrackBuilder.windowLength(sampleRate), OnsetDetector.windowLength(sampleRate))
        history = SampleHistory(channels: channels, zeros: 3 * zeros)
        mixture = mixtureChannels.map { SampleHistory(channels: $0, zeros: 3 * zeros) }
    }

    /// Takes the next samples, `[channel][sample]`, all channels equally many.
    ///
    /// - Parameter beside: as many samples of the mixture, where there is one.
    package mutating func push(_ block: [[Float]], beside: [[Float]]? = nil) {
        precondition(block.count == history.samples.count)
        precondition(beside?.count == mixture?.samples.count)
        if block[0].isEmpty { return }
        if let beside {
            precondition(beside[0].count == block[0].count)
            mixture?.push(CueAnalyzer.limited(beside))
        }
        let block = CueAnalyzer.limited(block)
        activity.push(block)
        history.push(block)
        frames.take(history)
        detector.take(history, beside: mixture)
        let needed = min(frames.needed, detector.needed)
        history.forget(before: needed)
        mixture?.forget(before: needed)
    }

    /// Ends the source.
    package consuming func finish() -> SourceCues {
        let length = history.length
        let padding = detector.padding + FrameTrackBuilder.windowLength(sampleRate)
        history.pad(padding)
        mixture?.pad(padding)
        frames.take(history, length: length)
        detector.take(history, beside: mixture, isEnded: true)
        let function = detector.function
        let onsets = OnsetPicker.onsets(
            detector.candidates, evidence: detector.evidence, of: function,
            isInMixture: mixture != nil)
        let channels = history.samples.count
        return SourceCues(
            name: name, file: file, sampleRate: sampleRate, channels: channels, length: length,
            frames: frames.finished(with: function), onsets: onsets,
            levels: activity.finish(), function: function)
    }

    /// Samples whose squares and sums stay within the range of floats.
    private static func limited(_ block: [[Float]]) -> [[Float]] {
        let limit: Float = 1e6
        let isWithin = block.allSatisfy { channel in
            var most: Float = 0
            for sample in channel { most = max(most, abs(sample)) }
            return most <= limit
        }
        if isWithin { return block }
        return block.map { $0.map { $0.isNaN ? 0 : max(-limit, min(limit, $0)) } }
    }
}
