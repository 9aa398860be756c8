import Foundation
import Storage

/// How a page addresses a file that lies somewhere near it.
enum RelativeAddress {
    /// The address of a file as seen from a folder, every byte that is not plain percent-encoded
    /// (RFC 3986, 2.1), so that names which are no UTF-8 are found too.
    static func of(_ file: FilePath, from folder: FilePath) -> String {
        let here = FilePath(FileManager.default.currentDirectoryPath)
        let target = names(of: here.appending(file))
        let start = names(of: here.appending(folder))
        let shared = zip(target, start).prefix { $0 == $1 }.count
        let up = Array(repeating: "..", count: start.count - shared)
        return (up + target[shared...].map { encoded($0) }).joined(separator: "/")
    }

    /// The names of an absolute path, without `.` and `..`.
    private static func names(of path: FilePath) -> [FilePath] {
        var names: [FilePath] = []
        for name in path.components where name != "." {
            if name == ".." { _ = names.popLast() } else { names.append(name) }
        }
        return names
    }

    private static func encoded(_ name: FilePath) -> String {
        var text = ""
        for byte in name.bytes {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "_"), UInt8(ascii: "~"):
                text.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                text += digits.count == 1 ? "%0\(digits)" : "%\(digits)"
            }
        }
        return text
    }
}
