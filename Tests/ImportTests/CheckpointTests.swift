import Foundation
import Storage
import Testing

@testable import Import

/// A checkpoint that TensorFlow 2.12 wrote: six variables of 2 x 3 floats counting up from 0, 10, 20,
/// 30 and 40, in the order of their making, and a step count.
enum SmallCheckpoint {
    static let index = decoded(
        """
        AAAGCAEaAggBABkTYmF0Y2hfbm9ybWFsaXphdGlvbi9nYW1tYQgBEggSAggCEgIIAygYNZJD+fsACxVjb252MmQvYmlhcwgB\
        EggSAggCEgIIAyAYKBg1wNs9FwcGFWtlcm5lbAgBEggSAggCEgIIAyAwKBg13tRWAAYJFV8xL2tlcm5lbAgBEggSAggCEgII\
        AyBIKBg1M4vE0AgIFTAva2VybmVsCAESCBICCAISAggDIGAoGDWaO/bZAAsNZ2xvYmFsX3N0ZXAICRIAIHgoCDW7158RAAAA\
        AAEAAAAAwCdiVQAAAAABAAAAAMDyobAAAQNoAN0BAAAAAAEAAAAA8fmOfuIBCO8BDwAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\
        AAAAAAAAAAAAAABX+4CLJHVH2w==
        """)
    static let data = decoded(
        """
        AAAgQgAAJEIAAChCAAAsQgAAMEIAADRCAAAAAAAAgD8AAABAAABAQAAAgEAAAKBAAAAgQQAAMEEAAEBBAABQQQAAYEEAAHBB\
        AACgQQAAqEEAALBBAAC4QQAAwEEAAMhBAADwQQAA+EEAAABCAAAEQgAACEIAAAxCBwAAAAAAAAA=
        """)
    static let names = [
        ("conv2d/bias", 0), ("conv2d/kernel", 10), ("conv2d_1/kernel", 20),
        ("conv2d_10/kernel", 30), ("batch_normalization/gamma", 40),
    ]

    static func decoded(_ text: String) -> [UInt8] {
        [UInt8](Data(base64Encoded: text) ?? Data())
    }
}

struct CheckpointTests {
    static let checks: [([UInt8], UInt32)] = [
        // RFC 3720, appendix B.4, and the usual check of the digits.
        (Array("123456789".utf8), 0xe306_9283),
        ([UInt8](repeating: 0, count: 32), 0x8a91_36aa),
        ([UInt8](repeating: 255, count: 32), 0x62a8_ab43),
        (Array(0..<32), 0x46dd_794e), ([], 0),
    ]

    @Test(arguments: checks)
    func checksAreThoseOfTheStandard(bytes: [UInt8], check: UInt32) {
        #expect(CRC32C.check(bytes, 0..<bytes.count) == check)
        #expect(CRC32C.check([1, 2, 3] + bytes + [4], 3..<3 + bytes.count) == check)
    }

    @Test func everyVariableIsWhatTensorFlowWrote() throws {
        let bundle = try CheckpointBundle(
            index: SmallCheckpoint.index, data: SmallCheckpoint.data, path: "x")
        for (name, first) in SmallCheckpoint.names {
            let values = try bundle.values(name, shape: [2, 3])
            #expect(values == (0..<6).map { Float(first + $0) })
        }
        #expect(Set(bundle.names) == Set(SmallCheckpoint.names.map(\.0) + ["global_step"]))
        for (name, shape) in [("conv2d/bias", [6]), ("nothing", [2, 3]), ("global_step", [])] {
            #expect(throws: ImportError.self) { try bundle.values(name, shape: shape) }
        }
    }

    @Test func anIndexThatIsCutShortIsAnError() {
        for length in 0..<SmallCheckpoint.index.count {
            let index = Array(SmallCheckpoint.index.prefix(length))
            #expect(throws: ImportError.self) {
                try CheckpointBundle(index: index, data: SmallCheckpoint.data, path: "x")
            }
        }
    }

    @Test func aBitThatFlippedIsAnErrorOrChangesNothing() throws {
        for bit in 0..<8 * SmallCheckpoint.index.count {
            var index = SmallCheckpoint.index
            index[bit / 8] ^= 1 << (bit % 8)
            guard
                let bundle = try? CheckpointBundle(
                    index: index, data: SmallCheckpoint.data, path: "x")
            else { continue }
            // Only bits that nothing reads may flip unnoticed, such as the footer's padding.
            for (name, first) in SmallCheckpoint.names {
                #expect(try bundle.values(name, shape: [2, 3]).first == Float(first))
            }
        }
    }

    @Test func dataThatChangedOrEndIsAnError() throws {
        for byte in 0..<120 {
            var data = SmallCheckpoint.data
            data[byte] ^= 16
            let damaged = try CheckpointBundle(
                index: SmallCheckpoint.index, data: data, path: "x")
            let short = try CheckpointBundle(
                index: SmallCheckpoint.index, data: Array(data.prefix(byte)), path: "x")
            for bundle in [damaged, short] {
                #expect(throws: ImportError.self) {
                    for (name, _) in SmallCheckpoint.names {
                        _ = try bundle.values(name, shape: [2, 3])
                    }
                }
            }
        }
    }

    @Test func aTableWhoseNumbersLieIsAnError() {
        // A footer alone, whose index block would lie anywhere.
        for handle: [UInt8] in [
            [0, 0, 0, 0], [255, 255, 255, 255, 255, 255, 255, 255, 127, 1, 1, 1], [0, 1, 47, 2],
            [0, 1, 0, 255, 255, 255, 255, 255, 255, 255, 255, 127],
        ] {
            let footer =
                handle + [UInt8](repeating: 0, count: 40 - handle.count)
                + SmallCheckpoint.index.suffix(8)
            #expect(throws: SortedTable.Fault.self) { try SortedTable(footer) }
        }
    }
}
