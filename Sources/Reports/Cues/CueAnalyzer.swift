/// Finds the cues of one source in its samples, as they come.
package struct CueAnalyzer: ~Copyable {
    private let name: String
    private let file: String
    private let sampleRate: Int
    private var history: SampleHistory
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
    ///   - isDrums: whether onsets are told apart by drum.
    package init(
        name: String, file: String, sampleRate: Int, channels: Int, frameRate: Double,
        isDrums: Bool
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
    }

    /// Takes the next samples, `[channel][sample]`, all channels equally many.
    package mutating func push(_ block: [[Float]]) {
        precondition(block.count == history.samples.count)
        if block[0].isEmpty { return }
        let block = CueAnalyzer.limited(block)
        activity.push(block)
        history.push(block)
        frames.take(history)
        detector.take(history)
        history.forget(before: min(frames.needed, detector.needed))
    }

    /// Ends the source.
    package consuming func finish() -> SourceCues {
        let length = history.length
        history.pad(detector.padding + FrameTrackBuilder.windowLength(sampleRate))
        frames.take(history, length: length)
        detector.take(history, isEnded: true)
        let function = detector.function
        let onsets = OnsetPicker.onsets(detector.candidates, of: function)
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
