import Storage

/// A source that libsndfile reads.
final class SoundFileSource: SampleSource {
    let format: SourceFormat
    let truncation: Truncation?
    let lengthIsExact: Bool

    private let sound: SoundFile
    private var position = 0

    init(_ file: OpenFile, byteCount: Int) throws(AudioFileError) {
        sound = try SoundFile.reading(file)
        let header = sound.header
        guard 1...AudioReader.channelLimit ~= header.channels else {
            throw AudioFileError(.channelCount(header.channels), file.path)
        }
        guard AudioReader.rateRange ~= header.rate else {
            throw AudioFileError(.sampleRate(header.rate), file.path)
        }
        let description = SoundFileFormat(header.format)
        // Streams of unknown length declare the largest or a negative number.
        let isKnown = 0..<(Int.max / 1024) ~= header.samples
        format = SourceFormat(
            sampleRate: header.rate, channels: header.channels,
            length: isKnown ? header.samples : nil, container: description.container,
            codec: description.codec, kind: description.kind, byteCount: byteCount,
            decoder: .libsndfile)
        do throws(StorageError) {
            let extent = try SoundExtent(of: file, byteCount: byteCount)
            truncation = extent.truncation(found: format.length, channels: header.channels)
        } catch {
            throw .reading(error)
        }
        lengthIsExact = description.lengthIsExact
    }

    func read(into buffer: inout [Int32], count: Int) throws(AudioFileError) -> Int {
        let done = try sound.read(into: &buffer, count: count)
        position += done
        return done
    }

    func read(into buffer: inout [Float], count: Int) throws(AudioFileError) -> Int {
        let done = try sound.read(into: &buffer, count: count)
        position += done
        return done
    }

    func seek(toOrBefore sample: Int) throws(AudioFileError) -> Int {
        // A lossy decoder needs a run-up until it gives what it would have given from the start.
        let runUp = format.kind == .lossy ? format.sampleRate : 0
        let target = sample - runUp
        if target > position && sound.seek(toSample: target) { position = target }
        return position
    }
}
