import Processes
import Storage

/// A source that the `ffmpeg` program decodes: AAC, WMA, the sound of a video and much more.
///
/// The program sends a WAV file through a pipe; its header tells rate and channels before the first
/// sample, and its exit status tells whether all of the sound came.
final class FFmpegSource: SampleSource {
    let format: SourceFormat
    var truncation: Truncation? { nil }
    var lengthTolerance: Int { 0 }
    private(set) var isDamaged = false

    private let path: FilePath
    private let description: [UInt8]
    private let child: ChildProcess
    private let salvages: Bool
    private var bytes: [UInt8] = []
    private var hasEnded = false

    /// Starts the program.
    ///
    /// - Parameters:
    ///   - program: its name.
    ///   - reason: why libsndfile cannot read the file.
    init(
        _ path: FilePath, program: String, byteCount: Int, salvages: Bool, reason: String?
    ) throws(AudioFileError) {
        self.path = path
        self.salvages = salvages
        let (stream, description) = try FFmpegSource.probe(program, path, reason: reason)
        self.description = description
        let isInteger = if case .integer = stream.kind { true } else { false }
        // The filter counts time by samples: times that run back are common and are no damage.
        // A damaged packet ends the program with an error, unless what is left is wanted.
        let strictness: [FilePath] = salvages ? [] : ["-xerror"]
        let arguments: [FilePath] =
            ["-nostdin", "-v", "error"] + strictness + FFmpegSource.input(path)
            + [
                "-map", "0:a:0", "-af", "asetpts=N/SR/TB", "-c:a",
                isInteger ? "pcm_s32le" : "pcm_f32le", "-f", "wav", "-",
            ]
        do throws(ChildProcess.Failure) {
            child = try ChildProcess(FilePath(program), arguments)
        } catch {
            throw AudioFileError(.readFailed, path, reason: error.reason)
        }
        let header = try FFmpegSource.readHeader(child, path)
        guard 1...AudioReader.channelLimit ~= header.channels else {
            throw AudioFileError(.channelCount(header.channels), path)
        }
        guard AudioReader.rateRange ~= header.rate else {
            throw AudioFileError(.sampleRate(header.rate), path)
        }
        format = SourceFormat(
            sampleRate: header.rate, channels: header.channels, length: nil,
            container: stream.container, codec: stream.codec, kind: stream.kind,
            byteCount: byteCount, decoder: .ffmpeg)
    }

    func read(into buffer: inout [Int32], count: Int) throws(AudioFileError) -> Int {
        let done = try fill(count)
        for index in 0..<done * format.channels {
            buffer[index] = Int32(bitPattern: word(index))
        }
        return done
    }

    func read(into buffer: inout [Float], count: Int) throws(AudioFileError) -> Int {
        let done = try fill(count)
        for index in 0..<done * format.channels {
            buffer[index] = Float(bitPattern: word(index))
        }
        return done
    }

    func seek(toOrBefore sample: Int) throws(AudioFileError) -> Int { 0 }

    func metadata() -> MetadataDraft { MetadataDraft(ffmetadata: description) }

    private func word(_ index: Int) -> UInt32 {
        let place = index * 4
        return UInt32(bytes[place]) | UInt32(bytes[place + 1]) << 8
            | UInt32(bytes[place + 2]) << 16 | UInt32(bytes[place + 3]) << 24
    }

    /// Reads samples from the pipe; at its end, asks the program how it went.
    private func fill(_ count: Int) throws(AudioFileError) -> Int {
        if hasEnded { return 0 }
        let stride = 4 * format.channels
        let size = count * stride
        if bytes.count < size { bytes = Array(repeating: 0, count: size) }
        let done = try FFmpegSource.read(child, path, into: &bytes, count: size)
        if done < size {
            hasEnded = true
            let status = child.finish()
            isDamaged = status != 0
            if isDamaged && !salvages {
                throw AudioFileError(
                    .decoderFailed(status: status), path, reason: FFmpegText.reason(child.lastWords)
                )
            }
        }
        return done / stride
    }

