import Storage

/// The command line as bytes.
///
/// File names are bytes and need not be UTF-8; Swift's strings of the arguments have a replacement
/// character for every byte that is not, and would name a file that is not there.
enum RawArguments {
    /// The paths that these arguments stand for, byte for byte.
    ///
    /// - Parameter texts: arguments as the parser gives them, in the order of the command line.
    static func paths(_ texts: [String]) -> [FilePath] {
        var raw: [String: [FilePath]] = [:]
        for bytes in all.reversed() {
            raw[String(decoding: bytes, as: UTF8.self), default: []].append(FilePath(bytes: bytes))
        }
        return texts.map { text in raw[text]?.popLast() ?? FilePath(text) }
    }

    /// The path that one option's value stands for.
    static func path(_ text: String) -> FilePath { paths([text])[0] }

    private static var all: [[UInt8]] {
        (1..<max(1, Int(CommandLine.argc))).compactMap { index in
            guard let argument = unsafe CommandLine.unsafeArgv[index] else { return nil }
            return unsafe bytes(argument)
        }
    }

    private static func bytes(_ argument: UnsafePointer<CChar>) -> [UInt8] {
        var bytes: [UInt8] = []
        var index = 0
        while unsafe argument[index] != 0 {
            unsafe bytes.append(UInt8(bitPattern: argument[index]))
            index += 1
        }
        return bytes
    }
}
