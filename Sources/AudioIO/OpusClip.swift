private import CSndFile
import Storage

/// A short stretch of sound as an Ogg Opus file in memory, for a page that plays it.
///
/// Opus knows few sample rates; the clip always says 48 kHz, and whoever plays it gives the decoded
/// samples their true rate. So sample n of the clip is sample n of the sound, with no resampling in
/// between. The code keeps what lies below 0.83 of half the true rate.
package enum OpusClip {
    /// The rate that every clip says it has, in Hz.
    package static let declaredRate = 48_000

    /// Encodes samples at about 48 kbit/s a channel.
    ///
    /// - Parameter samples: `[channel][sample]`, one or two channels of the same length.
    /// - Throws: ``AudioFileError`` with `writeFailed`, and with `impossibleFormat` where libsndfile
    ///   was built without Opus.
    package static func encode(_ samples: [[Float]]) throws(AudioFileError) -> [UInt8] {
        precondition(1...2 ~= samples.count)
        let target = MemoryFile()
        var calls = unsafe SF_VIRTUAL_IO(
            get_filelen: { unsafe sf_count_t(MemoryFile.from($0).bytes.count) },
            seek: { unsafe sf_count_t(MemoryFile.from($2).seek(Int($0), $1)) },
            read: { _, _, _ in 0 },
            write: { unsafe sf_count_t(MemoryFile.from($2).write($0, Int($1))) },
            tell: { unsafe sf_count_t(MemoryFile.from($0).offset) })
        var info = SF_INFO()
        info.samplerate = Int32(declaredRate)
        info.channels = Int32(samples.count)
        info.format = Int32(SF_FORMAT_OGG) | Int32(SF_FORMAT_OPUS)
        let me = unsafe Unmanaged.passUnretained(target).toOpaque()
        guard let handle = unsafe sf_open_virtual(&calls, Int32(SFM_WRITE), &info, me) else {
            throw AudioFileError(.impossibleFormat, "")
        }
        // libsndfile's scale runs from 256 kbit/s a channel at 0 to 6 kbit/s at 1.
        var level = 0.83
        _ = unsafe sf_command(
            handle, Int32(SFC_SET_COMPRESSION_LEVEL), &level, Int32(MemoryLayout<Double>.size))
        let isWhole = unsafe write(samples, to: handle)
        let status = unsafe sf_close(handle)
        guard isWhole, status == 0 else { throw AudioFileError(.writeFailed, "") }
        var bytes = target.bytes
        OggSerial.settle(&bytes)
        return bytes
    }

    private static func write(_ samples: [[Float]], to handle: OpaquePointer) -> Bool {
        let (channels, count) = (samples.count, samples[0].count)
        var mixed = [Float](repeating: 0, count: channels * count)
        for (channel, values) in samples.enumerated() {
            precondition(values.count == count, "the channels of a clip have one length")
            let source = values.span
            var target = mixed.mutableSpan
            for sample in 0..<count { target[sample * channels + channel] = source[sample] }
        }
        return unsafe sf_writef_float(handle, mixed, sf_count_t(count)) == sf_count_t(count)
    }
}

/// The bytes that libsndfile writes.
private final class MemoryFile {
    private(set) var bytes: [UInt8] = []
    private(set) var offset = 0

    static func from(_ pointer: UnsafeMutableRawPointer?) -> MemoryFile {
        guard let pointer = unsafe pointer else { return MemoryFile() }
        return unsafe Unmanaged<MemoryFile>.fromOpaque(pointer).takeUnretainedValue()
    }

    func seek(_ distance: Int, _ origin: Int32) -> Int {
        let base =
            Int(origin) == SF_SEEK_SET ? 0 : Int(origin) == SF_SEEK_CUR ? offset : bytes.count
        let (place, overflow) = base.addingReportingOverflow(distance)
        if overflow || !(0...bytes.count ~= place) { return -1 }
        offset = place
        return place
    }

    func write(_ source: UnsafeRawPointer?, _ count: Int) -> Int {
        guard let source = unsafe source, count > 0 else { return 0 }
        let fresh = unsafe Array(UnsafeRawBufferPointer(start: source, count: count))
        let end = min(offset + count, bytes.count)
        bytes.replaceSubrange(offset..<end, with: fresh)
        offset += count
        return count
    }
}
