private import CPNG

/// Writes pictures of at most 256 colours as PNG.
package enum PNGWriter {
    /// A picture that libpng did not take.
    package struct Fault: Error, Sendable, Hashable {
        /// What libpng said.
        package let reason: String
    }

    /// A colour, 0...255 each.
    package typealias Color = SIMD3<UInt8>

    /// Encodes a picture.
    ///
    /// - Parameters:
    ///   - pixels: `[row, column]`, column-fastest, the topmost row first: indices into `palette`.
    ///   - palette: 1 to 256 colours.
    /// - Throws: ``Fault``.
    package static func encode(
        width: Int, height: Int, pixels: [UInt8], palette: [Color]
    ) throws(Fault) -> [UInt8] {
        precondition(width > 0 && height > 0 && pixels.count == width * height)
        precondition(1...256 ~= palette.count)
        precondition(pixels.allSatisfy { Int($0) < palette.count })
        let map = palette.flatMap { [$0.x, $0.y, $0.z] }
        var image = unsafe png_image()
        unsafe image.version = png_uint_32(PNG_IMAGE_VERSION)
        unsafe image.width = png_uint_32(width)
        unsafe image.height = png_uint_32(height)
        unsafe image.format = PNG_INDEXED_COLORS
        unsafe image.colormap_entries = png_uint_32(palette.count)
        // Deflate adds five bytes to a block of what it cannot make smaller; the rest is for chunks.
        let plain = (width + 1) * height
        var size = png_alloc_size_t(plain + plain / 512 + 4096)
        var bytes = [UInt8](repeating: 0, count: Int(size))
        let done = unsafe png_image_write_to_memory(
            &image, &bytes, &size, 0, pixels, 0, map)
        defer { unsafe png_image_free(&image) }
        guard done != 0 else { throw Fault(reason: unsafe message(of: image)) }
        bytes.removeLast(bytes.count - Int(size))
        return bytes
    }

    private static func message(of image: png_image) -> String {
        unsafe withUnsafeBytes(of: image.message) { bytes in
            unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
    }
}
