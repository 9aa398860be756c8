private import CCrypto

/// The MD5 of RFC 1321, by which others name files; it protects nothing.
package enum MD5 {
    /// The 32 hexadecimal digits, in lower case; nil where the library refuses to give them, as one
    /// that is held to a standard without MD5 does.
    package static func hex(of bytes: [UInt8]) -> String? {
        var digest = [UInt8](repeating: 0, count: 16)
        let status = unsafe EVP_Digest(bytes, bytes.count, &digest, nil, EVP_md5(), nil)
        guard status == 1 else { return nil }
        let digits = Array("0123456789abcdef".utf8)
        return String(
            decoding: digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] },
            as: UTF8.self)
    }
}
