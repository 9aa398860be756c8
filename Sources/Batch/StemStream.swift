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
        /// The mixture as it was read, one block after the other.
        let mixture: [SampleBlock]
        /// The stems, `[stem][channel][sample]`, as long as all of the mixture's blocks.
        let stems: [[[Float]]]
    }

    /// Samples a channel that were given out.
    private(set) var delivered = 0

    private let separator: TrackSeparator
    private let toModel: Resampler?
    private let fromModel: [Resampler]
    private var length = 0
    /// The mixture's blocks whose stems are not ready, and the samples in them.
    private var waiting: [SampleBlock] = []
    private var waitingCount = 0
    private var modelBlock: [[Float]]
    /// The stems at the nets' rate, where that is another.
    private var separated: StemBlock
    private var ready: StemBlock
    /// Room for the next stems.
    private var spare: StemBlock
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
        modelBlock = Array(repeating: [], count: channels)
        separated = StemBlock(stems: stems.count, channels: channels)
        ready = separated
        spare = separated
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
        waiting.append(block)
        waitingCount += block.count
        // With no stem to estimate there is nothing to do but to hand the mixture on.
        if ready.samples.isEmpty { return }
        guard let toModel else {
            return try separator.push(block.floats, appendingTo: &ready)
        }
        measureResampling { stream in
            stream.clearModelBlock()
            toModel.process(block.floats, into: &stream.modelBlock)
        }
        try separator.push(modelBlock, appendingTo: &separated)
        resampleSeparated()
    }

    /// Ends the mixture, after which ``separateRest()`` makes the stems that are missing.
    mutating func end() throws {
        if ready.samples.isEmpty { return }
        if let toModel {
            measureResampling { stream in
                stream.clearModelBlock()
                toModel.finish(into: &stream.modelBlock)
            }
            try separator.push(modelBlock, appendingTo: &separated)
        }
        separator.end()
    }

    /// Makes some more of the stems of a mixture that has ended; false when all are ready.
    mutating func separateRest() throws -> Bool {
        if ready.samples.isEmpty { return false }
        if toModel == nil { return try separator.separateRest(appendingTo: &ready) }
        let isMissing = try separator.separateRest(appendingTo: &separated)
        resampleSeparated()
        if isMissing { return true }
        measureResampling { stream in
            for (stem, resampler) in stream.fromModel.enumerated() {
                resampler.finish(into: &stream.ready.samples[stem], length: stream.length)
            }
        }
        return false
    }

    /// Gives out what is ready of all stems, with the mixture's samples that belong to it.
    mutating func take() -> Ready? {
        let isBare = ready.samples.isEmpty
        let count = isBare ? waitingCount : min(waitingCount, ready.length)
        guard count > 0 else { return nil }
        delivered += count
        let mixture = takeMixture(count)
        if isBare { return Ready(mixture: mixture, stems: []) }
        guard ready.length == count else {
            return Ready(mixture: mixture, stems: ready.takeFirst(count).samples)
        }
        // The usual case: whole arrays change hands.
        swap(&ready, &spare)
        ready.removeAll()
        let stems = spare.samples
        spare = StemBlock(stems: stems.count, channels: stems[0].count)
        return Ready(mixture: mixture, stems: stems)
    }

    /// Takes back the room of stems that were given out.
    mutating func reuse(_ stems: [[[Float]]]) {
        // Cleared only when it is used: by then nobody else holds these arrays.
        if stems.count == ready.samples.count, !stems.isEmpty { spare.samples = stems }
    }

    private mutating func takeMixture(_ count: Int) -> [SampleBlock] {
        var (whole, rest) = (0, count)
        while whole < waiting.count, waiting[whole].count <= rest {
            rest -= waiting[whole].count
            whole += 1
        }
        var taken = Array(waiting[..<whole])
        waiting.removeFirst(whole)
        if rest > 0 {
            taken.append(waiting[0].part(0..<rest))
            waiting[0] = waiting[0].part(rest..<waiting[0].count)
        }
        waitingCount -= count
        return taken
    }

    private mutating func resampleSeparated() {
        measureResampling { stream in
            for (stem, resampler) in stream.fromModel.enumerated() {
                resampler.process(
                    stream.separated.samples[stem], into: &stream.ready.samples[stem])
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

extension StemBlock {
    /// Removes and returns the first samples of every channel.
    fileprivate mutating func takeFirst(_ count: Int) -> StemBlock {
        var taken = self
        for stem in samples.indices {
            for channel in samples[stem].indices {
                taken.samples[stem][channel] = Array(samples[stem][channel].prefix(count))
                samples[stem][channel].removeFirst(count)
            }
        }
        return taken
    }
}
