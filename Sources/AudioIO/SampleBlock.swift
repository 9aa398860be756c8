/// Some samples of every channel, in storage that is used again for the next ones.
///
/// Layout: `[channel][sample]`. Where the source has integers, they are here at the upper end of 32
/// bits (a 16-bit sample times 2^16), so that no depth loses anything.
package struct SampleBlock: Sendable {
    /// The samples at full scale ±1, always here.
    package private(set) var floats: [[Float]]
    /// The samples as integers at full scale 2^31, for integer sources.
    package private(set) var integers: [[Int32]]?
    /// Samples in each channel.
    package private(set) var count = 0

    /// Channels.
    package var channels: Int { floats.count }

    /// An empty block.
    package init(channels: Int, integers: Bool) {
        floats = Array(repeating: [], count: channels)
        self.integers = integers ? Array(repeating: [], count: channels) : nil
    }

    /// A block of these samples.
    ///
    /// - Precondition: all channels have the same length.
    package init(floats: [[Float]]) {
        self.floats = floats
        integers = nil
        count = floats.first?.count ?? 0
        precondition(floats.allSatisfy { $0.count == count })
    }

    /// A block of these integers, at full scale 2^31.
    ///
    /// - Precondition: all channels have the same length.
    package init(integers: [[Int32]]) {
        self.init(channels: integers.count, integers: true)
        let length = integers.first?.count ?? 0
        precondition(integers.allSatisfy { $0.count == length })
        self.integers = integers
        floats = integers.map { $0.map { Float($0) * 0x1p-31 } }
        count = length
    }

    /// The samples in a range of places.
    package func part(_ range: Range<Int>) -> SampleBlock {
        var part = self
        part.floats = floats.map { Array($0[range]) }
        part.integers = integers?.map { Array($0[range]) }
        part.count = range.count
        return part
    }

    /// Gives every channel a number of samples, for the caller to overwrite.
    private mutating func resize(_ length: Int, integers wanted: Bool) {
        for channel in floats.indices { floats[channel].fit(length, filler: 0) }
        if wanted {
            var kept = integers ?? Array(repeating: [], count: channels)
            integers = nil
            for channel in kept.indices { kept[channel].fit(length, filler: 0) }
            integers = kept
        } else {
            integers = nil
        }
        count = length
    }
}

extension SampleBlock {
    /// Takes interleaved integers.
    mutating func take(interleaved: [Int32], count length: Int) {
        resize(length, integers: true)
        let channels = channels
        precondition(length * channels <= interleaved.count)
        let source = interleaved.span
        for channel in 0..<channels {
            var index = channel
            var floats = floats[channel].mutableSpan
            for sample in 0..<length {
                unsafe floats[unchecked: sample] = Float(source[unchecked: index]) * 0x1p-31
                index += channels
            }
        }
        for channel in 0..<channels {
            integers?[channel].take(interleaved, from: channel, every: channels, count: length)
        }
    }

    /// Takes interleaved floats; tells whether all of them are finite.
    mutating func take(interleaved: [Float], count length: Int) -> Bool {
        resize(length, integers: false)
        let channels = channels
        let source = interleaved.span
        var finite = true
        for channel in 0..<channels {
            var index = channel
            var floats = floats[channel].mutableSpan
            for sample in 0..<length {
                let value = source[index]
                finite = finite && value.isFinite
                floats[sample] = value
                index += channels
            }
        }
        return finite
    }

    /// Puts 0 for every sample that is not finite.
    ///
    /// - Returns: how many there were, and the earliest of them.
    mutating func clearNotFinite() -> (count: Int, channel: Int, sample: Int) {
        var found = 0
        var first = (channel: 0, sample: Int.max)
        for channel in floats.indices {
            for sample in 0..<count where !floats[channel][sample].isFinite {
                floats[channel][sample] = 0
                found += 1
                if sample < first.sample { first = (channel, sample) }
            }
        }
        return (found, first.channel, first.sample)
    }
}

extension Array {
    /// Makes the array so long; its storage is kept.
    fileprivate mutating func fit(_ length: Int, filler: Element) {
        if count > length {
            removeLast(count - length)
        } else if count < length {
            append(contentsOf: repeatElement(filler, count: length - count))
        }
    }
}

extension [Int32] {
    fileprivate mutating func take(
        _ interleaved: [Int32], from start: Int, every stride: Int, count length: Int
    ) {
        let source = interleaved.span
        var destination = mutableSpan
        var index = start
        precondition(length <= destination.count && length * stride <= source.count)
        for sample in 0..<length {
            unsafe destination[unchecked: sample] = source[unchecked: index]
            index += stride
        }
    }
}
