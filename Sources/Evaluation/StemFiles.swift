package import AudioIO
package import Storage

/// The references and estimates of a track in their files, read side by side.
package final class StemFiles: SignalReading {
    /// Why files cannot be compared.
    package enum Fault: Error, Sendable {
        /// A file cannot be read.
        case unreadable(FilePath, AudioFileError)
        /// A file has another sample rate than the first reference.
        case rate(FilePath, found: Int, expected: Int)
        /// A file has another number of channels than the first reference.
        case channels(FilePath, found: Int, expected: Int)
        /// A reference is not as long as the first; in samples.
        case length(FilePath, found: Int, expected: Int)
    }

    /// An estimate that is longer or shorter than its reference, by so many samples.
    package struct Difference: Sendable, Equatable {
        /// The stem.
        package let stem: String
        /// Positive where the estimate is longer.
        package let samples: Int
    }

    package let sources: Int
    package let channels: Int
    package let length: Int
    package let sampleRate: Double
    /// Estimates of another length: what is too long is left out, what is missing taken for silence.
    package let differences: [Difference]
    /// For each source the files of its reference, then for each the file of its estimate.
    private let files: [[FilePath]]
    private var readers: [[StemReader]] = []

    /// Opens the files of some stems and compares their facts.
    ///
    /// - Precondition: there is at least one stem.
    /// - Throws: ``Fault``.
    package init(_ stems: [EvaluationPlan.Stem]) throws(Fault) {
        sources = stems.count
        files = stems.map(\.references) + stems.map { [$0.estimate] }
        let first = try StemReader(files[0][0])
        channels = first.channels
        sampleRate = Double(first.rate)
        length = try first.measuredLength()
        var differences: [Difference] = []
        for (index, group) in files.enumerated() {
            for path in group {
                let reader = try StemReader(path)
                guard reader.rate == first.rate else {
                    throw .rate(path, found: reader.rate, expected: first.rate)
                }
                guard reader.channels == channels else {
                    throw .channels(path, found: reader.channels, expected: channels)
                }
                let found = try reader.measuredLength()
                if found == length { continue }
                guard index >= sources else {
                    throw .length(path, found: found, expected: length)
                }
                differences.append(
                    .init(stem: stems[index - sources].name, samples: found - length))
            }
        }
        self.differences = differences
    }

    private var position = 0

    package func rewind() throws {
        readers = try files.map { group in try group.map { try StemReader($0) } }
        position = 0
    }

    package func read(_ count: Int) throws -> [[Double]] {
        let count = min(count, length - position)
        position += count
        var signals: [[Double]] = []
        for group in readers {
            var sum = try group[0].next(count)
            for reader in group.dropFirst() {
                for (channel, samples) in try reader.next(count).enumerated() {
                    for index in samples.indices { sum[channel][index] += samples[index] }
                }
            }
            signals += sum
        }
        return signals
    }
}

/// Gives the samples of one file in pieces of any size, and silence after its end.
private final class StemReader {
    private let reader: AudioReader
    private var block: SampleBlock
    private var used = 0

    init(_ path: FilePath) throws(StemFiles.Fault) {
        do throws(AudioFileError) { reader = try AudioReader(path) } catch {
            throw .unreadable(path, error)
        }
        block = reader.makeBlock()
    }

    var rate: Int { reader.format.sampleRate }
    var channels: Int { reader.format.channels }

    /// Samples a channel; where the file does not say, it is decoded to its end.
    func measuredLength() throws(StemFiles.Fault) -> Int {
        if let length = reader.length { return length }
        let other = try StemReader(reader.path)
        while try other.refill() {}
        return other.reader.position
    }

    private func refill() throws(StemFiles.Fault) -> Bool {
        used = 0
        do throws(AudioFileError) {
            return try reader.read(into: &block, count: 1 << 16) > 0
        } catch {
            throw .unreadable(reader.path, error)
        }
    }

    func next(_ count: Int) throws(StemFiles.Fault) -> [[Double]] {
        var samples = Array(repeating: [Double](), count: channels)
        for channel in samples.indices { samples[channel].reserveCapacity(count) }
        while samples[0].count < count {
            if used == block.count, try !refill() { break }
            let range = used..<min(block.count, used + count - samples[0].count)
            for channel in samples.indices {
                if let integers = block.integers {
                    samples[channel] += integers[channel][range].map { Double($0) * 0x1p-31 }
                } else {
                    samples[channel] += block.floats[channel][range].map { Double($0) }
                }
            }
            used = range.upperBound
        }
        for channel in samples.indices {
            samples[channel] += Array(repeating: 0, count: count - samples[channel].count)
        }
        return samples
    }
}
