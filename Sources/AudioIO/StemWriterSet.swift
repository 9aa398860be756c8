private import Dispatch
package import Signal
import Storage
private import Synchronization

/// Writes the stems of one mixture, so that in lossless files they add up to it.
///
/// Integer files: every named stem is rounded to the file's depth (nearest, ties to even, no
/// dither), and the remainder is the mixture's integers less theirs. So the integers of all stems
/// add up to those of the mixture exactly, or to the mixture rounded to the depth where the source
/// is deeper or has floats. A stem that passes full scale becomes a WAV file of floats with the
/// same integers over 2^(bits - 1); nothing is clipped or rescaled. (Floats have 24 bits: a 32-bit
/// stem that passes full scale is the one case with a rounding, below 2^-24 of its value.)
///
/// Float files: the remainder is the mixture less the sum of the named stems, formed in `Double`.
///
/// All files get their names in ``publish(overwriting:)``, after all of them are whole and on the
/// disk. A set that is let go before leaves no file. Not for use by two tasks at once.
package final class StemWriterSet {
    private let named: [StemTrack?]
    private let names: [Stem]
    private let rest: StemTrack?
    private var remix: RemixTrack?
    private let quantizer: Quantizer?
    private let channels: Int
    /// `[stem][channel][sample]`; the last stem is the remainder.
    private var values: [[[Double]]]
    private var sums: [Double] = []
    private var floats: [[Float]]
    private var isFinished = false

    /// Starts the files of a set; their folders exist.
    ///
    /// - Parameters:
    ///   - named: the stems that ``write(mixture:stems:)`` is given, in this order.
    ///   - remainder: the stem that is what the named ones leave, if it is wanted.
    ///   - remix: a file made of the mixture and the named stems, if it is wanted.
    ///   - source: the mixture's file.
    ///   - samples: one of the format's sample formats, nil if it is lossy.
    ///   - expectedLength: samples a channel, where known.
    ///   - metadata: the mixture's, which every stem's file gets with its own name in the title.
    ///   - listener: who hears what is written of a stem, if anyone.
    /// - Throws: ``AudioFileError``, with `impossibleFormat` for what the file format cannot hold.
    package init(
        named: [StemTarget], remainder: StemTarget?, remix: RemixTarget? = nil,
        source: SourceFormat, format: FileFormat, samples: SampleFormat?,
        expectedLength: Int? = nil, metadata: Metadata = Metadata(),
        listener: (Stem) -> (any StemListening)? = { _ in nil }
    ) throws(AudioFileError) {
        func track(_ target: StemTarget) throws(AudioFileError) -> StemTrack? {
            guard let path = target.path else { return nil }
            return try StemTrack(
                target.stem, path: path, format: format, samples: samples,
                sampleRate: source.sampleRate, channels: source.channels,
                expectedLength: expectedLength, metadata: metadata,
                listener: listener(target.stem))
        }
        var tracks: [StemTrack?] = []
        for target in named { tracks.append(try track(target)) }
        self.named = tracks
        names = named.map(\.stem)
        rest = if let remainder { try track(remainder) } else { nil }
        if let remix, let file = try track(StemTarget(remix.stem, path: remix.path)) {
            precondition(remix.stemGains.count == named.count)
            self.remix = RemixTrack(remix, file, channels: source.channels)
        }
        quantizer = samples?.integerBits.map { Quantizer(bits: $0) }
        channels = source.channels
        let empty = [[Double]](repeating: [], count: source.channels)
        values = Array(repeating: empty, count: named.count + 1)
        floats = Array(repeating: [], count: source.channels)
    }

    /// Writes the next samples of all stems.
    ///
    /// - Parameters:
    ///   - mixture: the samples of the source as they were read.
    ///   - stems: the named stems at the source's rate, `[stem][channel][sample]`, each channel as
    ///     long as the mixture's.
    /// - Throws: ``AudioFileError``; nothing more may be written then.
    package func write(mixture: SampleBlock, stems: [[[Float]]]) throws(AudioFileError) {
        precondition(stems.count == named.count && mixture.channels == channels)
        precondition(
            stems.allSatisfy { stem in
                stem.count == channels && stem.allSatisfy { $0.count == mixture.count }
            })
        if mixture.count == 0 { return }
        if let quantizer {
            try write(mixture, stems, quantizer)
        } else {
            try writeFloats(mixture, stems)
        }
    }

    private func write(
        _ mixture: SampleBlock, _ stems: [[[Float]]], _ quantizer: Quantizer
    ) throws(AudioFileError) {
        let count = mixture.count
        for (index, stem) in stems.enumerated() {
            for channel in 0..<channels {
                let bad = quantizer.quantize(stem[channel], into: &values[index][channel])
                if let bad { throw unusable(index, channel, bad) }
            }
            try named[index]?.write(values[index], count: count, quantizer: quantizer)
        }
        if rest == nil && remix == nil { return }
        let last = stems.count
        for channel in 0..<channels {
            if let integers = mixture.integers {
                quantizer.quantize(integers[channel], into: &values[last][channel])
            } else {
                let bad = quantizer.quantize(
                    mixture.floats[channel], into: &values[last][channel])
                if let bad { throw unusable(nil, channel, bad) }
            }
        }
        try remix?.write(mixture, stems, mixture: values[last], quantizer)
        guard let rest else { return }
        for channel in 0..<channels {
            for index in 0..<last {
                values[last][channel].subtract(values[index][channel], count: count)
            }
        }
        try rest.write(values[last], count: count, quantizer: quantizer)
    }

    private func writeFloats(
        _ mixture: SampleBlock, _ stems: [[[Float]]]
    ) throws(AudioFileError) {
        for (index, stem) in stems.enumerated() {
            for channel in 0..<channels {
                let bad = Quantizer.firstUnusable(stem[channel])
                if let bad { throw unusable(index, channel, bad) }
            }
            try named[index]?.write(floats: stem)
        }
        try remix?.write(floats: mixture, stems)
        guard let rest else { return }
        for channel in 0..<channels {
            if let integers = mixture.integers {
                sums.take(integers[channel])
            } else {
                sums.take(mixture.floats[channel])
            }
            for stem in stems { sums.subtract(stem[channel]) }
            floats[channel].take(sums)
        }
        try rest.write(floats: floats)
    }

    private func unusable(_ stem: Int?, _ channel: Int, _ offset: Int) -> AudioFileError {
        let track = tracks.first
        let name = stem.map { names[$0] } ?? rest?.stem ?? remix?.track.stem
        return AudioFileError(
            .unusableStem(
                name: name?.rawValue ?? "", channel: channel,
                sample: (track?.writer.length ?? 0) + offset),
            track?.path ?? "")
    }

    private var tracks: [StemTrack] {
        named.compactMap { $0 } + [rest, remix?.track].compactMap { $0 }
    }

    /// Completes all files, still under their temporary names: headers final, bytes on the disk.
    package func finish() throws(AudioFileError) {
        if isFinished { return }
        // Each track's file is its own, so they may wait for the disk side by side.
        nonisolated(unsafe) let writers = tracks.map(\.writer)
        let errors = Mutex<[Int: AudioFileError]>([:])
        unsafe DispatchQueue.concurrentPerform(iterations: writers.count) { index in
            do throws(AudioFileError) {
                try unsafe writers[index].finish()
            } catch {
                errors.withLock { $0[index] = error }
            }
        }
        if let first = errors.withLock({ $0.min { $0.key < $1.key } }) { throw first.value }
        isFinished = true
    }

    /// Completes all files and then gives them their names.
    ///
    /// - Parameter overwriting: whether files of these names are replaced; otherwise none of the
    ///   set appears if one of the names is taken.
    /// - Returns: the facts, in the order of the named stems, the remainder and the remix last.
    package func publish(overwriting: Bool = false) throws(AudioFileError) -> [StemFile] {
        try finish()
        var published: [FilePath] = []
        for track in tracks {
            do throws(StorageError) {
                if !overwriting, try FileSystem.status(of: track.path, following: false) != nil {
                    throw StorageError.taken(track.path)
                }
            } catch {
                throw .writing(error, track.path)
            }
        }
        for track in tracks {
            do throws(StorageError) {
                try track.writer.pending.publish(
                    overwriting: overwriting, as: track.path, synchronizingFolder: false)
                published.append(track.path)
            } catch {
                // Half a set would look like a whole one. What was replaced cannot come back.
                if !overwriting { for path in published { try? FileSystem.remove(path) } }
                throw .writing(error, track.path)
            }
        }
        for folder in Set(published.map(\.parent)) {
            do throws(StorageError) {
                try FileSystem.synchronizeFolder(folder)
            } catch {
                throw .writing(error, folder)
            }
        }
        return tracks.map { $0.facts() }
    }

    /// Removes what was written, unless it is published.
    package func cancel() {
        for track in tracks { track.writer.cancel() }
    }
}

