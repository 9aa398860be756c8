package import Storage

/// Writes one sound file that appears under its name only when it is whole.
///
/// Not for use by two tasks at once.
package final class AudioWriter {
    /// The name that the file will have.
    package var path: FilePath { pending.path }
    /// The kind of file.
    package let format: FileFormat
    /// How samples are stored; nil for lossy formats.
    package let samples: SampleFormat?
    /// Channels.
    package let channels: Int
    /// The rate of the samples that are given, in Hz.
    package let sampleRate: Int
    /// The rate of the file, in Hz.
    package var fileRate: Int { format.rate(for: sampleRate) }
    /// Samples a channel that were given so far.
    package private(set) var length = 0
    /// The SHA-256 of the whole file, once it is finished.
    package private(set) var digest = SHA256Digest(of: [])

    let pending: PendingFile
    private let sound: SoundFile
    private let early: EarlySync
    /// Samples that were given since the disk was last asked for.
    private var unsynced = 0
    private let isLarge: Bool
    private var isFinished = false
    private var resampler: Resampler?
    private var resampled: [[Float]] = []
    private var integers: [Int32] = []
    private var floats: [Float] = []

    /// Starts a file under a temporary name; let go without ``publish(overwriting:)`` it is removed.
    ///
    /// - Parameters:
    ///   - path: the final name; its folder exists.
    ///   - samples: one of the format's sample formats, nil if it is lossy.
    ///   - expectedLength: samples a channel, where known: a WAV file that may pass 4 GiB is begun
    ///     as RF64.
    ///   - metadata: what the file says about itself, as far as its format can.
    /// - Throws: ``AudioFileError``, with `impossibleFormat` or `tooLong` for what the file format
    ///   cannot hold.
    package init(
        _ path: FilePath, format: FileFormat, samples: SampleFormat?, sampleRate: Int,
        channels: Int, expectedLength: Int? = nil, metadata: Metadata = Metadata()
    ) throws(AudioFileError) {
        guard 1...format.channelLimit ~= channels,
            AudioReader.rateRange ~= sampleRate,
            samples.map(format.holds) ?? !format.isLossless
        else {
            throw AudioFileError(.impossibleFormat, path)
        }
        self.format = format
        self.samples = samples
        self.sampleRate = sampleRate
        self.channels = channels
        if format == .aiff, let expectedLength,
            AudioWriter.mayBeLarge(samples, channels, expectedLength)
        {
            throw AudioFileError(.tooLong, path)
        }
        isLarge = format == .wav && AudioWriter.mayBeLarge(samples, channels, expectedLength)
        do throws(StorageError) {
            pending = try PendingFile(for: path)
        } catch {
            throw .writing(error, path)
        }
        early = EarlySync(pending.file)
        let rate = format.rate(for: sampleRate)
        let leading =
            format == .mp3 && !metadata.tags.isEmpty ? ID3Tag.bytes(of: metadata.tags) : []
        do throws(StorageError) {
            try pending.file.write(leading, at: 0)
        } catch {
            throw .writing(error, path)
        }
        sound = try SoundFile.writing(
            pending.file, base: leading.count,
            .init(
                samples: 0, rate: rate, channels: channels,
                format: format.soundFileNumber(samples, channels: channels, isLarge: isLarge),
                isSeekable: true))
        sound.prepareForWriting(format, isLarge: isLarge)
        describe(metadata)
        if rate != sampleRate {
            resampler = Resampler(from: sampleRate, to: rate, channels: channels)
        }
    }

    /// Writes integers at full scale 2^31, of which as many bits are kept as the file has.
    ///
    /// - Parameter block: `[channel][sample]`.
    /// - Precondition: the sample format is one of integers.
    package func write(integers block: [[Int32]]) throws(AudioFileError) {
        precondition(samples?.integerBits != nil && block.count == channels)
        let count = block[0].count
        if count == 0 { return }
        try reserve(count)
        integers.interleave(block, filler: 0)
        try renamed { () throws(AudioFileError) in try sound.write(integers, count: count) }
        sync(after: count)
    }

    /// Writes floats.
    ///
    /// - Parameter block: `[channel][sample]`.
    /// - Precondition: the sample format is not one of integers.
    package func write(floats block: [[Float]]) throws(AudioFileError) {
        precondition(samples?.integerBits == nil && block.count == channels)
        let count = block[0].count
        if count == 0 { return }
        guard let resampler else {
            try reserve(count)
            return try put(block)
        }
        length += count
        resampled.clear(channels)
        resampler.process(block, into: &resampled)
        try put(resampled)
    }

    /// Ends the sound: the header gets its lengths and the bytes reach the disk.
    package func finish() throws(AudioFileError) {
        if isFinished { return }
        isFinished = true
        if let resampler {
            resampled.clear(channels)
            resampler.finish(into: &resampled)
            try put(resampled)
            self.resampler = nil
        }
        try renamed { () throws(AudioFileError) in try sound.close() }
        do throws(StorageError) {
            if format == .aiff, let samples {
                try HeaderCorrection.correctAIFF(
                    pending.file, length: length, stride: channels * samples.byteCount)
            }
            if format == .ogg || format == .opus { try OggSerial.settle(pending.file) }
            if isLarge { try HeaderCorrection.correctRF64(pending.file) }
            // The bytes were written just now, so they are still in memory: they are read for their
            // digest while the disk takes them.
            early.begin()
            digest = try SHA256Digest(of: pending.file)
            try early.wait()
            try pending.seal()
        } catch {
            throw .writing(error, path)
        }
    }

    /// Ends the sound and gives the file its name.
    ///
    /// - Parameter overwriting: whether a file of that name is replaced; otherwise it is an error.
    package func publish(overwriting: Bool = false) throws(AudioFileError) {
        try finish()
        do throws(StorageError) {
            try pending.publish(overwriting: overwriting)
        } catch {
            throw .writing(error, path)
        }
    }

    /// Removes what was written, unless it is published.
    package func cancel() {
        // Nothing of the file is kept, so what the disk has to say no longer matters.
        try? early.wait()
        pending.discard()
    }

    deinit { try? early.wait() }

    /// Puts the metadata into the header, where its format has a place for it.
    private func describe(_ metadata: Metadata) {
        switch format {
        case .wav:
            if let broadcast = metadata.broadcast, let samples {
                let line = BroadcastExtension.line(
                    sampleRate: fileRate, samples: samples, channels: channels,
                    part: metadata.part)
                sound.addChunk("bext", broadcast.chunk(adding: line))
            }
            for chunk in MetadataDraft.chunks(riff: metadata) {
                sound.addChunk(chunk.name, chunk.content)
            }
        case .aiff:
            for chunk in MetadataDraft.chunks(aiff: metadata) {
                sound.addChunk(chunk.name, chunk.content)
            }
        case .flac, .ogg, .opus:
            for field in TagField.allCases {
                guard let text = metadata.tags[field] else { continue }
                sound.setText(field.soundFileNumber, text)
            }
        case .mp3:
            // In front of the sound: the library would take the bytes of UTF-8 for letters.
            break
        }
    }

    private func put(_ block: [[Float]]) throws(AudioFileError) {
        let count = block[0].count
        if count == 0 { return }
        floats.interleave(block, filler: 0)
        try renamed { () throws(AudioFileError) in try sound.write(floats, count: count) }
        sync(after: count)
    }

    private func sync(after count: Int) {
        unsynced += count
        guard unsynced >= AudioWriter.syncInterval else { return }
        unsynced = 0
        early.begin()
    }

    /// Samples from one request to the disk to the next: some seconds of sound, a few megabytes.
    private static let syncInterval = 1 << 20

    /// Errors of the temporary file name the final one.
    private func renamed(_ body: () throws(AudioFileError) -> Void) throws(AudioFileError) {
        do {
            try body()
        } catch {
            throw AudioFileError(error.code, path, reason: error.reason)
        }
    }

    /// Counts samples and refuses those that would not fit into the sizes of the header.
    private func reserve(_ count: Int) throws(AudioFileError) {
        length += count
        guard let samples, !isLarge, format != .flac else { return }
        let bytes = length.multipliedReportingOverflow(by: channels * samples.byteCount)
        if bytes.overflow || bytes.partialValue > AudioWriter.smallLimit {
            throw AudioFileError(.tooLong, path)
        }
    }

    /// The most bytes of sound in WAV and AIFF: 4 GiB, less a mebibyte for all other chunks.
    private static let smallLimit = 0xFFF0_0000

    private static func mayBeLarge(_ samples: SampleFormat?, _ channels: Int, _ length: Int?)
        -> Bool
    {
        guard let length, let samples else { return true }
        let bytes = length.multipliedReportingOverflow(by: channels * samples.byteCount)
        return bytes.overflow || bytes.partialValue > smallLimit
    }
}

extension [[Float]] {
    /// Makes all channels empty; their storage is kept.
    mutating func clear(_ channels: Int) {
        if count != channels { self = Array(repeating: [], count: channels) }
        for channel in indices { self[channel].removeAll(keepingCapacity: true) }
    }
}

extension Array {
    /// Takes the values of `block[channel][sample]` one sample of all channels after the other.
    fileprivate mutating func interleave(_ block: [[Element]], filler: Element) {
        let count = block[0].count
        let size = count * block.count
        if self.count < size { self = Array(repeating: filler, count: size) }
        for (channel, values) in block.enumerated() {
            precondition(values.count == count, "the channels of a block have one length")
            let source = values.span
            var destination = mutableSpan
            var index = channel
            for sample in 0..<count {
                // `count * block.count` places are there, and the last index is one of them.
                unsafe destination[unchecked: index] = source[unchecked: sample]
                index += block.count
            }
        }
    }
}
