import Storage

/// What libsndfile gets wrong in the header of an AIFF file, put right.
///
/// It counts the byte that pads an odd number of bytes as sound, and it puts the time of day into
/// the chunk of peaks, which would make the same input give other bytes each time.
enum AIFFHeader {
    /// Corrects a finished file.
    ///
    /// - Parameters:
    ///   - length: samples a channel.
    ///   - stride: bytes of one sample of all channels.
    static func correct(_ file: OpenFile, length: Int, stride: Int) throws(StorageError) {
        let size = try file.status().size
        var place = 12
        while place + 8 <= size {
            let head = try file.read(16, at: place)
            guard head.count >= 8 else { return }
            let chunk = head[4..<8].reduce(0) { $0 << 8 | Int($1) }
            switch Array(head[0..<4]) {
            case Array("COMM".utf8):
                try file.write(bigEndian(length), at: place + 10)
            case Array("PEAK".utf8):
                try file.write(bigEndian(0), at: place + 12)
            case Array("SSND".utf8):
                try file.write(bigEndian(length * stride + 8), at: place + 4)
                return
            default:
                break
            }
            place += 8 + chunk + chunk % 2
        }
    }

    private static func bigEndian(_ value: Int) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
    }
}