extension [Double] {
    fileprivate mutating func subtract(_ other: [Double], count length: Int) {
        precondition(length <= count && length <= other.count)
        let source = other.span
        var target = mutableSpan
        for index in 0..<length { unsafe target[unchecked: index] -= source[unchecked: index] }
    }

    fileprivate mutating func subtract(_ other: [Float]) {
        let source = other.span
        var target = mutableSpan
        for index in source.indices { target[index] -= Double(source[index]) }
    }

    fileprivate mutating func take(_ other: [Float]) {
        if count != other.count { self = Array(repeating: 0, count: other.count) }
        let source = other.span
        var target = mutableSpan
        for index in source.indices { target[index] = Double(source[index]) }
    }

    /// Takes integers at full scale 2^31.
    fileprivate mutating func take(_ other: [Int32]) {
        if count != other.count { self = Array(repeating: 0, count: other.count) }
        let source = other.span
        var target = mutableSpan
        for index in source.indices { target[index] = Double(source[index]) * 0x1p-31 }
    }
}

extension [Float] {
    fileprivate mutating func take(_ other: [Double]) {
        if count != other.count { self = Array(repeating: 0, count: other.count) }
        let source = other.span
        var target = mutableSpan
        for index in source.indices { target[index] = Float(source[index]) }
    }
}
