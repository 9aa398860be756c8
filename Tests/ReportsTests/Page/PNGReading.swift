private import CZlib
import Testing

/// A PNG file with a palette, read by the book (PNG specification, third edition) with zlib alone.
struct PNGReading {
    let width: Int
    let height: Int
    /// `[row, column]`, the topmost row first.
    let pixels: [UInt8]
    /// Red, green and blue of each index.
    let palette: [[UInt8]]

    init(_ bytes: [UInt8]) throws {
        try #require(bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]))
        var chunks: [String: [UInt8]] = [:]
        var place = 8
        while place < bytes.count {
            let size = Self.number(bytes, place)
            let name = Array(bytes[place + 4..<place + 8])
            let content = Array(bytes[place + 8..<place + 8 + size])
            let sum = unsafe Int(crc32(0, name + content, uInt(4 + size)))
            try #require(sum == Self.number(bytes, place + 8 + size))
            chunks[String(decoding: name, as: UTF8.self), default: []] += content
            place += 12 + size
        }
        let header = try #require(chunks["IHDR"])
        width = Self.number(header, 0)
        height = Self.number(header, 4)
        // Eight bits, a palette, not interlaced.
        try #require(Array(header[8...]) == [8, 3, 0, 0, 0])
        let colors = try #require(chunks["PLTE"])
        palette = stride(from: 0, to: colors.count, by: 3).map { Array(colors[$0..<$0 + 3]) }
        let packed = try #require(chunks["IDAT"])
        var plain = [UInt8](repeating: 0, count: (width + 1) * height)
        var size = uLongf(plain.count)
        let status = unsafe uncompress(&plain, &size, packed, uLong(packed.count))
        try #require(status == Z_OK && Int(size) == plain.count)
        pixels = try Self.unfiltered(plain, width: width, height: height)
    }

    private static func unfiltered(
        _ plain: [UInt8], width: Int, height: Int
    ) throws -> [UInt8] {
        var pixels = [UInt8](repeating: 0, count: width * height)
        for row in 0..<height {
            let kind = plain[row * (width + 1)]
            try #require(kind <= 4)
            for column in 0..<width {
                let left = column > 0 ? Int(pixels[row * width + column - 1]) : 0
                let above = row > 0 ? Int(pixels[(row - 1) * width + column]) : 0
                let corner =
                    row > 0 && column > 0 ? Int(pixels[(row - 1) * width + column - 1]) : 0
                let guess =
                    switch kind {
                    case 1: left
                    case 2: above
                    case 3: (left + above) / 2
                    case 4: paeth(left, above, corner)
                    default: 0
                    }
                pixels[row * width + column] =
                    plain[row * (width + 1) + 1 + column] &+ UInt8(guess)
            }
        }
        return pixels
    }

    private static func paeth(_ left: Int, _ above: Int, _ corner: Int) -> Int {
        let guess = left + above - corner
        let distances = (abs(guess - left), abs(guess - above), abs(guess - corner))
        if distances.0 <= distances.1 && distances.0 <= distances.2 { return left }
        return distances.1 <= distances.2 ? above : corner
    }

    private static func number(_ bytes: [UInt8], _ place: Int) -> Int {
        bytes[place..<place + 4].reduce(0) { $0 << 8 | Int($1) }
    }
}
