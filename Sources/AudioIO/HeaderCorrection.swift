import Storage

/// What libsndfile gets wrong in the headers of its files, put right.
enum HeaderCorrection {
    /// Corrects a finished AIFF file.
    ///
    /// libsndfile counts the byte that pads an odd number of bytes as sound, and it puts the time of
    /// day into the chunk of peaks, so that the same input would give other bytes each time.
    ///
    /// - Parameters:
    ///   - length: samples a channel.
    ///   - stride: bytes of one sample of all channels.
    static func correctAIFF(
        _ file: OpenFile, length: Int, stride: Int
    ) throws(StorageError) {
        var window = ByteWindow(file, byteCount: try file.status().size)
        var place = 12
        while let size = try window.integer(4, at: place + 4, bigEndian: true) {
            if try window.has("COMM", at: place) {
                try file.write(bigEndian(length), at: place + 10)
            } else if try window.has("PEAK", at: place) {
                try file.write(bigEndian(0), at: place + 12)
            } else if try window.has("SSND", at: place) {
                return try file.write(bigEndian(length * stride + 8), at: place + 4)
            }
            place += 8 + size + size % 2
        }
    }

    /// Takes the time of day out of a finished file that was begun as RF64.
    static func correctRF64(_ file: OpenFile) throws(StorageError) {
        var window = ByteWindow(file, byteCount: try file.status().size)
        var place = 12
        while let size = try window.integer(4, at: place + 4, bigEndian: false) {
            if try window.has("PEAK", at: place) {
                return try file.write(bigEndian(0), at: place + 12)
            }
            if try window.has("data", at: place) { return }
            place += 8 + size + size % 2
        }
    }

    private static func bigEndian(_ value: Int) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
    }
}
