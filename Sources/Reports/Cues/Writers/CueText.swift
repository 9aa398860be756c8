/// Text or bytes that are put together in memory and handed on whenever there is enough of them.
package struct CueText {
    private var bytes: [UInt8] = []
    private let deliver: ([UInt8]) throws -> Void
    private static let limit = 1 << 16

    /// An empty text.
    ///
    /// - Parameter deliver: takes the bytes in order.
    package init(_ deliver: @escaping ([UInt8]) throws -> Void) { self.deliver = deliver }

    /// Hands on what is left.
    package mutating func finish() throws {
        if !bytes.isEmpty { try deliver(bytes) }
        bytes.removeAll(keepingCapacity: true)
    }

    mutating func put(_ text: String) throws {
        bytes += text.utf8
        try handOn()
    }

    mutating func put(_ more: [UInt8]) throws {
        bytes += more
        try handOn()
    }

    /// Puts a number with so many decimals; what is no finite number is put as 0.
    mutating func put(_ value: Double, decimals: Int) throws {
        try put(CueText.fixed(value, decimals: decimals))
    }

    private mutating func handOn() throws {
        if bytes.count >= CueText.limit { try finish() }
    }

    /// A number with so many decimals, without the zeros that end it.
    static func fixed(_ value: Double, decimals: Int) -> String {
        guard value.isFinite, abs(value) < 1e12 else { return "0" }
        var scale = 1
        for _ in 0..<decimals { scale *= 10 }
        let scaled = Int((value * Double(scale)).rounded())
        let (whole, part) = abs(scaled).quotientAndRemainder(dividingBy: scale)
        let sign = scaled < 0 ? "-" : ""
        if part == 0 { return "\(sign)\(whole)" }
        var digits = String(part)
        digits = String(repeating: "0", count: decimals - digits.count) + digits
        while digits.hasSuffix("0") { digits.removeLast() }
        return "\(sign)\(whole).\(digits)"
    }

    /// A string of JSON with its quotation marks.
    static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\u{0}"..<" ":
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }

    /// A field of CSV: in quotation marks where it needs them.
    static func field(_ text: String) -> String {
        guard text.contains(where: { ",\"\n\r".contains($0) }) else { return text }
        return "\""
            + text.split(separator: "\"", omittingEmptySubsequences: false)
            .joined(separator: "\"\"") + "\""
    }
}