    private static func read(
        _ child: ChildProcess, _ path: FilePath, into bytes: inout [UInt8], count: Int
    ) throws(AudioFileError) -> Int {
        var outcome: Result<Int, ChildProcess.Failure> = .success(0)
        unsafe bytes.withUnsafeMutableBytes { buffer in
            do throws(ChildProcess.Failure) {
                let part = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[..<count])
                outcome = .success(try unsafe child.read(into: part))
            } catch {
                outcome = .failure(error)
            }
        }
        do throws(ChildProcess.Failure) {
            return try outcome.get()
        } catch {
            throw AudioFileError(.readFailed, path, reason: error.reason)
        }
    }

    /// The options that name the input: only the file itself, whatever its name or content says.
    private static func input(_ path: FilePath) -> [FilePath] {
        let name = FilePath(bytes: Array("file:".utf8) + path.bytes)
        return [
            "-protocol_whitelist", "file", "-format_whitelist", FilePath(containers), "-i", name,
        ]
    }

    /// The containers that are read.
    ///
    /// Play lists are not among them: they name other files and addresses, and a live one would be
    /// waited for.
    private static let containers = """
        3gp,aac,ac3,act,adx,aea,aiff,amr,amrnb,amrwb,ape,asf,au,avi,caf,dsf,dts,dtshd,dv,eac3,\
        flac,flv,g722,gsm,gxf,iff,ircam,loas,m4v,matroska,mlp,mov,mp3,mp4,mpc,mpc8,mpeg,mpegts,\
        mxf,nsv,nut,ogg,oma,qcp,rm,rso,shn,sox,spdif,swf,tak,truehd,tta,voc,vqf,w64,wav,webm,\
        wsd,wtv,wv,xwma
        """

    /// The most bytes of a description that are read; longer ones are cut.
    private static let descriptionLimit = 1 << 18

    /// Asks what the first sound in the file is, and what the file says about itself.
    private static func probe(
        _ program: String, _ path: FilePath, reason: String?
    ) throws(AudioFileError) -> (stream: FFmpegText.Stream, description: [UInt8]) {
        let child: ChildProcess
        do throws(ChildProcess.Failure) {
            child = try ChildProcess(
                FilePath(program),
                ["-nostdin", "-hide_banner"] + input(path) + ["-f", "ffmetadata", "-"])
        } catch {
            let code: AudioFileError.Code = error.isMissing ? .needsFFmpeg : .readFailed
            throw AudioFileError(code, path, reason: error.isMissing ? reason : error.reason)
        }
        var description = [UInt8](repeating: 0, count: descriptionLimit)
        let size = try read(child, path, into: &description, count: descriptionLimit)
        description.removeLast(descriptionLimit - size)
        // A longer one: what the pipe does not take keeps the program from ending.
        var rest = [UInt8](repeating: 0, count: 1 << 12)
        if size == descriptionLimit {
            while try read(child, path, into: &rest, count: rest.count) == rest.count {}
        }
        _ = child.finish()
        guard let stream = FFmpegText.stream(child.lastWords) else {
            throw AudioFileError(.notAudio, path, reason: reason)
        }
        return (stream, description)
    }

    /// Reads the chunks up to the sound.
    private static func readHeader(
        _ child: ChildProcess, _ path: FilePath
    ) throws(AudioFileError) -> (rate: Int, channels: Int) {
        func next(_ count: Int) throws(AudioFileError) -> [UInt8] {
            var bytes = [UInt8](repeating: 0, count: count)
            if try read(child, path, into: &bytes, count: count) == count { return bytes }
            let status = child.finish()
            throw AudioFileError(
                status == 0 ? .noSamples : .decoderFailed(status: status), path,
                reason: FFmpegText.reason(child.lastWords))
        }
        func number(_ bytes: ArraySlice<UInt8>) -> Int {
            bytes.reversed().reduce(0) { $0 << 8 | Int($1) }
        }
        _ = try next(12)
        var facts: (rate: Int, channels: Int)?
        while true {
            let head = try next(8)
            if head.starts(with: Array("data".utf8)) { break }
            let size = number(head[4...])
            guard size < 1 << 20 else { throw AudioFileError(.readFailed, path) }
            let content = try next(size + size % 2)
            if head.starts(with: Array("fmt ".utf8)), size >= 16 {
                facts = (number(content[4..<8]), number(content[2..<4]))
            }
        }
        guard let facts else { throw AudioFileError(.readFailed, path) }
        return facts
    }
}
