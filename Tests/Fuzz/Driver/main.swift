import CLibFuzzer
import Foundation
import FuzzTargets
import Storage

// unbraid-fuzz TARGET [libFuzzer's arguments]: hands bytes that libFuzzer makes up to a target.

nonisolated(unsafe) var target = FuzzTarget.onnx
nonisolated(unsafe) var folder = FilePath(".")

guard CommandLine.arguments.count > 1,
    let chosen = FuzzTarget(rawValue: CommandLine.arguments[1])
else {
    print("unbraid-fuzz \(FuzzTarget.allCases.map(\.rawValue).joined(separator: "|")) ...")
    exit(64)
}
unsafe target = chosen
// In memory where there is such a place: a disk that is waited for would be most of the time.
let memory = "/dev/shm"
let isThere = FileManager.default.isWritableFile(atPath: memory)
let place = (isThere ? URL(filePath: memory) : FileManager.default.temporaryDirectory).appending(
    path: "unbraid-fuzz-\(ProcessInfo.processInfo.processIdentifier)")
try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
unsafe folder = FilePath(place.path)

var arguments: [UnsafeMutablePointer<CChar>?] = unsafe CommandLine.arguments.enumerated()
    .filter { $0.offset != 1 }.map { unsafe strdup($0.element) }
unsafe arguments.append(nil)
var count = CInt(CommandLine.arguments.count - 1)
let status = unsafe arguments.withUnsafeMutableBufferPointer { buffer in
    var values = buffer.baseAddress
    return unsafe LLVMFuzzerRunDriver(&count, &values) { data, size in
        let bytes = unsafe [UInt8](UnsafeBufferPointer(start: data, count: size))
        unsafe target.read(bytes, in: folder)
        return 0
    }
}
try? FileManager.default.removeItem(at: place)
exit(status)
