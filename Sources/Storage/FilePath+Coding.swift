extension FilePath: Codable {
    private enum CodingKeys: String, CodingKey { case hex }

    /// Reads what ``encode(to:)`` writes.
    package init(from decoder: any Decoder) throws {
        if let text = try? decoder.singleValueContainer().decode(String.self) {
            self.init(text)
            return
        }
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let digits = Array(try container.decode(String.self, forKey: .hex).utf8)
        var bytes: [UInt8] = []
        for start in stride(from: 0, to: digits.count, by: 2) {
            let pair = String(decoding: digits[start..<min(start + 2, digits.count)], as: UTF8.self)
            guard pair.utf8.count == 2, let byte = UInt8(pair, radix: 16) else {
                throw DecodingError.dataCorruptedError(
                    forKey: .hex, in: container, debugDescription: "are no bytes in hexadecimal")
            }
            bytes.append(byte)
        }
        self.init(bytes: bytes)
    }

    /// Writes a string where the bytes are UTF-8, else an object that holds their hexadecimal digits.
    package func encode(to encoder: any Encoder) throws {
        if isUTF8 {
            var container = encoder.singleValueContainer()
            try container.encode(description)
            return
        }
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(SHA256Digest.hexadecimal(bytes), forKey: .hex)
    }
}
