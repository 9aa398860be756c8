extension Spectrogram {
    /// Replaces the frames of all channels from `start` on by those in `range` of another spectrogram.
    ///
    /// - Precondition: both have the same channels and bins.
    package mutating func replaceFrames(
        from start: Int, by range: Range<Int>, of other: Spectrogram
    ) {
        precondition(channels == other.channels && bins == other.bins && range.lowerBound >= 0)
        precondition(range.upperBound <= other.frames && start >= 0)
        precondition(start + range.count <= frames)
        let (count, target, source) = (range.count * bins, frames * bins, other.frames * bins)
        let (to, from) = (start * bins, range.lowerBound * bins)
        unsafe values.withUnsafeMutableBufferPointer { values in
            unsafe other.values.withUnsafeBufferPointer { others in
                for channel in 0..<channels {
                    let taken = (channel * source + from)..<(channel * source + from + count)
                    let place = (channel * target + to)..<(channel * target + to + count)
                    _ = unsafe values[place].update(fromContentsOf: others[taken])
                }
            }
        }
    }

    /// Sets the frames in `range` of all channels to zero.
    package mutating func clear(frames range: Range<Int>) {
        for channel in 0..<channels {
            let first = self.range(channel: channel, frame: range.lowerBound).lowerBound
            let count = range.count * bins
            var values = values.mutableSpan
            precondition(first + count <= values.count)
            for index in first..<first + count { unsafe values[unchecked: index] = .zero }
        }
    }

    /// Copies one frame of one channel to another channel.
    package mutating func copy(frame: Int, from source: Int, to target: Int) {
        let (from, to) = (
            range(channel: source, frame: frame).lowerBound,
            range(channel: target, frame: frame).lowerBound
        )
        let bins = bins
        var values = values.mutableSpan
        for bin in 0..<bins { values[to + bin] = values[from + bin] }
    }
}
