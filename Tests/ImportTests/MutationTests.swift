import Foundation
import Inference
import Storage
import TestSupport
import Testing

@testable import Import

/// Damage of every sort, the same in every run: whatever comes of it is a value or an error.
///
/// `UNBRAID_FUZZ_ROUNDS` multiplies the rounds, for an hour of looking.
struct MutationTests {
    private static let rounds =
        3000 * (ProcessInfo.processInfo.environment["UNBRAID_FUZZ_ROUNDS"].flatMap(Int.init) ?? 1)

    /// What a file of a few hundred bytes must not become.
    private static let entryLimit = 100_000

    @Test func damagedArchivesAreErrorsOrArchives() throws {
        let folder = try TemporaryFolder()
        var archive = TarArchive()
        archive.add("./", [], kind: "5")
        archive.add("./model.index", SmallCheckpoint.index)
        archive.add("./model.data-00000-of-00001", SmallCheckpoint.data)
        let whole = archive.gzipped
        var random = Mutator(seed: 1)
        let url = folder.url.appending(path: "a.tar.gz")
        var read = 0
        for _ in 0..<Self.rounds {
            try Data(random.mutated(whole)).write(to: url)
            if (try? SpleeterCheckpoint.inArchive(FilePath(url.path))) != nil { read += 1 }
        }
        // Some damage hits nothing that is read, most does.
        #expect(read > 0 && read < Self.rounds / 2)
        #expect(folder.files == ["a.tar.gz"])
    }

    @Test func archivesWithDamagedHeadersOfRightSumsAreErrorsOrArchives() throws {
        let folder = try TemporaryFolder()
        let url = folder.url.appending(path: "a.tar.gz")
        var random = Mutator(seed: 2)
        for _ in 0..<Self.rounds {
            var archive = TarArchive()
            archive.add(
                String(decoding: random.bytes(0..<100), as: UTF8.self), random.bytes(0..<900),
                kind: "0125xgLK7\0".randomElement(using: &random) ?? "0",
                size: Bool.random(using: &random) ? nil : random.digits(11))
            archive.add("model.index", SmallCheckpoint.index)
            try Data(archive.gzipped).write(to: url)
            _ = try? SpleeterCheckpoint.inArchive(FilePath(url.path))
        }
        #expect(folder.files == ["a.tar.gz"])
    }

    @Test func damagedTablesOfRightChecksAreErrorsOrTables() {
        // The blocks of the small checkpoint's index: data, meta index, index.
        let blocks = [0..<221, 226..<234, 239..<254]
        var random = Mutator(seed: 3)
        var read = 0
        for _ in 0..<4 * Self.rounds {
            var index = SmallCheckpoint.index
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let block = blocks[Bool.random(using: &random) ? 0 : 2]
                index[Int.random(in: block, using: &random)] = .random(in: 0...255, using: &random)
            }
            for block in blocks {
                let check = CRC32C.masked(index, block.lowerBound..<block.upperBound + 1)
                for byte in 0..<4 {
                    index[block.upperBound + 1 + byte] = UInt8(check >> (8 * byte) & 255)
                }
            }
            guard
                let bundle = try? CheckpointBundle(
                    index: index, data: SmallCheckpoint.data, path: "x")
            else { continue }
            read += 1
            for name in bundle.names { _ = try? bundle.values(name, shape: [2, 3]) }
        }
        #expect(read > 0)
    }

    @Test func aSmallTableThatStandsForALargeOneIsAnError() {
        // Keys of which each has all but the last byte of the one before.
        var block: [UInt8] = [0] + Self.varint(5000) + [0]
        block += [UInt8](repeating: 97, count: 5000)
        #expect(throws: SortedTable.Fault.self) {
            try SortedTable(Self.table(data: block, times: 1))
        }
        // An index that names one block of three entries so often that its limit is passed.
        let three: [UInt8] = [0, 1, 0, 97, 0, 1, 0, 98, 0, 1, 0, 99]
        #expect(throws: SortedTable.Fault.self) {
            try SortedTable(Self.table(data: three, times: Self.entryLimit / 3 + 1))
        }
        #expect(throws: Never.self) { try SortedTable(Self.table(data: three, times: 2)) }
    }

    @Test func damagedNetsAreErrorsOrNets() throws {
        var writer = OnnxWriter(name: "small")
        let input = writer.input("x", shape: [1, 2, 8, 6])
        let weights = writer.constant(
            "w", shape: [4, 2, 3, 3], (0..<72).map { Float($0) / 72 - 0.5 })
        let bias = writer.constant("b", shape: [4], [0, 1, 2, 3])
        let sum = writer.node(
            "Conv", [input, weights, bias],
            [("strides", .ints([2, 2])), ("pads", .ints([1, 1, 1, 1]))])
        let soft = writer.node("Softmax", [sum], [("axis", .int(1))])
        writer.output(
            writer.node("Concat", [sum, soft], [("axis", .int(1))]), shape: [1, 8, 4, 3])
        let whole = writer.bytes
        let pool = WorkerPool(threads: 1)
        var random = Mutator(seed: 4)
        var ran = 0
        for _ in 0..<Self.rounds {
            guard let model = try? OnnxModel(bytes: random.mutated(whole)),
                let network = try? Network(model, inputShapes: ["x": [1, 2, 8, 6]], pool: pool)
            else { continue }
            network.run()
            ran += 1
        }
        #expect(ran > 0)
    }

    /// A table whose index names one data block several times.
    private static func table(data: [UInt8], times: Int) -> [UInt8] {
        func sealed(_ block: [UInt8]) -> [UInt8] {
            let bytes = block + [0, 0, 0, 0, 0]
            let check = CRC32C.masked(bytes, 0..<bytes.count)
            return bytes + (0..<4).map { UInt8(check >> (8 * $0) & 255) }
        }
        var file = sealed(data)
        let handle = [UInt8(0)] + varint(data.count + 4)
        var index: [UInt8] = []
        for _ in 0..<times { index += [0, 1, UInt8(handle.count), 97] + handle }
        let place = file.count
        file += sealed(index)
        let footer = [0, 0] + varint(place) + varint(index.count + 4)
        file += footer + [UInt8](repeating: 0, count: 40 - footer.count)
        return file + SmallCheckpoint.index.suffix(8)
    }

    private static func varint(_ value: Int) -> [UInt8] {
        var (rest, bytes) = (value, [UInt8]())
        while rest > 127 {
            bytes.append(UInt8(rest & 127) | 128)
            rest >>= 7
        }
        return bytes + [UInt8(rest)]
    }
}
