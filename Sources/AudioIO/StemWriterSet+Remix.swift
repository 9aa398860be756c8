package import Signal
package import Storage

/// One file made of a mixture and its stems: the mixture and a multiple of each stem.
///
/// With a gain of g for the remainder and g_s for each named stem s, a remix is
/// g·mixture + Σ (g_s - g)·s: the remainder is the mixture less the named stems.
package struct RemixTarget: Sendable, Hashable {
    /// The name that stands for it.
    package let stem: Stem
    /// The file it goes to.
    package let path: FilePath
    /// The factor of the mixture, g.
    package let mixtureGain: Double
    /// The factors of the named stems, g_s - g, in their order.
    package let stemGains: [Double]

    /// A remix of these factors.
    package init(_ stem: Stem, path: FilePath, mixtureGain: Double, stemGains: [Double]) {
        self.stem = stem
        self.path = path
        self.mixtureGain = mixtureGain
        self.stemGains = stemGains
    }
}

/// Forms a remix, block after block.
///
/// What the gains change is summed in `Double` and rounded once; the mixture's integers are added to
/// that. So a remix without one stem is the mixture less that stem's integers, and gains of 1 leave
/// the mixture as it is.
struct RemixTrack {
    let track: StemTrack
    let target: RemixTarget
    private var change: [Double] = []
    private var values: [[Double]]
    private var floats: [[Float]]

    init(_ target: RemixTarget, _ track: StemTrack, channels: Int) {
        self.target = target
        self.track = track
        values = Array(repeating: [], count: channels)
        floats = Array(repeating: [], count: channels)
    }

    /// Writes the next samples as integers of a depth.
    ///
    /// - Parameter mixture: the integers of the mixture, `[channel][sample]`, as many as the block
    ///   has and maybe more.
    mutating func write(
        _ block: SampleBlock, _ stems: [[[Float]]], mixture: [[Double]], _ quantizer: Quantizer
    ) throws(AudioFileError) {
        for channel in values.indices {
            formChange(block, stems, channel)
            values[channel].take(
                whole: mixture[channel], part: change, scale: quantizer.scale, count: block.count)
        }
        try track.write(values, count: block.count, quantizer: quantizer)
    }

    /// Writes the next samples as floats.
    mutating func write(floats block: SampleBlock, _ stems: [[[Float]]]) throws(AudioFileError) {
        // Adding a zero would take the sign from a negative one.
        let isMixture = target.mixtureGain == 1 && target.stemGains.allSatisfy { $0 == 0 }
        for channel in floats.indices {
            if isMixture {
                floats[channel] = block.floats[channel]
            } else {
                formChange(block, stems, channel)
                floats[channel].take(whole: block.floats[channel], part: change)
            }
        }
        try track.write(floats: floats)
    }

    /// Sums what the gains add to a channel of the mixture, at full scale ±1.
    private mutating func formChange(
        _ block: SampleBlock, _ stems: [[[Float]]], _ channel: Int
    ) {
        let factor = target.mixtureGain - 1
        if change.count != block.count { change = Array(repeating: 0, count: block.count) }
        if let integers = block.integers {
            change.take(integers[channel], times: factor * 0x1p-31)
        } else {
            change.take(block.floats[channel], times: factor)
        }
        for (stem, gain) in zip(stems, target.stemGains) { change.add(stem[channel], times: gain) }
    }
}

extension [Double] {
    fileprivate mutating func take(_ other: [Int32], times factor: Double) {
        let source = other.span
        var target = mutableSpan
        for index in source.indices { target[index] = factor * Double(source[index]) }
    }

    fileprivate mutating func take(_ other: [Float], times factor: Double) {
        let source = other.span
        var target = mutableSpan
        for index in source.indices { target[index] = factor * Double(source[index]) }
    }

    fileprivate mutating func add(_ other: [Float], times factor: Double) {
        let source = other.span
        var target = mutableSpan
        for index in source.indices { target[index] += factor * Double(source[index]) }
    }

    /// Takes integers and, rounded, what is added to them.
    fileprivate mutating func take(
        whole: [Double], part: [Double], scale: Double, count length: Int
    ) {
        if count < length { self = Array(repeating: 0, count: length) }
        let whole = whole.span
        let part = part.span
        var target = mutableSpan
        for index in 0..<length {
            target[index] = whole[index] + Quantizer.round(part[index] * scale)
        }
    }
}

extension [Float] {
    /// Takes samples and what is added to them.
    fileprivate mutating func take(whole: [Float], part: [Double]) {
        if count != whole.count { self = Array(repeating: 0, count: whole.count) }
        let whole = whole.span
        let part = part.span
        var target = mutableSpan
        for index in whole.indices { target[index] = Float(Double(whole[index]) + part[index]) }
    }
}
