import AudioIO
import Foundation
import Signal
import Storage
import TestSupport
import Testing

/// A disk that is full or gone gives an error and leaves no half file under a final name.
@Suite struct FaultTests {
    static let disk = SmallDisk.isPossible

    @Test(
        .enabled(if: disk, "only the root user may mount a small disk"),
        arguments: [
            (FileFormat.wav, SampleFormat?.some(.int16)), (.wav, .float32), (.aiff, .int24),
            (.flac, .int16), (.ogg, nil), (.opus, nil), (.mp3, nil),
        ])
    func aFullDiskIsNamed(_ format: FileFormat, _ samples: SampleFormat?) throws {
        let disk = try SmallDisk(kilobytes: 64)
        let path = disk.folder("a")
        #expect {
            let writer = try AudioWriter(
                path, format: format, samples: samples, sampleRate: 48_000, channels: 2)
            for seed in 0..<100 {
                if let bits = samples?.integerBits {
                    try writer.write(
                        integers: Signals.integers(
                            bits: bits, channels: 2, count: 4000, seed: UInt64(seed)))
                } else {
                    try writer.write(
                        floats: Signals.floats(
                            peak: 0.5, channels: 2, count: 4000, seed: UInt64(seed)))
                }
            }
            try writer.publish()
        } throws: {
            guard let error = $0 as? AudioFileError else { return false }
            return error.code == .noSpace && error.path == path && error.reason != nil
        }
        #expect(try disk.folder.names().isEmpty)
    }

    /// The last bytes are written when the file is completed; at each size of the disk another of
    /// the writes is the one that fails.
    @Test(.enabled(if: disk, "only the root user may mount a small disk"))
    func aDiskThatFillsUpAtTheEndIsNamed() throws {
        var outcomes: Set<Bool> = []
        for kilobytes in stride(from: 8, through: 40, by: 4) {
            let disk = try SmallDisk(kilobytes: kilobytes)
            do throws(AudioFileError) {
                let writer = try AudioWriter(
                    disk.folder("a.flac"), format: .flac, samples: .int16, sampleRate: 48_000,
                    channels: 2)
                try writer.write(
                    integers: Signals.integers(bits: 16, channels: 2, count: 5000))
                try writer.publish()
                outcomes.insert(true)
                #expect(try Content(of: disk.folder("a.flac")).length == 5000)
            } catch {
                outcomes.insert(false)
                #expect(error.code == .noSpace)
                #expect((try? disk.folder.names().isEmpty) == true)
            }
        }
        #expect(outcomes == [true, false])
    }

    @Test(.enabled(if: disk, "only the root user may mount a small disk"))
    func noStemOfASetAppearsOnAFullDisk() throws {
        let disk = try SmallDisk(kilobytes: 128)
        let source = try TemporaryFolder()
        let (mixture, format) = try StemSumTests.source(
            bits: 16, channels: 2, count: 4000, in: source)
        do {
            let set = try StemWriterSet(
                named: StemSumTests.targets(["a", "b"], .wav, in: disk.folder),
                remainder: StemSumTests.targets(["rest"], .wav, in: disk.folder)[0],
                source: format, format: .wav, samples: .int16)
            #expect {
                for _ in 0..<10 {
                    try set.write(mixture: mixture, stems: [mixture.floats, mixture.floats])
                }
                _ = try set.publish()
            } throws: {
                ($0 as? AudioFileError)?.code == .noSpace
            }
        }
        #expect(try disk.folder.names().isEmpty)
    }

    @Test func aFolderThatIsGoneIsNamed() throws {
        let scratch = try TemporaryFolder()
        try FileSystem.createFolders(at: scratch("out"))
        let path = scratch("out/a.wav")
        let writer = try AudioWriter(
            path, format: .wav, samples: .int16, sampleRate: 44_100, channels: 1)
        try writer.write(integers: [[1 << 16]])
        try FileManager.default.removeItem(atPath: scratch("out").description)
        #expect {
            try writer.publish()
        } throws: {
            ($0 as? AudioFileError)?.code == .notFound
        }
        #expect {
            try AudioWriter(path, format: .wav, samples: .int16, sampleRate: 44_100, channels: 1)
        } throws: {
            guard let error = $0 as? AudioFileError else { return false }
            return error.code == .notFound && error.path == path
        }
    }

    @Test(.enabled(if: geteuid() != 0, "permissions do not bind the root user"))
    func aFolderThatMayNotBeWrittenIsNamed() throws {
        let scratch = try TemporaryFolder()
        try FileSystem.createFolders(at: scratch("out"))
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o555], ofItemAtPath: scratch("out").description)
        #expect {
            try AudioWriter(
                scratch("out/a"), format: .wav, samples: .int16, sampleRate: 44_100, channels: 1)
        } throws: {
            ($0 as? AudioFileError)?.code == .permissionDenied
        }
    }

    @Test(.enabled(if: disk, "only the root user may mount a small disk"))
    func aReadOnlyDiskIsNamed() throws {
        let disk = try SmallDisk(kilobytes: 64)
        let folder = disk.folder.path.description
        try Program.run(URL(fileURLWithPath: "/bin/mount"), ["-o", "remount,ro", folder])
        #expect {
            try AudioWriter(
                disk.folder("a"), format: .wav, samples: .int16, sampleRate: 44_100, channels: 1)
        } throws: {
            ($0 as? AudioFileError)?.code == .permissionDenied
        }
    }

    @Test func aFileThatShrinksWhileItIsReadIsAnError() throws {
        let scratch = try TemporaryFolder()
        let bytes = try DamageTests.file(.wav, .int16, in: scratch)
        let path = scratch("whole")
        let reader = try AudioReader(path)
        var block = reader.makeBlock()
        _ = try reader.read(into: &block, count: 1000)
        try FileHandle(forWritingTo: URL(fileURLWithPath: path.description))
            .truncate(atOffset: UInt64(bytes.count / 2))
        #expect {
            while try reader.read(into: &block, count: 1000) > 0 {}
        } throws: {
            DamageTests.isTruncation($0)
        }
    }

    @Test func namesThatAreNoTextAreWrittenAndRead() throws {
        let scratch = try TemporaryFolder()
        let path = scratch(FilePath(bytes: [0xE9, 0x74, 0xE9, 0x2E, 0x77, 0x61, 0x76]))
        let writer = try AudioWriter(
            path, format: .wav, samples: .int16, sampleRate: 44_100, channels: 1)
        try writer.write(integers: [[1 << 16, -1 << 16]])
        try writer.publish()
        #expect(try FileSystem.names(in: scratch.path) == [path.name])
        #expect(try Content(of: path).integers == [[1 << 16, -1 << 16]])
    }

    @Test func anExistingFileIsReplacedOnlyOnDemand() throws {
        let scratch = try TemporaryFolder()
        for overwriting in [false, true] {
            try scratch.write([9], "a.wav")
            let writer = try AudioWriter(
                scratch("a.wav"), format: .wav, samples: .int16, sampleRate: 44_100, channels: 1)
            try writer.write(integers: [[0]])
            if overwriting {
                try writer.publish(overwriting: true)
                #expect(try Content(of: scratch("a.wav")).length == 1)
            } else {
                #expect(throws: AudioFileError.self) { try writer.publish() }
                #expect(try scratch.bytes("a.wav") == [9])
            }
        }
    }
}
