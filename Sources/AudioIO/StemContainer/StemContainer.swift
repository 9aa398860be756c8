import Processes
package import Storage

/// A file of five tracks, the mixture and its four stems, as DJ programs play it: `.stem.mp4`.
///
/// The `ffmpeg` program encodes the tracks; the description of the stems, JSON in the atom
/// `moov/udta/stem`, is put in here.
package struct StemContainer {
    /// How the sound of the tracks is stored.
    package enum Codec: String, Sendable, Hashable, CaseIterable, Codable {
        /// AAC, 256 kbit/s a track, which every player of such files knows.
        case aac
        /// ALAC, which keeps the samples; some players do not know it.
        case alac
    }

    /// A stem and its file.
    package struct Part: Sendable, Hashable {
        /// The name that players show.
        package let name: String
        /// The file of its sound.
        package let path: FilePath

        /// A stem and its file.
        package init(name: String, path: FilePath) {
            self.name = name
            self.path = path
        }
    }

    /// The stems in the order of the tracks.
    package let stems: [Part]
    /// How the sound is stored.
    package let codec: Codec
    /// The rate of the stems, in Hz.
    package let sampleRate: Int
    /// Channels of the stems.
    package let channels: Int
    /// Whether the stems have at most 16 bits.
    package let isShallow: Bool
    /// The mixture's tags.
    package let tags: [TagField: String]
    /// The JSON that describes the stems.
    package let description: [UInt8]

    /// A container of these stems.
    ///
    /// - Precondition: there are four stems.
    package init(
        stems: [Part], codec: Codec, sampleRate: Int, channels: Int,
        isShallow: Bool, tags: [TagField: String], description: [UInt8]
    ) {
        precondition(stems.count == 4)
        self.stems = stems
        self.codec = codec
        self.sampleRate = sampleRate
        self.channels = channels
        self.isShallow = isShallow
        self.tags = tags
        self.description = description
    }

    /// Makes sure that there is the program that encodes the tracks.
    ///
    /// - Throws: ``AudioFileError`` with `needsEncoder`, about `path`.
    package static func checkEncoder(
        for path: FilePath, encoder: String = "ffmpeg"
    ) throws(AudioFileError) {
        try run(encoder, ["-version"], path)
    }

    /// Writes the file; it appears under its name only when it is whole.
    ///
    /// - Returns: the SHA-256 of the file.
    /// - Throws: ``AudioFileError``.
    package func write(
        to path: FilePath, overwriting: Bool, encoder: String = "ffmpeg"
    ) throws(AudioFileError) -> SHA256Digest {
        let pending: PendingFile
        do throws(StorageError) {
            pending = try PendingFile(for: path)
        } catch {
            throw .writing(error, path)
        }
        try StemContainer.run(encoder, arguments(pending.temporaryPath), path)
        try describe(pending.file, path)
        do throws(StorageError) {
            let digest = try SHA256Digest(of: pending.file)
            try pending.publish(overwriting: overwriting)
            return digest
        } catch {
            throw .writing(error, path)
        }
    }

    /// The rate of the tracks: the players know two.
    private var trackRate: Int {
        [44_100, 48_000].contains(sampleRate)
            ? sampleRate : sampleRate % 11_025 == 0 ? 44_100 : 48_000
    }

    private func arguments(_ output: FilePath) -> [FilePath] {
        var words: [FilePath] = ["-nostdin", "-v", "error", "-y", "-xerror"]
        for stem in stems {
            words += ["-protocol_whitelist", "file", "-i", StemContainer.url(stem.path)]
        }
        // The mixture as the sum of the stems is aligned with them to the sample. Both sides of a
        // mono recording get it at its own level.
        let form = channels == 1 ? ",pan=stereo|c0=c0|c1=c0" : ""
        let copies = stems.indices.map { "[\($0):a]asplit[m\($0)][p\($0)];" }.joined()
        let sources = stems.indices.map { "[m\($0)]" }.joined()
        let parts = stems.indices.map { ";[p\($0)]anull\(form)[s\($0)]" }.joined()
        let graph =
            "\(copies)\(sources)amix=inputs=\(stems.count):normalize=0\(form)[mix]\(parts)"
        words += ["-filter_complex", FilePath(graph), "-map", "[mix]"]
        for index in stems.indices { words += ["-map", FilePath("[s\(index)]")] }
        words += ["-ac", "2", "-ar", FilePath("\(trackRate)")]
        switch codec {
        case .aac: words += ["-c:a", "aac", "-b:a", "256k"]
        case .alac: words += ["-c:a", "alac", "-sample_fmt", isShallow ? "s16p" : "s32p"]
        }
        // Players that know nothing of stems play the one track that is enabled.
        words += ["-disposition:a:0", "default"]
        for index in stems.indices { words += [FilePath("-disposition:a:\(index + 1)"), "0"] }
        // The same input gives the same bytes: no versions, no time of day.
        words += ["-map_metadata", "-1", "-fflags", "+bitexact", "-flags:a", "+bitexact"]
        for (index, name) in (["Mix"] + stems.map(\.name)).enumerated() {
            words += [
                FilePath("-metadata:s:a:\(index)"), FilePath("handler_name=\(name)"),
            ]
        }
        for field in TagField.allCases {
            guard let text = tags[field] else { continue }
            words += ["-metadata", FilePath("\(field.rawValue)=\(text)")]
        }
        return words + ["-f", "mp4", StemContainer.url(output)]
    }

    /// A path that `ffmpeg` takes for one, whatever characters it begins with.
    private static func url(_ path: FilePath) -> FilePath {
        FilePath(bytes: Array("file:".utf8) + path.bytes)
    }

    /// Runs the program to its end.
    private static func run(
        _ encoder: String, _ arguments: [FilePath], _ path: FilePath
    ) throws(AudioFileError) {
        let (status, words): (Int32, String)
        do throws(ChildProcess.Failure) {
            (status, words) = try finish(try ChildProcess(FilePath(encoder), arguments))
        } catch {
            throw AudioFileError(
                error.isMissing ? .needsEncoder : .writeFailed, path,
                reason: error.isMissing ? nil : error.reason)
        }
        guard status == 0 else {
            throw AudioFileError(
                .encoderFailed(status: status), path, reason: FFmpegText.reason(words))
        }
    }

    private static func finish(
        _ child: ChildProcess
    ) throws(ChildProcess.Failure) -> (status: Int32, words: String) {
        var piece = [UInt8](repeating: 0, count: 1 << 12)
        var isOpen = true
        while isOpen {
            var outcome: Result<Int, ChildProcess.Failure> = .success(0)
            unsafe piece.withUnsafeMutableBytes { buffer in
                do throws(ChildProcess.Failure) {
                    outcome = .success(try unsafe child.read(into: buffer))
                } catch {
                    outcome = .failure(error)
                }
            }
            isOpen = try outcome.get() == piece.count
        }
        return (child.finish(), child.lastWords)
    }

    /// Puts the description of the stems into what the program wrote.
    private func describe(_ file: OpenFile, _ path: FilePath) throws(AudioFileError) {
        let isDone: Bool
        do throws(StorageError) {
            isDone = try describe(file)
        } catch {
            throw .writing(error, path)
        }
        if !isDone { throw AudioFileError(.encoderOutput, path) }
    }

    /// Does that; false where the file is not what it should be.
    private func describe(_ file: OpenFile) throws(StorageError) -> Bool {
        var window = ByteWindow(file, byteCount: try file.status().size)
        guard let atoms = try MP4Atom.list(&window), atoms.first?.name == "ftyp",
            atoms.contains(where: { $0.name == "mdat" }),
            let old = atoms.first(where: { $0.name == "moov" }),
            old.end - old.start <= StemContainer.movieLimit,
            let bytes = try window.read(old.end - old.start, at: old.start),
            let movie = movie(Array(bytes))
        else { return false }
        if old == atoms.last {
            try file.write(movie, at: old.start)
        } else {
            // Nothing that has a place may move: the old atom becomes free space.
            try file.write(movie, at: window.byteCount)
            try file.write(Array("free".utf8), at: old.start + 4)
        }
        return true
    }

    /// The largest movie atom that is read into memory; an hour of five tracks has 5 MB.
    private static let movieLimit = 1 << 28

    private func movie(_ bytes: [UInt8]) -> [UInt8]? {
        do throws(MovieAtom.Fault) {
            var movie = try MovieAtom(bytes)
            guard try movie.trackCount == stems.count + 1 else { return nil }
            try movie.setUserData("stem", description)
            return movie.bytes
        } catch {
            return nil
        }
    }
}
