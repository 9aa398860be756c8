private import CSndFile
import Storage

/// A file that libsndfile reads or writes through our own open file, so that the cause of every
/// failure is known and no descriptor is hidden.
@safe final class SoundFile {
    /// What libsndfile says about the file; its `frames` are our samples a channel.
    struct Header: Sendable {
        var samples: Int
        var rate: Int
        var channels: Int
        var format: Int
        var isSeekable: Bool
    }

    let file: OpenFile
    private(set) var header: Header
    /// The first failure of the file system below.
    private(set) var failure: StorageError?

    private var handle: OpaquePointer?
    private var offset = 0
    private var length: Int
    private var trueLength = 0
    /// Where in the file libsndfile's first byte lies.
    private let base: Int
    /// Whether bytes after the end of the file were asked for.
    private(set) var metEnd = false
    /// What libsndfile said about damaged sound, after the samples in front of it.
    private(set) var damage: String?
    private let isWriting: Bool
    private var cache: [UInt8] = []
    /// The bytes of the file that are in the cache.
    private var cached = 0..<0
    private static let cacheSize = 1 << 16
    /// What libsndfile wrote and the file does not have yet, and where it goes.
    private var waiting: [UInt8] = []
    private var waitingStart = 0

    /// Bytes that are written at once, from a multiple of as many on: libsndfile gives 8 KiB at a
    /// time, whose pages the system would touch twice.
    private static let writeSize = 1 << 18

    private init(
        _ file: OpenFile, base: Int = 0, length: Int, header: Header, isWriting: Bool
    ) {
        self.file = file
        self.base = base
        self.length = length
        self.header = header
        self.isWriting = isWriting
    }

    deinit {
        // Closing a writer that was not closed writes to a file that will be discarded.
        if let handle = unsafe handle { _ = unsafe sf_close(handle) }
    }

    /// Opens a sound file for reading.
    ///
    /// - Parameters:
    ///   - base: where in the file it begins.
    ///   - byteCount: how many bytes there are from there.
    ///   - told: how many libsndfile is told that there are, if more. Bytes that lie farther than
    ///     the end are zeros for it, since libmpg123 looks for a tag at the end that it is told;
    ///     reading on at the true end still meets the end.
    static func reading(
        _ file: OpenFile, base: Int = 0, byteCount: Int, told: Int? = nil
    ) throws(AudioFileError) -> SoundFile {
        let none = Header(samples: 0, rate: 0, channels: 0, format: 0, isSeekable: false)
        let sound = SoundFile(
            file, base: base, length: told ?? byteCount, header: none, isWriting: false)
        sound.trueLength = byteCount
        try sound.open(mode: Int32(SFM_READ))
        return sound
    }

    /// Starts a sound file in an empty file.
    ///
    /// - Parameter base: where in the file it begins.
    static func writing(
        _ file: OpenFile, base: Int = 0, _ header: Header
    ) throws(AudioFileError) -> SoundFile {
        let sound = SoundFile(file, base: base, length: 0, header: header, isWriting: true)
        try sound.open(mode: Int32(SFM_WRITE))
        return sound
    }

    private func open(mode: Int32) throws(AudioFileError) {
        var calls = unsafe SF_VIRTUAL_IO(
            get_filelen: { unsafe sf_count_t(SoundFile.from($0)?.length ?? 0) },
            seek: { unsafe sf_count_t(SoundFile.from($2)?.seek(Int($0), $1) ?? -1) },
            read: { unsafe sf_count_t(SoundFile.from($2)?.read($0, Int($1)) ?? 0) },
            write: { unsafe sf_count_t(SoundFile.from($2)?.write($0, Int($1)) ?? 0) },
            tell: { unsafe sf_count_t(SoundFile.from($0)?.offset ?? 0) })
        var info = SF_INFO()
        if isWriting {
            info.samplerate = Int32(header.rate)
            info.channels = Int32(header.channels)
            info.format = Int32(header.format)
        }
        let me = unsafe Unmanaged.passUnretained(self).toOpaque()
        unsafe handle = unsafe sf_open_virtual(&calls, mode, &info, me)
        guard unsafe handle != nil else {
            if let failure { throw isWriting ? .writing(failure, file.path) : .reading(failure) }
            let reason = unsafe SoundFile.text(sf_strerror(nil))
            throw AudioFileError(
                isWriting ? .impossibleFormat : .notAudio, file.path, reason: reason)
        }
        header = Header(
            samples: Int(info.frames), rate: Int(info.samplerate), channels: Int(info.channels),
            format: Int(info.format), isSeekable: info.seekable != 0)
    }

