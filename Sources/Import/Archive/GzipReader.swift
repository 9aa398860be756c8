private import CZlib
import Storage

/// The bytes that a gzip file (RFC 1952) holds, from its beginning to its end.
@safe final class GzipReader {
    private let file: OpenFile
    private var offset = 0
    private var pending: [UInt8] = []
    private var used = 0
    private var hasEnded = false
    private let stream: UnsafeMutablePointer<z_stream>
    /// Bytes given out so far.
    private(set) var position = 0

    /// Bytes that are read from the file at a time.
    private static let pieceLength = 1 << 18

    /// A reader at the beginning of a file.
    init(_ file: OpenFile) {
        self.file = file
        unsafe stream = .allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        // 15 bits of window, and 16 for a gzip header.
        let status = unsafe inflateInit2_(
            stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        precondition(status == Z_OK, "zlib has memory for its window")
    }

    deinit {
        unsafe inflateEnd(stream)
        unsafe stream.deallocate()
    }

    /// Gives the next bytes, fewer than `count` only at the end.
    ///
    /// - Throws: ``ImportError/damagedArchive(path:reason:)`` for bytes that are no whole gzip file,
    ///   ``ImportError/storage(_:)``.
    func read(_ count: Int) throws(ImportError) -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count, !hasEnded {
            if used == pending.count { try refill() }
            // Room grows with what is really there, whatever a header promised.
            var room = [UInt8](repeating: 0, count: min(count - bytes.count, 1 << 20))
            let (written, status) = inflate(into: &room)
            guard status == Z_OK || status == Z_STREAM_END || status == Z_BUF_ERROR else {
                throw .damagedArchive(path: file.path, reason: "inflate gives \(status)")
            }
            hasEnded = status == Z_STREAM_END
            bytes.append(contentsOf: room.prefix(written))
        }
        position += bytes.count
        return bytes
    }

    private func refill() throws(ImportError) {
        do { pending = try file.read(Self.pieceLength, at: offset) } catch {
            throw .storage(error)
        }
        guard !pending.isEmpty else {
            throw .damagedArchive(path: file.path, reason: "it ends too early")
        }
        offset += pending.count
        used = 0
    }

    private func inflate(into room: inout [UInt8]) -> (written: Int, status: Int32) {
        let stream = unsafe self.stream
        let (start, left, capacity) = (used, pending.count - used, room.count)
        let status = unsafe pending.withUnsafeMutableBufferPointer { source in
            unsafe room.withUnsafeMutableBufferPointer { target in
                unsafe stream.pointee.next_in = source.baseAddress.map { unsafe $0 + start }
                unsafe stream.pointee.avail_in = UInt32(left)
                unsafe stream.pointee.next_out = target.baseAddress
                unsafe stream.pointee.avail_out = UInt32(capacity)
                return unsafe CZlib.inflate(stream, Z_NO_FLUSH)
            }
        }
        used = unsafe pending.count - Int(stream.pointee.avail_in)
        return unsafe (capacity - Int(stream.pointee.avail_out), status)
    }
}
