private import CCrypto

/// A SHA-256 (FIPS 180-4) of some bytes.
package struct SHA256Digest: Sendable, Hashable, CustomStringConvertible {
    /// The 32 bytes.
    package let bytes: [UInt8]

    /// The 64 hexadecimal digits in lower case.
    package var hex: String { Self.hexadecimal(bytes) }

    /// The same as ``hex``.
    package var description: String { hex }

    private static let digits = Array("0123456789abcdef".utf8)

    /// The digits of bytes, two each.
    static func hexadecimal(_ bytes: [UInt8]) -> String {
        String(
            decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] },
            as: UTF8.self)
    }

    /// The digest of all bytes of an array.
    package init(of bytes: [UInt8]) {
        let hasher = SHA256Hasher()
        hasher.update(bytes)
        self = hasher.finish()
    }

    /// The digest of all bytes of a file, read in pieces.
    package init(ofFileAt path: FilePath) throws(StorageError) {
        self = try SHA256Digest(of: try OpenFile.reading(path))
    }

    /// The digest of all bytes of an open file, read in pieces.
    ///
    /// - Parameter isEnough: asked before each piece; once it says so, the digest is that of the
    ///   bytes before.
    package init(
        of file: OpenFile, isEnough: () -> Bool = { false }
    ) throws(StorageError) {
        let hasher = SHA256Hasher()
        let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 64)
        defer { unsafe piece.deallocate() }
        var offset = 0
        while !isEnough() {
            let count = try unsafe file.read(into: piece, at: offset)
            if count == 0 { break }
            unsafe hasher.update(UnsafeRawBufferPointer(rebasing: piece[..<count]))
            offset += count
        }
        self = hasher.finish()
    }

    fileprivate init(digest: [UInt8]) { bytes = digest }
}

extension SHA256Digest: Codable {
    /// Reads 64 hexadecimal digits.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let digits = Array(try container.decode(String.self).utf8)
        let values = digits.compactMap { digit in
            Character(Unicode.Scalar(digit)).hexDigitValue.map(UInt8.init)
        }
        guard digits.count == 64, values.count == 64 else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "is no SHA-256")
        }
        bytes = stride(from: 0, to: 64, by: 2).map { values[$0] << 4 | values[$0 + 1] }
    }

    /// Writes ``hex``.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(hex)
    }
}

/// Takes bytes in pieces and gives their SHA-256.
@safe package final class SHA256Hasher {
    private let context: OpaquePointer

    /// A hasher of no bytes yet.
    package init() {
        guard let fresh = unsafe EVP_MD_CTX_new() else {
            preconditionFailure("no memory for a digest")
        }
        unsafe context = fresh
        start()
    }

    private func start() {
        let started = unsafe EVP_DigestInit_ex(context, EVP_sha256(), nil)
        precondition(started == 1, "libcrypto has SHA-256")
    }

    /// Adds bytes.
    package func update(_ bytes: [UInt8]) {
        unsafe bytes.withUnsafeBytes { unsafe update($0) }
    }

    /// Adds the bytes of a buffer.
    func update(_ bytes: UnsafeRawBufferPointer) {
        _ = unsafe EVP_DigestUpdate(context, bytes.baseAddress, bytes.count)
    }

    /// The digest of all bytes so far; the hasher then starts anew.
    package func finish() -> SHA256Digest {
        var digest = [UInt8](repeating: 0, count: 32)
        _ = unsafe EVP_DigestFinal_ex(context, &digest, nil)
        start()
        return SHA256Digest(digest: digest)
    }

    deinit { unsafe EVP_MD_CTX_free(context) }
}
