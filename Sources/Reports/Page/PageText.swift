import Foundation

/// What the pages have in common: how foreign text gets into them, and nothing out.
enum PageText {
    /// The page's first lines.
    static func head(title: String, styles: [[UInt8]]) -> [UInt8] {
        var bytes = Array(
            """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta http-equiv="Content-Security-Policy" content="\(policy)">
            <meta name="generator" content="unbraid">
            <title>\(escaped(title))</title>
            <style>

            """.utf8)
        for style in styles { bytes += style }
        let end = """
            </style>
            </head>
            <body>
            <noscript>This page needs JavaScript.</noscript>

            """
        return bytes + Array(end.utf8)
    }

    /// The data that a page shows, its scripts, and the end of it.
    static func tail(data: some Encodable, scripts: [[UInt8]]) throws -> [UInt8] {
        var bytes = Array("<script type=\"application/json\" id=\"data\">".utf8)
        bytes += try json(data)
        bytes += Array("</script>\n<script>\n'use strict';\n".utf8)
        for script in scripts { bytes += script }
        return bytes + Array("</script>\n</body>\n</html>\n".utf8)
    }

    /// A value as JSON that may stand inside a script element: no character of it can end it.
    static func json(_ value: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let less = Array("\\u003c".utf8)
        var bytes: [UInt8] = []
        // JSON has the character in strings alone.
        for byte in try encoder.encode(value) {
            if byte == UInt8(ascii: "<") { bytes += less } else { bytes.append(byte) }
        }
        return bytes
    }

    /// A text as it stands in HTML, between tags and in attributes.
    static func escaped(_ text: String) -> String {
        var result = ""
        for character in text.unicodeScalars {
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            default: result.unicodeScalars.append(character)
            }
        }
        return result
    }

    /// Bytes in base64 (RFC 4648, 4).
    static func base64(_ bytes: [UInt8]) -> String { Data(bytes).base64EncodedString() }

    /// A colour as CSS knows it.
    static func hex(_ color: PNGWriter.Color) -> String {
        let number = Int(color.x) << 16 | Int(color.y) << 8 | Int(color.z)
        let digits = String(number, radix: 16)
        return "#" + String(repeating: "0", count: 6 - digits.count) + digits
    }

    /// Nothing from anywhere but the page itself, and sound from files.
    private static let policy =
        "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
        + "img-src data:; media-src 'self' file: blob:"
}
