import Storage

/// A source that libsndfile reads.
final class SoundFileSource: SampleSource {
    let format: SourceFormat
    let truncation: Truncation?
    let lengthTolerance: Int

    private var sound: SoundFile
    private let file: OpenFile
    private let salvages: Bool
    private let byteCount: Int
    /// Where the streams begin that follow one another, and which of them is read.
    private let starts: [Int]
    private var turn = 0
    private var position = 0

    /// Opens a file.
    ///
    /// - Throws: ``AudioFileError``, with `notAudio` for what libsndfile cannot read as a whole.
    init(_ file: OpenFile, byteCount: Int, salvages: Bool) throws(AudioFileError) {
        self.salvages = salvages
        let extent: SoundExtent
        let stream: MPEGStream?
        do throws(StorageError) {
            extent = try SoundExtent(of: file, byteCount: byteCount)
            stream = try MPEGStream(of: file, byteCount: byteCount)
        } catch {
            throw .reading(error)
        }
        self.byteCount = byteCount
        self.file = file
        starts = extent.starts
        sound = try SoundFileSource.open(file, byteCount, extent, stream, salvages: salvages)
        let header = sound.header
        guard 1...AudioReader.channelLimit ~= header.channels else {
            throw AudioFileError(.channelCount(header.channels), file.path)
        }
        guard AudioReader.rateRange ~= header.rate else {
            throw AudioFileError(.sampleRate(header.rate), file.path)
        }
        // Streams of unknown length declare the largest or a negative number.
        var length = 0..<(Int.max / 1024) ~= header.samples ? header.samples : nil
        if starts.count > 1 { length = nil }
        if let stream, stream.needsCounting { length = stream.blocks * stream.samplesPerBlock }
        lengthTolerance = stream.map { 2 * $0.samplesPerBlock } ?? 0
        truncation = stream?.truncation ?? extent.truncation(found: length)
        let description = SoundFileFormat(header.format)
        format = SourceFormat(
            sampleRate: header.rate, channels: header.channels, length: length,
            container: description.container, codec: description.codec, kind: description.kind,
            byteCount: byteCount, decoder: .libsndfile)
    }

    private static func open(
        _ file: OpenFile, _ byteCount: Int, _ extent: SoundExtent, _ stream: MPEGStream?,
        salvages: Bool
    ) throws(AudioFileError) -> SoundFile {
        guard let stream else {
            let firstEnd = extent.starts.count > 1 ? extent.starts[1] : byteCount
            do {
                return try SoundFile.reading(file, byteCount: firstEnd)
            } catch {
                // libsndfile opens no CAF file that lost its end; the cause is the end.
                guard error.code == .notAudio, let end = extent.declaredEnd, end > byteCount else {
                    throw error
                }
                if !salvages {
                    throw AudioFileError(
                        .truncated(found: nil, declared: nil), file.path, reason: error.reason)
                }
                return try SoundFile.reading(file, byteCount: byteCount, told: end)
            }
        }
        if stream.needsCounting {
            // The guess of the length is proportional to the size: one that is surely too long lets
            // libsndfile read until the bytes end. Bitrates of MPEG differ by a factor of 40.
            let base = stream.startAfterTag
            return try SoundFile.reading(
                file, base: base, byteCount: byteCount - base, told: (byteCount - base) * 64)
        }
        // libmpg123 writes a warning on the terminal where the tag's number of bytes is not met, and
        // for each oddity of an ID3 tag, which is read elsewhere.
        let size = byteCount - stream.start
        let told = stream.truncation == nil ? 0 : stream.taggedBytes ?? 0
        return try SoundFile.reading(
            file, base: stream.start, byteCount: size, told: max(size, told))
    }

    var isDamaged: Bool { sound.damage != nil && !sound.metEnd }

    func read(into buffer: inout [Int32], count: Int) throws(AudioFileError) -> Int {
        while true {
            let done = try sound.read(into: &buffer, count: count)
            if try advance(done) { return done }
        }
    }

    func read(into buffer: inout [Float], count: Int) throws(AudioFileError) -> Int {
        while true {
            let done = try sound.read(into: &buffer, count: count)
            if try advance(done) { return done }
        }
    }

    /// Tells of damaged sound once the samples in front of it are read, and goes on to the next
    /// stream at the end of one.
    ///
    /// - Returns: false if there is more to read.
    private func advance(_ done: Int) throws(AudioFileError) -> Bool {
        position += done
        if done > 0 { return true }
        if let damage = sound.damage {
            if salvages { return true }
            let code: AudioFileError.Code =
                sound.metEnd
                ? .truncated(found: position, declared: format.length)
                : .damaged(sample: position)
            throw AudioFileError(code, sound.file.path, reason: damage)
        }
        if turn + 1 == starts.count { return true }
        turn += 1
        let start = starts[turn]
        let end = turn + 1 < starts.count ? starts[turn + 1] : byteCount
        let next = try SoundFile.reading(sound.file, base: start, byteCount: end - start)
        guard next.header.channels == format.channels, next.header.rate == format.sampleRate else {
            throw AudioFileError(
                .damaged(sample: position), sound.file.path,
                reason: "the streams of the file differ in rate or channels")
        }
        sound = next
        return false
    }

    func metadata() -> MetadataDraft {
        MetadataDraft(file, byteCount: byteCount) { sound.text($0.soundFileNumber) }
    }

    func seek(toOrBefore sample: Int) throws(AudioFileError) -> Int {
        // A lossy decoder needs a run-up until it gives what it would have given from the start.
        let runUp = format.kind == .lossy ? format.sampleRate : 0
        let target = sample - runUp
        if starts.count == 1 && target > position && sound.seek(toSample: target) {
            position = target
        }
        return position
    }
}
