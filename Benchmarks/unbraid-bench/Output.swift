import Foundation

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The most memory that the process has held at once, in bytes.
func peakMemory() -> Int {
    // Linux keeps the high-water mark of the memory itself here; the one that getrusage gives may
    // stem from the process that started this one.
    if let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8),
        let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") }),
        let kilobytes = line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap({
            Int($0)
        })
    {
        return kilobytes * 1024
    }
    var usage = rusage()
    #if canImport(Glibc)
        // Linux counts in kilobytes, and Swift imports the constant as an enumeration there.
        _ = unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return usage.ru_maxrss * 1024
    #else
        _ = unsafe getrusage(RUSAGE_SELF, &usage)
        return usage.ru_maxrss
    #endif
}

/// Prints a JSON object in one line, keys in alphabetical order.
func printJSON(_ object: [String: Any]) {
    guard
        let data = try? JSONSerialization.data(
            withJSONObject: object, options: [.sortedKeys, .withoutEscapingSlashes])
    else { return }
    print(String(decoding: data, as: UTF8.self))
}