    /// Reads interleaved integers at full scale 2^31.
    ///
    /// - Returns: samples a channel; fewer than asked for only at the end.
    func read(into buffer: inout [Int32], count: Int) throws(AudioFileError) -> Int {
        precondition(buffer.count >= count * header.channels)
        if damage != nil { return 0 }
        let done = unsafe Int(sf_readf_int(handle, &buffer, sf_count_t(count)))
        try checkReading()
        return done
    }

    /// Reads interleaved floats.
    ///
    /// - Returns: samples a channel; fewer than asked for only at the end.
    func read(into buffer: inout [Float], count: Int) throws(AudioFileError) -> Int {
        precondition(buffer.count >= count * header.channels)
        if damage != nil { return 0 }
        let done = unsafe Int(sf_readf_float(handle, &buffer, sf_count_t(count)))
        try checkReading()
        return done
    }

    /// Writes interleaved integers at full scale 2^31.
    func write(_ buffer: [Int32], count: Int) throws(AudioFileError) {
        precondition(buffer.count >= count * header.channels)
        let done = unsafe Int(sf_writef_int(handle, buffer, sf_count_t(count)))
        try checkWriting(done == count)
    }

    /// Writes interleaved floats.
    func write(_ buffer: [Float], count: Int) throws(AudioFileError) {
        precondition(buffer.count >= count * header.channels)
        // libsndfile puts as much as it is given at once on the stack of its Vorbis encoder.
        let step = 1 << 12
        for start in stride(from: 0, to: count, by: step) {
            let size = min(step, count - start)
            let done = unsafe buffer.withUnsafeBufferPointer { samples in
                let place = unsafe samples.baseAddress.map { unsafe $0 + start * header.channels }
                return unsafe Int(sf_writef_float(handle, place, sf_count_t(size)))
            }
            try checkWriting(done == size)
        }
    }

    /// Goes to a sample; false where the file cannot.
    func seek(toSample sample: Int) -> Bool {
        guard header.isSeekable else { return false }
        return unsafe sf_seek(handle, sf_count_t(sample), Int32(SF_SEEK_SET)) == sf_count_t(sample)
    }

    /// Writes what the library still holds and the final header.
    func close() throws(AudioFileError) {
        guard let open = unsafe handle else { return }
        unsafe handle = nil
        let status = unsafe sf_close(open)
        guard isWriting else { return }
        flush(waiting.count)
        if let failure { throw .writing(failure, file.path) }
        if status != 0 {
            let reason = unsafe SoundFile.text(sf_error_number(status))
            throw AudioFileError(.writeFailed, file.path, reason: reason)
        }
    }

    /// Sends one of libsndfile's switches.
    func command(_ number: Int, on: Bool) {
        _ = unsafe sf_command(handle, Int32(number), nil, on ? Int32(SF_TRUE) : 0)
    }

    /// Sends one of libsndfile's settings.
    func command(_ number: Int, value: Double) {
        var value = value
        let size = Int32(MemoryLayout<Double>.size)
        _ = unsafe sf_command(handle, Int32(number), &value, size)
    }

    /// One of the texts that libsndfile finds in a file.
    func text(_ number: Int) -> [UInt8]? {
        guard let words = unsafe sf_get_string(handle, Int32(number)) else { return nil }
        var bytes: [UInt8] = []
        while unsafe words[bytes.count] != 0 {
            bytes.append(UInt8(bitPattern: unsafe words[bytes.count]))
        }
        return bytes
    }

    /// Gives a new file one of libsndfile's texts; formats that have no such text leave it out.
    func setText(_ number: Int, _ text: String) {
        _ = unsafe sf_set_string(handle, Int32(number), text)
    }

    /// Gives a new file a chunk of its own, filled up to a multiple of four bytes.
    func addChunk(_ name: String, _ content: [UInt8]) {
        var bytes = content + [UInt8](repeating: 0, count: -content.count & 3)
        var chunk = unsafe SF_CHUNK_INFO()
        unsafe withUnsafeMutableBytes(of: &chunk.id) { unsafe $0.copyBytes(from: name.utf8) }
        unsafe chunk.id_size = UInt32(name.utf8.count)
        unsafe chunk.datalen = UInt32(bytes.count)
        unsafe bytes.withUnsafeMutableBytes { buffer in
            unsafe chunk.data = buffer.baseAddress
            // libsndfile copies the bytes.
            _ = unsafe sf_set_chunk(handle, &chunk)
        }
    }

