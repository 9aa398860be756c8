import AudioIO
import Models
import Separation

/// A mixture at its own rate in, its stems at the same rate out, sample under sample.
///
/// The nets have a rate of their own: the mixture goes to it and the stems come back from it. The
/// mixture's own samples wait here until the stems that belong to them are ready.
struct StemStream {
    /// Some samples of the mixture and of its stems, aligned.
    struct Ready {
        /// The mixture as it was read.
        let mixture: SampleBlock
        /// The stems, `[stem][channel][sample]`.
        let stems: [[[Float]]]
    }

    /// Samples a channel that were given out.
    private(set) var delivered = 0

    private let separator: TrackSeparator
    private let toModel: Resampler?
    private let fromModel: [Resampler]
    private let isInteger: Bool
    private var length = 0
    private var waitingIntegers: [[Int32]]
    private var waitingFloats: [[Float]]
    private var modelBlock: [[Float]]
    private var separated: StemBlock
    private var ready: [[[Float]]]
    private var resampling = 0.0

    init(
        source: SourceFormat, modelRate: Int, estimator: any SegmentEstimating, stems: [Int]
    ) {
        let channels = source.channels
        separator = TrackSeparator(estimator: estimator, channels: channels, stems: stems)
        if source.sampleRate == modelRate {
            toModel = nil
            fromModel = []
        } else {
            toModel = Resampler(from: source.sampleRate, to: modelRate, channels: channels)
            fromModel = stems.map { _ in
                Resampler(from: modelRate, to: source.sampleRate, channels: channels)
            }
        }
        if case .integer = source.kind { isInteger = true } else { isInteger = false }
        waitingIntegers = Array(repeating: [], count: channels)
        waitingFloats = Array(repeating: [], count: channels)
        modelBlock = Array(repeating: [], count: channels)
        separated = StemBlock(stems: stems.count, channels: channels)
        ready = Array(repeating: Array(repeating: [], count: channels), count: stems.count)
    }

    /// Seconds spent in each stage so far.
    var times: TrackTimes {
        var times = TrackTimes()
        times.resample = resampling
        times.stft = separator.times.stft
        times.net = separator.times.net
        times.inverse = separator.times.inverse
        return times
    }

    /// Takes the next samples of the mixture.
    mutating func push(_ block: SampleBlock) throws {
        length += block.count
        for channel in 0..<block.channels {
            if let integers = block.integers {
                waitingIntegers[channel] += integers[channel]
            } else {
                waitingFloats[channel] += block.floats[channel]
            }
        }
        // With no stem to estimate there is nothing to do but to hand the mixture on.
        if ready.isEmpty { return }
        guard let toModel else {
            try separator.push(block.floats, appendingTo: &separated)
            collect()
            return
        }
        measureResampling { stream in
            stream.clearModelBlock()
            toModel.process(block.floats, into: &stream.modelBlock)
        }
        try separator.push(modelBlock, appendingTo: &separated)
        collect()
    }

    /// Ends the mixture; all stems are ready then.
    mutating func finish() throws {
        if ready.isEmpty { return }
        if let toModel {
            measureResampling { stream in
                stream.clearModelBlock()
                toModel.finish(into: &stream.modelBlock)
            }
            try separator.push(modelBlock, appendingTo: &separated)
        }
        try separator.finish(appendingTo: &separated)
        collect()
        measureResampling { stream in
            for (stem, resampler) in stream.fromModel.enumerated() {
                resampler.finish(into: &stream.ready[stem], length: stream.length)
            }
        }
    }

    /// Gives out what is ready of all stems, with the mixture's samples that belong to it.
    mutating func take() -> Ready? {
        let waiting = isInteger ? waitingIntegers[0].count : waitingFloats[0].count
        let count = min(waiting, ready.first?[0].count ?? waiting)
        guard count > 0 else { return nil }
        delivered += count
        let mixture =
            isInteger
            ? SampleBlock(integers: waitingIntegers.takeFirst(count))
            : SampleBlock(floats: waitingFloats.takeFirst(count))
        var stems: [[[Float]]] = []
        if ready.first?[0].count == count {
            // The usual case: whole arrays change hands.
            let none = [[Float]](repeating: [], count: mixture.channels)
            stems = Array(repeating: none, count: ready.count)
            swap(&stems, &ready)
        } else {
            for stem in ready.indices { stems.append(ready[stem].takeFirst(count)) }
        }
        return Ready(mixture: mixture, stems: stems)
    }

    private mutating func collect() {
        if fromModel.isEmpty, ready.allSatisfy({ $0.allSatisfy(\.isEmpty) }) {
            swap(&ready, &separated.samples)
        } else if fromModel.isEmpty {
            for stem in ready.indices {
                for channel in ready[stem].indices {
                    ready[stem][channel] += separated.samples[stem][channel]
                }
            }
        } else {
            measureResampling { stream in
                for (stem, resampler) in stream.fromModel.enumerated() {
                    resampler.process(stream.separated.samples[stem], into: &stream.ready[stem])
                }
            }
        }
        separated.removeAll()
    }

    private mutating func clearModelBlock() {
        for channel in modelBlock.indices { modelBlock[channel].removeAll(keepingCapacity: true) }
    }

    private mutating func measureResampling(_ body: (inout StemStream) -> Void) {
        let start = ContinuousClock.now
        body(&self)
        resampling += (ContinuousClock.now - start) / .seconds(1)
    }
}

extension [[Float]] {
    /// Removes and returns the first samples of every channel.
    fileprivate mutating func takeFirst(_ count: Int) -> [[Float]] {
        let taken = map { Array<Float>($0.prefix(count)) }
        for channel in indices { self[channel].removeFirst(count) }
        return taken
    }
}

extension [[Int32]] {
    /// Removes and returns the first samples of every channel.
    fileprivate mutating func takeFirst(_ count: Int) -> [[Int32]] {
        let taken = map { Array<Int32>($0.prefix(count)) }
        for channel in indices { self[channel].removeFirst(count) }
        return taken
    }
}
