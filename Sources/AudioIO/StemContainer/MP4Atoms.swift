import Storage

/// The atoms (boxes) of an MP4 file: four bytes of size with the head, four letters, the content.
///
/// A size of 1 means that eight bytes of size follow the letters; a size of 0, as far as it goes.
/// (ISO/IEC 14496-12, 4.2)
struct MP4Atom: Hashable {
    let name: String
    /// Where its head begins.
    let start: Int
    /// Where its content begins.
    let content: Int
    /// The byte after it.
    let end: Int

    /// The atoms that fill a stretch of bytes exactly; nil where they do not.
    static func list(_ bytes: [UInt8], _ range: Range<Int>) -> [MP4Atom]? {
        var atoms: [MP4Atom] = []
        var place = range.lowerBound
        while place < range.upperBound {
            guard place + 8 <= range.upperBound else { return nil }
            var size = bytes.integer(4, at: place, bigEndian: true)
            var head = 8
            if size == 1 {
                // A moov of 2^56 bytes is none.
                guard place + 16 <= range.upperBound, bytes[place + 8] == 0 else { return nil }
                size = bytes.integer(7, at: place + 9, bigEndian: true)
                head = 16
            } else if size == 0 {
                size = range.upperBound - place
            }
            guard size >= head, size <= range.upperBound - place else { return nil }
            atoms.append(
                MP4Atom(
                    name: String(decoding: bytes[place + 4..<place + 8], as: UTF8.self),
                    start: place, content: place + head, end: place + size))
            place += size
        }
        return atoms
    }

    /// The atoms of a whole file by their heads; nil where they do not fill it.
    static func list(_ window: inout ByteWindow) throws(StorageError) -> [MP4Atom]? {
        var atoms: [MP4Atom] = []
        var place = 0
        while place < window.byteCount {
            guard var size = try window.integer(4, at: place, bigEndian: true),
                let letters = try window.read(4, at: place + 4)
            else { return nil }
            let name = String(decoding: letters, as: UTF8.self)
            var head = 8
            if size == 1 {
                guard let long = try window.integer(8, at: place + 8, bigEndian: true) else {
                    return nil
                }
                size = long
                head = 16
            } else if size == 0 {
                size = window.byteCount - place
            }
            guard size >= head, size <= window.byteCount - place else { return nil }
            atoms.append(
                MP4Atom(name: name, start: place, content: place + head, end: place + size))
            place += size
        }
        return atoms
    }
}

/// The movie atom of an MP4 file in memory, into which a description of stems is put.
struct MovieAtom {
    /// All bytes, head included.
    private(set) var bytes: [UInt8]

    /// Why a movie atom is not one that stems can be put into.
    enum Fault: Error, Hashable {
        /// The atoms within do not fill it.
        case malformed
        /// Not the right number of tracks.
        case tracks(Int)
        /// It would pass the size that four bytes can say.
        case tooLong
    }

    /// Takes the bytes of an atom `moov` with four bytes of size.
    init(_ bytes: [UInt8]) throws(Fault) {
        self.bytes = bytes
        guard let outer = MP4Atom.list(bytes, 0..<bytes.count), outer.count == 1,
            outer[0].name == "moov", outer[0].content == 8, bytes.count <= Int(UInt32.max)
        else { throw .malformed }
    }

    /// The atoms directly within.
    private var parts: [MP4Atom] {
        get throws(Fault) {
            guard let atoms = MP4Atom.list(bytes, 8..<bytes.count) else { throw .malformed }
            return atoms
        }
    }

    /// How many tracks there are.
    var trackCount: Int {
        get throws(Fault) { try parts.count { $0.name == "trak" } }
    }

    /// Puts an atom into `udta`, which is made where there is none, in place of one of its name.
    mutating func setUserData(_ name: String, _ content: [UInt8]) throws(Fault) {
        var atom: [UInt8] = []
        atom.append(8 + content.count, bytes: 4, bigEndian: true)
        atom += Array(name.utf8) + content
        if let user = try parts.first(where: { $0.name == "udta" }) {
            // QuickTime ends this list by four bytes of zero.
            var end = user.end
            if end - user.content >= 4, bytes[(end - 4)..<end].allSatisfy({ $0 == 0 }),
                MP4Atom.list(bytes, user.content..<end) == nil
            {
                end -= 4
            }
            guard let old = MP4Atom.list(bytes, user.content..<end) else { throw .malformed }
            var kept: [UInt8] = []
            for part in old where part.name != name { kept += bytes[part.start..<part.end] }
            let all = kept + atom
            var whole: [UInt8] = []
            whole.append(8 + all.count, bytes: 4, bigEndian: true)
            whole += Array("udta".utf8) + all
            bytes.replaceSubrange(user.start..<user.end, with: whole)
        } else {
            bytes.append(8 + atom.count, bytes: 4, bigEndian: true)
            bytes += Array("udta".utf8) + atom
        }
        guard bytes.count <= Int(UInt32.max) else { throw .tooLong }
        for index in 0..<4 {
            bytes[index] = UInt8(truncatingIfNeeded: bytes.count >> (24 - 8 * index))
        }
    }
}
