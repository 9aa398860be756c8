extension Spectrogram {
    /// Moves all frames towards the beginning by `count`; the first `count` are lost, the last
    /// `count` keep their old values until they are overwritten.
    package mutating func dropFirstFrames(_ count: Int) {
        precondition((0...frames).contains(count))
        let (channels, kept, shift, stride) = (
            channels, (frames - count) * bins, count * bins, frames * bins
        )
        unsafe values.withUnsafeMutableBytes { values in
            let size = MemoryLayout<SIMD2<Float>>.stride
            for channel in 0..<channels {
                let start = channel * stride
                let source = unsafe values[(start + shift) * size..<(start + shift + kept) * size]
                unsafe UnsafeMutableRawBufferPointer(rebasing: values[(start * size)...])
                    .copyMemory(from: UnsafeRawBufferPointer(rebasing: source))
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

    /// The first frames of all channels.
    package func prefix(_ count: Int) -> Spectrogram {
        precondition((0...frames).contains(count))
        var short = Spectrogram(channels: channels, frames: count, bins: bins)
        for channel in 0..<channels {
            let (from, to) = (channel * frames * bins, channel * count * bins)
            for index in 0..<count * bins { short.values[to + index] = values[from + index] }
        }
        return short
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
