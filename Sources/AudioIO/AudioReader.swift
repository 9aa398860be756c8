package import Storage

/// Reads a sound file, or a stretch of it, in blocks.
///
/// Not for use by two tasks at once.
package final class AudioReader {
    /// The most channels that are read.
    package static let channelLimit = 8
    /// The sample rates that are read, in Hz.
    package static let rateRange = 1_000...768_000

    /// The file.
    package let path: FilePath
    /// The facts about the whole file.
    package let format: SourceFormat
    /// Samples a channel that will be read, where that is known before the end.
    package private(set) var length: Int?
    /// Samples a channel that were read so far.
    package private(set) var position = 0
    /// What the user should know; complete after the last block.
    package private(set) var notes: [SourceNote] = []
    /// What the file says about itself, as it holds for the stretch that is read.
    package let metadata: Metadata

    private let source: any SampleSource
    private let salvages: Bool
    /// The place of the wanted stretch in the file, in samples.
    private let start: Int
    private let end: Int?
    private var isAtEnd = false
    private var integers: [Int32] = []
    private var floats: [Float] = []
    private var replaced: (count: Int, channel: Int, sample: Int)?

    /// Opens a file.
    ///
    /// - Parameters:
    ///   - start: where to begin, in seconds, not negative.
    ///   - duration: how much to read, in seconds; everything if nil.
    ///   - salvage: whether what can be read of a damaged file is read: a truncated file up to its
    ///     end, samples that are not finite as 0. The damage is then in ``notes``.
    ///   - decoder: the program, found on the PATH, for what libsndfile cannot read.
    /// - Throws: ``AudioFileError``.
    package init(
        _ path: FilePath, start: Double = 0, duration: Double? = nil, salvage: Bool = false,
        decoder: String = "ffmpeg"
    ) throws(AudioFileError) {
        self.path = path
        salvages = salvage
        source = try openSource(path, salvages: salvage, decoder: decoder)
        format = source.format
        let rate = Double(format.sampleRate)
        let first = AudioReader.samples(start, rate: rate)
        self.start = first
        end = duration.map { max(first, AudioReader.samples(start + $0, rate: rate)) }
        let draft = source.metadata()
        metadata = draft.metadata.stretch(from: first, to: end)
        notes = draft.notes.map { .metadata($0) }
        if format.length == 0 { throw AudioFileError(.noSamples, path) }
        if let total = format.length {
            if self.start >= total { throw AudioFileError(.startBeyondEnd(length: total), path) }
            length = min(total, end ?? total) - self.start
        }
        if let truncation = source.truncation { try tell(truncation) }
        if format.kind == .float(bits: 64) { notes.append(.roundedToFloat) }
        if self.start > 0 { try skip() }
    }

    /// An empty block of the right shape for ``read(into:count:)``.
    package func makeBlock() -> SampleBlock {
        SampleBlock(channels: format.channels, integers: isInteger)
    }

    /// Reads the next samples in place of those in the block.
    ///
    /// - Parameters:
    ///   - block: as ``makeBlock()`` gives it.
    ///   - count: the most samples a channel to read, at least 1.
    /// - Returns: how many were read, fewer than `count` only before the end; 0 at the end.
    /// - Throws: ``AudioFileError``.
    package func read(into block: inout SampleBlock, count: Int) throws(AudioFileError) -> Int {
        precondition(count > 0 && block.channels == format.channels)
        var wanted = isAtEnd ? 0 : count
        if let end { wanted = min(wanted, end - start - position) }
        grow(to: count)
        var done = 0
        if isInteger {
            if wanted > 0 { done = try source.read(into: &integers, count: wanted) }
            block.take(interleaved: integers, count: done)
        } else {
            if wanted > 0 { done = try source.read(into: &floats, count: wanted) }
            if !block.take(interleaved: floats, count: done) { try replace(in: &block) }
        }
        position += done
        if done == 0 && !isAtEnd { try finish() }
        return done
    }

    private var isInteger: Bool {
        if case .integer = format.kind { true } else { false }
    }

    private static func samples(_ seconds: Double, rate: Double) -> Int {
        let samples = (seconds * rate).rounded()
        // Nobody records for that long; the bound keeps the conversion from trapping.
        return samples > 0 ? Int(min(samples, 0x1p52)) : 0
    }

    private func grow(to count: Int) {
        let size = count * format.channels
        if isInteger {
            if integers.count < size { integers = Array(repeating: 0, count: size) }
        } else if floats.count < size {
            floats = Array(repeating: 0, count: size)
        }
    }

    private func skip() throws(AudioFileError) {
        var place = try source.seek(toOrBefore: start)
        while place < start {
            let step = min(start - place, 1 << 14)
            grow(to: step)
            let done =
                isInteger
                ? try source.read(into: &integers, count: step)
                : try source.read(into: &floats, count: step)
            if done == 0 { throw AudioFileError(.startBeyondEnd(length: place), path) }
            place += done
        }
    }

    /// Checks at the end of the source that all came that was declared.
    private func finish() throws(AudioFileError) {
        isAtEnd = true
        let found = start + position
        if source.isDamaged {
            notes.append(.damaged(sample: found))
        } else if let declared = format.length {
            let isKnown = notes.contains { if case .truncated = $0 { true } else { false } }
            if found + source.lengthTolerance < min(declared, end ?? declared) && !isKnown {
                try tell(Truncation(found: found, declared: declared))
            }
        }
        if position == 0 {
            throw AudioFileError(start > 0 ? .startBeyondEnd(length: start) : .noSamples, path)
        }
        length = position
    }

    private func tell(_ truncation: Truncation) throws(AudioFileError) {
        let (found, declared) = (truncation.found, truncation.declared)
        guard salvages || !truncation.isCertain else {
            throw AudioFileError(.truncated(found: found, declared: declared), path)
        }
        notes.append(.truncated(found: found, declared: declared))
    }

    private func replace(in block: inout SampleBlock) throws(AudioFileError) {
        let (count, channel, offset) = block.clearNotFinite()
        let sample = start + position + offset
        guard salvages else {
            let seconds = Double(sample) / Double(format.sampleRate)
            throw AudioFileError(
                .notFinite(channel: channel, sample: sample, seconds: seconds), path)
        }
        let first = replaced ?? (0, channel, sample)
        let total = (first.count + count, first.channel, first.sample)
        replaced = total
        notes.removeAll { if case .notFiniteReplaced = $0 { true } else { false } }
        notes.append(.notFiniteReplaced(count: total.0, channel: total.1, sample: total.2))
    }
}

/// Finds out who can read a file.
private func openSource(
    _ path: FilePath, salvages: Bool, decoder: String
) throws(AudioFileError) -> any SampleSource {
    let file: OpenFile
    let status: FileStatus
    do throws(StorageError) {
        file = try OpenFile.reading(path)
        status = try file.status()
    } catch {
        throw .reading(error)
    }
    if status.kind != .file { throw AudioFileError(.notRegularFile, path) }
    if status.size == 0 { throw AudioFileError(.emptyFile, path) }
    do throws(AudioFileError) {
        return try SoundFileSource(file, byteCount: status.size, salvages: salvages)
    } catch {
        guard error.code == .notAudio else { throw error }
        return try FFmpegSource(
            path, program: decoder, byteCount: status.size, salvages: salvages,
            reason: error.reason)
    }
}
