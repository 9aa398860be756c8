package import Storage

/// One of several equal parts of a batch, whose tracks it takes without asking the other parts.
///
/// A track's part follows from where its stems go below the output folder, and from nothing else:
/// not from the other tracks, the order, the machine or where its files are mounted.
package struct Shard: Sendable, Hashable, Codable {
    /// Which part, 1...count.
    package let number: Int
    /// How many parts there are, 1...100,000.
    package let count: Int

    /// A part; nil where there is no such one.
    package init?(_ number: Int, of count: Int) {
        guard (1...100_000).contains(count), (1...count).contains(number) else { return nil }
        self.number = number
        self.count = count
    }

    /// Reads `2/4`.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let number = Int(parts[0]), let count = Int(parts[1]) else {
            return nil
        }
        self.init(number, of: count)
    }

    /// Whether the track of this name is of this part: the first 8 bytes of the name's SHA-256 as a
    /// number, highest byte first, modulo the count.
    package func holds(_ key: FilePath) -> Bool {
        let number = SHA256Digest(of: key.bytes).bytes.prefix(8)
            .reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return Int(number % UInt64(count)) == self.number - 1
    }
}

extension Shard: CustomStringConvertible {
    /// As in `2/4`.
    package var description: String { "\(number)/\(count)" }
}