    private func checkReading() throws(AudioFileError) {
        if let failure { throw .reading(failure) }
        let status = unsafe sf_error(handle)
        if status != SF_ERR_NO_ERROR {
            damage = unsafe SoundFile.text(sf_error_number(status)) ?? ""
        }
    }

    private func checkWriting(_ isComplete: Bool) throws(AudioFileError) {
        if let failure { throw .writing(failure, file.path) }
        let status = unsafe sf_error(handle)
        if status != SF_ERR_NO_ERROR || !isComplete {
            let reason = unsafe SoundFile.text(sf_error_number(status))
            throw AudioFileError(.writeFailed, file.path, reason: reason)
        }
    }

    private static func text(_ words: UnsafePointer<CChar>?) -> String? {
        guard let words = unsafe words else { return nil }
        return unsafe String(cString: words)
    }
}

// What libsndfile calls.
extension SoundFile {
    fileprivate static func from(_ pointer: UnsafeMutableRawPointer?) -> SoundFile? {
        guard let pointer = unsafe pointer else { return nil }
        return unsafe Unmanaged<SoundFile>.fromOpaque(pointer).takeUnretainedValue()
    }

    fileprivate func seek(_ distance: Int, _ origin: Int32) -> Int {
        let base =
            switch Int(origin) {
            case SF_SEEK_SET: 0
            case SF_SEEK_CUR: offset
            default: length
            }
        let (place, overflow) = base.addingReportingOverflow(distance)
        if overflow || place < 0 { return -1 }
        offset = place
        return place
    }

    /// Reads through a cache, because decoders ask for a few bytes at a time.
    fileprivate func read(_ destination: UnsafeMutableRawPointer?, _ count: Int) -> Int {
        guard let destination = unsafe destination, count > 0, failure == nil else { return 0 }
        if offset > trueLength {
            if offset > Int.max - count { return 0 }
            unsafe destination.initializeMemory(as: UInt8.self, repeating: 0, count: count)
            offset += count
            return count
        }
        if count > trueLength - offset { metEnd = true }
        let count = min(count, trueLength - offset)
        var done = 0
        while done < count {
            if !cached.contains(offset) {
                guard fillCache() else { break }
            }
            let start = offset - cached.lowerBound
            let size = min(count - done, cached.count - start)
            unsafe cache.withUnsafeBytes { bytes in
                let target = unsafe UnsafeMutableRawBufferPointer(
                    start: destination + done, count: size)
                unsafe target.copyMemory(
                    from: UnsafeRawBufferPointer(rebasing: bytes[start..<start + size]))
            }
            done += size
            offset += size
        }
        return done
    }

    private func fillCache() -> Bool {
        if cache.isEmpty { cache = [UInt8](repeating: 0, count: SoundFile.cacheSize) }
        cached = offset..<offset
        unsafe cache.withUnsafeMutableBytes { bytes in
            do throws(StorageError) {
                let count = try unsafe file.read(into: bytes, at: base + offset)
                cached = offset..<offset + count
                if count == 0 { metEnd = true }
            } catch {
                failure = error
            }
        }
        return !cached.isEmpty
    }

    fileprivate func write(_ source: UnsafeRawPointer?, _ count: Int) -> Int {
        guard let source = unsafe source, count > 0, isWriting, failure == nil else { return 0 }
        if offset != waitingStart + waiting.count {
            flush(waiting.count)
            waitingStart = offset
        }
        unsafe waiting.append(contentsOf: UnsafeRawBufferPointer(start: source, count: count))
        offset += count
        length = max(length, offset)
        let rest = SoundFile.writeSize - (base + waitingStart) % SoundFile.writeSize
        if waiting.count >= rest {
            flush(rest + (waiting.count - rest) / SoundFile.writeSize * SoundFile.writeSize)
        }
        return failure == nil ? count : 0
    }

    /// Writes the first of the waiting bytes.
    private func flush(_ count: Int) {
        guard count > 0, failure == nil else { return }
        unsafe waiting.withUnsafeBytes { bytes in
            let part = unsafe UnsafeRawBufferPointer(rebasing: bytes[..<count])
            do throws(StorageError) {
                try unsafe file.write(part, at: base + waitingStart)
            } catch {
                failure = error
            }
        }
        waitingStart += count
        waiting.removeFirst(count)
    }
}
