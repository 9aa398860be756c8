/// Changes files as disks, networks and people with time on their hands do.
package struct Mutator: RandomNumberGenerator {
    private var state: UInt64

    /// A mutator that makes the same changes whenever it is made anew.
    package init(seed: UInt64) { state = seed }

    /// The next of SplitMix64's numbers (G.
    ///
    /// Steele, D. Lea and C. Flood, 2014).
    package mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var value = state
        value = (value ^ value >> 30) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ value >> 27) &* 0x94d0_49bb_1331_11eb
        return value ^ value >> 31
    }

    /// Random bytes, as many as a random number of the range.
    package mutating func bytes(_ count: Range<Int>) -> [UInt8] {
        (0..<Int.random(in: count, using: &self)).map { _ in .random(in: 0...255, using: &self) }
    }

    /// Random octal digits.
    package mutating func digits(_ count: Int) -> String {
        String((0..<count).map { _ in "01234567".randomElement(using: &self) ?? "0" })
    }

    /// The bytes after one to four changes.
    package mutating func mutated(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...4, using: &self) {
            guard !bytes.isEmpty else { return bytes }
            let place = Int.random(in: bytes.indices, using: &self)
            let end = min(bytes.count, place + Int.random(in: 1...40, using: &self))
            switch Int.random(in: 0..<8, using: &self) {
            case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &self)
            case 1: bytes[place] = .random(in: 0...255, using: &self)
            case 2: bytes[place] = [0, 1, 127, 128, 255].randomElement(using: &self) ?? 0
            case 3: bytes.removeSubrange(place..<end)
            case 4: bytes.insert(contentsOf: self.bytes(1..<12), at: place)
            case 5: bytes.insert(contentsOf: bytes[place..<end], at: place)
            case 6: bytes.removeSubrange(place...)
            default:
                let other = Int.random(in: bytes.indices, using: &self)
                bytes.swapAt(place, other)
            }
        }
        return bytes
    }
}
