/// A stream of bytes by its descriptor: one end of a pipe, or a file that is read from front to back.
///
/// A plain value: whoever opened it closes it, once.
package struct ByteStream: Sendable {
    /// The system's number for it, -1 for none.
    package let descriptor: Int32

    /// No stream.
    package static let none = ByteStream(-1)

    /// The stream that has this number.
    package init(_ descriptor: Int32) { self.descriptor = descriptor }

    /// Whether there is one.
    package var isOpen: Bool { descriptor >= 0 }

    /// Reads once what there is, and waits where there is nothing yet.
    ///
    /// - Returns: how many bytes were read, 0 at the end; a negative `errno` where it failed.
    package func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        unsafe System.readOn(descriptor, into: buffer)
    }

    /// Writes all bytes.
    ///
    /// - Returns: false where nobody reads them any more.
    package func write(_ bytes: [UInt8]) -> Bool {
        unsafe bytes.withUnsafeBytes { all in
            var done = 0
            while done < all.count {
                let rest = unsafe UnsafeRawBufferPointer(rebasing: all[done...])
                let count = unsafe System.writeOn(descriptor, from: rest)
                if count <= 0 { return false }
                done += count
            }
            return true
        }
    }

    /// Closes it, if there is one.
    package func close() { if isOpen { _ = System.shut(descriptor) } }
}
