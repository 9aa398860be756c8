import AudioIO
import Dispatch
package import Reports
package import Storage
import Synchronization

/// Finds the cues of the files of one track.
package struct CueListener: Sendable {
    /// A file that is listened to.
    package struct Source: Sendable {
        /// `mix`, or the stem's name.
        package var name: String
        /// The file.
        package var path: FilePath
        /// Where to begin, in seconds.
        package var start = 0.0
        /// How much to take, in seconds; all of it if nil.
        package var duration: Double?
        /// Whether what can be read of a damaged file is taken.
        package var salvages = false
        /// Whether onsets are told apart by drum.
        package var isDrums: Bool

        /// A whole file.
        package init(name: String, path: FilePath, isDrums: Bool) {
            self.name = name
            self.path = path
            self.isDrums = isDrums
        }
    }

    private let rate: Double
    private let threads: Int

    /// Samples that are read at a time.
    private static let blockLength = 1 << 14

    /// A listener.
    ///
    /// - Parameters:
    ///   - rate: frames a second.
    ///   - threads: files that are listened to at a time, at least 1.
    package init(rate: Double, threads: Int) {
        precondition(threads > 0)
        self.rate = rate
        self.threads = threads
    }

    /// Listens to files of one track, of which the first is the mix where it is among them.
    ///
    /// Stems are heard beside the mix where both have one sample rate.
    ///
    /// - Throws: `AudioFileError`, that of the first file that cannot be read.
    package func sheet(of sources: [Source]) throws -> CueSheet {
        let results = Mutex<[Int: Result<SourceCues, AudioFileError>]>([:])
        let next = Atomic<Int>(0)
        let rate = rate
        let mix = sources.first.flatMap { $0.name == "mix" ? $0 : nil }
        DispatchQueue.concurrentPerform(iterations: min(threads, sources.count)) { _ in
            while true {
                let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
                guard index < sources.count else { return }
                let result = Result { () throws(AudioFileError) in
                    try CueListener.cues(
                        of: sources[index], beside: index > 0 ? mix : nil, rate: rate)
                }
                results.withLock { $0[index] = result }
            }
        }
        let all = results.withLock { $0 }
        return CueSheet(try sources.indices.compactMap { try all[$0]?.get() })
    }

    private static func cues(
        of source: Source, beside mix: Source?, rate: Double
    ) throws(AudioFileError) -> SourceCues {
        let reader = try CueListener.reader(source)
        let format = reader.format
        let other = try mix.map { mix throws(AudioFileError) in try CueListener.reader(mix) }
        let beside = other.flatMap { $0.format.sampleRate == format.sampleRate ? $0 : nil }
        var analyzer = CueAnalyzer(
            name: source.name, file: source.path.name.description,
            sampleRate: format.sampleRate, channels: format.channels,
            mixtureChannels: beside?.format.channels, frameRate: rate, isDrums: source.isDrums)
        var block = reader.makeBlock()
        var mixture = (beside ?? reader).makeBlock()
        while true {
            let count = try reader.read(into: &block, count: blockLength)
            guard count > 0 else { return analyzer.finish() }
            guard let beside else {
                analyzer.push(block.floats)
                continue
            }
            let present = try beside.read(into: &mixture, count: count)
            // A mix that ends before its stem is silent from there.
            let rest = repeatElement(Float(0), count: count - present)
            analyzer.push(
                block.floats, beside: mixture.floats.map { Array($0.prefix(present)) + rest })
        }
    }

    private static func reader(_ source: Source) throws(AudioFileError) -> AudioReader {
        try AudioReader(
            source.path, start: source.start, duration: source.duration, salvage: source.salvages)
    }
}
