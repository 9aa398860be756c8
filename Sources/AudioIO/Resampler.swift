private import CSoXR

/// Changes the sample rate of a stream by libsoxr at very high quality.
///
/// Output sample n lies at the time of input sample `n * inputRate / outputRate`; N input samples
/// give exactly ``length(of:)`` output samples, and the same bits for any size of blocks.
@safe package final class Resampler {
    /// The rate of what comes in, in Hz.
    package let inputRate: Int
    /// The rate of what goes out, in Hz.
    package let outputRate: Int
    /// Channels.
    package let channels: Int

    private let handle: soxr_t?
    private var taken = 0
    private var given = 0
    /// Room for `step` samples of each channel, and where each channel's part of it begins.
    private let input: UnsafeMutablePointer<Float>
    private let output: UnsafeMutablePointer<Float>
    private let inputs: UnsafeMutablePointer<UnsafeRawPointer?>
    private let outputs: UnsafeMutablePointer<UnsafeMutableRawPointer?>

    private static let step = 4096

    /// A resampler at the start of a stream.
    ///
    /// - Precondition: rates and channels are positive.
    package init(from inputRate: Int, to outputRate: Int, channels: Int) {
        precondition(inputRate > 0 && outputRate > 0 && channels > 0)
        self.inputRate = inputRate
        self.outputRate = outputRate
        self.channels = channels
        let step = Resampler.step
        unsafe input = .allocate(capacity: step * channels)
        unsafe output = .allocate(capacity: step * channels)
        unsafe inputs = .allocate(capacity: channels)
        unsafe outputs = .allocate(capacity: channels)
        unsafe input.initialize(repeating: 0, count: step * channels)
        unsafe output.initialize(repeating: 0, count: step * channels)
        for channel in 0..<channels {
            unsafe (inputs + channel).initialize(to: UnsafeRawPointer(input + channel * step))
            unsafe (outputs + channel).initialize(
                to: UnsafeMutableRawPointer(output + channel * step))
        }
        if inputRate == outputRate {
            unsafe handle = nil
            return
        }
        var layout = unsafe soxr_io_spec(SOXR_FLOAT32_S, SOXR_FLOAT32_S)
        // The other filters sag by 0.01 dB before their edge, an error of -60 dB.
        var quality = unsafe soxr_quality_spec(UInt(SOXR_VHQ), UInt(SOXR_ROLLOFF_NONE))
        var runtime = unsafe soxr_runtime_spec(1)
        unsafe handle = unsafe soxr_create(
            Double(inputRate), Double(outputRate), UInt32(channels), nil, &layout, &quality,
            &runtime)
        precondition(unsafe handle != nil, "libsoxr takes all rates that a file can have")
    }

    deinit {
        unsafe soxr_delete(handle)
        unsafe inputs.deallocate()
        unsafe outputs.deallocate()
        unsafe input.deallocate()
        unsafe output.deallocate()
    }

    /// Output samples for a number of input samples: the nearest whole number, halves up.
    package func length(of inputLength: Int) -> Int {
        Resampler.length(of: inputLength, from: inputRate, to: outputRate)
    }

    /// Output samples for a number of input samples: the nearest whole number, halves up.
    package static func length(of inputLength: Int, from inputRate: Int, to outputRate: Int) -> Int
    {
        // Whole seconds apart, so that no product leaves the range.
        let (seconds, rest) = inputLength.quotientAndRemainder(dividingBy: inputRate)
        return seconds * outputRate + (2 * rest * outputRate + inputRate) / (2 * inputRate)
    }

    /// Takes input samples and appends what output there is.
    ///
    /// - Parameters:
    ///   - block: `[channel][sample]`, all channels of one length.
    ///   - output: `[channel][sample]`.
    package func process(_ block: [[Float]], into output: inout [[Float]]) {
        precondition(block.count == channels && output.count == channels)
        let count = block[0].count
        precondition(block.allSatisfy { $0.count == count })
        taken += count
        guard unsafe handle != nil else {
            for channel in 0..<channels { output[channel] += block[channel] }
            given += count
            return
        }
        var start = 0
        while start < count {
            let size = min(Resampler.step, count - start)
            for channel in 0..<channels {
                for sample in 0..<size {
                    unsafe input[channel * Resampler.step + sample] = block[channel][start + sample]
                }
            }
            start += size
            run(size, into: &output)
        }
    }

    /// Appends the rest of the output; the stream is over then.
    ///
    /// - Parameters:
    ///   - output: `[channel][sample]`.
    ///   - length: how many samples the whole output has, not less than were given already;
    ///     ``length(of:)`` the input if nil.
    package func finish(into output: inout [[Float]], length: Int? = nil) {
        precondition(output.count == channels)
        let total = length ?? self.length(of: taken)
        if unsafe handle != nil {
            while given < total {
                var done = 0
                let wanted = min(Resampler.step, total - given)
                _ = unsafe soxr_process(handle, nil, 0, nil, outputs, wanted, &done)
                if done == 0 { break }
                append(done, to: &output)
            }
        }
        let missing = total - given
        if missing > 0 {
            for channel in 0..<channels {
                output[channel].append(contentsOf: repeatElement(0, count: missing))
            }
            given = total
        }
    }

    /// Sends `count` samples of ``input`` through the filter and appends what comes out.
    private func run(_ count: Int, into result: inout [[Float]]) {
        var used = 0
        while true {
            for channel in 0..<channels {
                unsafe inputs[channel] = UnsafeRawPointer(input + channel * Resampler.step + used)
            }
            var consumed = 0
            var done = 0
            let failure = unsafe soxr_process(
                handle, inputs, count - used, &consumed, outputs, Resampler.step, &done)
            precondition(unsafe failure == nil, "libsoxr fails only for wrong calls")
            used += consumed
            append(done, to: &result)
            if used == count && done < Resampler.step { return }
        }
    }

    private func append(_ count: Int, to result: inout [[Float]]) {
        for channel in 0..<channels {
            unsafe result[channel].append(
                contentsOf: UnsafeBufferPointer(
                    start: output + channel * Resampler.step, count: count))
        }
        given += count
    }
}
