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
    /// - Throws: `AudioFileError`, that of the first file that cannot be read.
    package func sheet(of sources: [Source]) throws -> CueSheet {
        let results = Mutex<[Int: Result<SourceCues, AudioFileError>]>([:])
        let next = Atomic<Int>(0)
        let rate = rate
        DispatchQueue.concurrentPerform(iterations: min(threads, sources.count)) { _ in
            while true {
                let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
                guard index < sources.count else { return }
                let result = Result { () throws(AudioFileError) in
                    try CueListener.cues(of: sources[index], rate: rate)
                }
                results.withLock { $0[index] = result }
            }
        }
        let all = results.withLock { $0 }
        return CueSheet(try sources.indices.compactMap { try all[$0]?.get() })
    }

    private static func cues(
        of source: Source, rate: Double
    ) throws(AudioFileError) -> SourceCues {
        let reader = try AudioReader(
            source.path, start: source.start, duration: source.duration, salvage: source.salvages)
        var analyzer = CueAnalyzer(
            name: source.name, file: source.path.name.description,
            sampleRate: reader.format.sampleRate, channels: reader.format.channels,
            frameRate: rate, isDrums: source.isDrums)
        var block = reader.makeBlock()
        while try reader.read(into: &block, count: blockLength) > 0 {
            analyzer.push(block.floats)
        }
        return analyzer.finish()
    }
}
