package import Storage

/// Reads the lines of a journal, of which the last may be torn and any may be damaged.
package struct JournalReader {
    /// Where a line lies in its file.
    package struct Place: Sendable, Hashable {
        /// The first byte.
        package let offset: Int
        /// Bytes, without the end of the line.
        package let length: Int
    }

    /// Bytes of the longest line that is read; longer ones are damage.
    package static let longestLine = 1 << 24
    private static let newline = UInt8(ascii: "\n")

    /// Lines that could not be understood.
    package private(set) var damaged = 0
    /// The end of the last line that ends as it must.
    package private(set) var end = 0
    /// The bytes behind that: a torn line.
    package private(set) var tail: [UInt8] = []

    /// Reads a file from its beginning to its end, as far as it is there now.
    ///
    /// - Parameter body: is given each line that this program understands.
    package init(_ file: OpenFile, _ body: (JournalLine, Place) -> Void) throws(StorageError) {
        var offset = 0
        var isTooLong = false
        while true {
            let piece = try file.read(1 << 20, at: offset)
            if piece.isEmpty { break }
            offset += piece.count
            var start = 0
            while let stop = piece[start...].firstIndex(of: Self.newline) {
                let part = piece[start..<stop]
                let line = tail.isEmpty ? Array(part) : tail + part
                let place = Place(offset: end, length: offset - piece.count + stop - end)
                if isTooLong {
                    damaged += 1
                } else if let read = JournalLine(line) {
                    body(read, place)
                } else if !line.isEmpty {
                    damaged += 1
                }
                (tail, isTooLong) = ([], false)
                start = stop + 1
                end = offset - piece.count + start
            }
            if tail.count + piece.count - start > Self.longestLine {
                (tail, isTooLong) = ([], true)
            }
            if !isTooLong { tail += piece[start...] }
        }
        if isTooLong { damaged += 1 }
    }
}
