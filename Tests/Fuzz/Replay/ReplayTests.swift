import Foundation
import FuzzTargets
import Storage
import TestSupport
import Testing

/// Every file that fuzzing ever found, and the seeds it began from, once more.
struct ReplayTests {
    @Test(arguments: FuzzTarget.allCases)
    func noSeedTrapsOrHangs(target: FuzzTarget) throws {
        let seeds = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Seeds/\(target.rawValue)")
        let names = try FileManager.default.contentsOfDirectory(atPath: seeds.path).sorted()
        #expect(!names.isEmpty)
        for name in names {
            let folder = try TemporaryFolder()
            let bytes = [UInt8](try Data(contentsOf: seeds.appending(path: name)))
            let start = ContinuousClock.now
            target.read(bytes, in: folder.path)
            #expect(ContinuousClock.now - start < .seconds(10), "\(name)")
        }
    }

    /// Small damage to what is well formed reaches further in than random bytes do.
    @Test(arguments: FuzzTarget.allCases)
    func noMutationOfASeedTraps(target: FuzzTarget) throws {
        let seeds = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Seeds/\(target.rawValue)")
        let names = try FileManager.default.contentsOfDirectory(atPath: seeds.path).sorted()
        var random = SplitMix(state: 1)
        let folder = try TemporaryFolder()
        for name in names {
            let seed = [UInt8](try Data(contentsOf: seeds.appending(path: name)))
            for _ in 0..<max(1, 400 / names.count) {
                target.read(mutated(seed, &random), in: folder.path)
            }
        }
    }

    private func mutated(_ seed: [UInt8], _ random: inout SplitMix) -> [UInt8] {
        var bytes = seed
        for _ in 0..<Int.random(in: 1...4, using: &random) where !bytes.isEmpty {
            let place = Int.random(in: bytes.indices, using: &random)
            switch Int.random(in: 0..<5, using: &random) {
            case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            case 1: bytes[place] = [0, 0x7f, 0x80, 0xff].randomElement(using: &random) ?? 0
            case 2: bytes.removeSubrange(place...)
            case 3: bytes.remove(at: place)
            default: bytes.insert(.random(in: .min ... .max, using: &random), at: place)
            }
        }
        return bytes
    }
}

/// Numbers that are the same in every run; Steele, Lea and Flood's SplitMix64.
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
