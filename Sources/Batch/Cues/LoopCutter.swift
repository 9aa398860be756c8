package import AudioIO
package import Reports
package import Storage

/// Cuts files into loops of whole bars, as copies that are exact to the sample.
package struct LoopCutter {
    /// A stretch of some bars.
    package struct Loop: Sendable, Hashable {
        /// The number of its first bar, from 1.
        package let bar: Int
        /// Its place, in seconds.
        package let seconds: Range<Double>
        /// Its tempo in beats a minute.
        package let tempo: Double
    }

    /// The loops of a track, from one downbeat to another.
    package let loops: [Loop]

    /// The loops of so many bars that a track has; what is left at its end is none.
    ///
    /// - Precondition: `bars` is at least 1.
    package init(_ rhythm: Rhythm, bars: Int) {
        precondition(bars > 0)
        let downbeats = rhythm.downbeats.map(rhythm.time)
        var loops: [Loop] = []
        var first = 0
        while first + bars < downbeats.count {
            let range = downbeats[first]..<downbeats[first + bars]
            let beats = Double(bars * rhythm.meter)
            loops.append(
                Loop(
                    bar: first + 1, seconds: range,
                    tempo: 60 * beats / (range.upperBound - range.lowerBound)))
            first += bars
        }
        self.loops = loops
    }

    /// Cuts a file; all of its loops appear, or none.
    ///
    /// A lossless file gives loops of its own format, any other one gives WAV files of floats.
    ///
    /// - Parameters:
    ///   - name: what the names of the loops begin with.
    ///   - format: the file's format and how its samples are stored.
    /// - Throws: `AudioFileError`, `StorageError`.
    package func cut(
        _ path: FilePath, name: String, format: FileFormat, samples: SampleFormat?,
        into folder: FilePath, overwriting: Bool
    ) throws -> [ExtraFile] {
        if loops.isEmpty { return [] }
        try FileSystem.createFolders(at: folder)
        let reader = try AudioReader(path)
        let (kind, stored) =
            samples.map { (format, $0) } ?? (FileFormat.wav, SampleFormat.float32)
        let digits = max(3, String(loops[loops.count - 1].bar).count)
        let rate = Double(reader.format.sampleRate)
        var block = reader.makeBlock()
        var writers: [AudioWriter] = []
        for loop in loops {
            let start = Int((loop.seconds.lowerBound * rate).rounded())
            let end = Int((loop.seconds.upperBound * rate).rounded())
            let number = String(loop.bar)
            let bar = String(repeating: "0", count: digits - number.count) + number
            let tempo = Double(Int((loop.tempo * 10).rounded())) / 10
            let file = FilePath("\(name)-bar\(bar)-\(tempo)bpm.\(kind.fileExtension)")
            let writer = try AudioWriter(
                folder.appending(file), format: kind, samples: stored,
                sampleRate: reader.format.sampleRate, channels: reader.format.channels,
                expectedLength: end - start)
            while reader.position < start {
                let count = min(1 << 14, start - reader.position)
                if try reader.read(into: &block, count: count) == 0 { break }
            }
            while reader.position < end {
                let count = min(1 << 14, end - reader.position)
                if try reader.read(into: &block, count: count) == 0 { break }
                if stored.integerBits != nil, let integers = block.integers {
                    try writer.write(integers: integers)
                } else {
                    try writer.write(floats: block.floats)
                }
            }
            try writer.finish()
            writers.append(writer)
        }
        for writer in writers where !overwriting {
            if try FileSystem.status(of: writer.path) != nil {
                throw StorageError.taken(writer.path)
            }
        }
        return try writers.map { writer in
            try writer.publish(overwriting: overwriting)
            return ExtraFile(
                kind: "loop", path: writer.path,
                sha256: try SHA256Digest(ofFileAt: writer.path))
        }
    }
}
