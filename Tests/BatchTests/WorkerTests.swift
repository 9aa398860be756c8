import Foundation
import Models
import Processes
import Reports
import Signal
import Storage
import Synchronization
import TestSupport
import Testing

@testable import AudioIO
@testable import Batch

/// A batch with workers that crash, hang and take all memory at tracks of such names.
struct WorkerTests {
    private let folder: TemporaryFolder
    private let model: Model
    private let selection: StemSelection

    init() throws {
        folder = try TemporaryFolder()
        try TinyModel.write(to: folder.url.appending(path: "tiny"))
        model = try Model(at: folder("tiny"))
        selection = try StemSelection(.two(.drums), of: model.card)
    }

    /// A worker in the shell: it answers with `reply-N` unless the name of a track is a bad one, and
    /// writes down the tracks that it is given.
    private static let script = """
        read -r setup
        mark=$(echo "$setup" | sed 's/.*"mark":"\\([0-9a-f]*\\)".*/\\1/')
        echo '{"ready":{}}'
        while read -r line; do
            n=$(echo "$line" | sed 's/.*"track":\\([0-9]*\\).*/\\1/')
            echo "$n" >> given
            case "$line" in
                *cancel*) break ;;
                *crash*) touch "out/.unbraid-$mark-1.part" out/.unbraid-other-1.part
                    kill -SEGV $$ ;;
                *once*) if ! test -e tried; then touch tried; kill -SEGV $$; fi ;;
                *hang*) exec sleep 100 ;;
                *eats*) kill -KILL $$ ;;
                *bloats*) exit 77 ;;
                *babbles*) echo nonsense ;;
                *pair*) echo "{\\"free\\":{\\"track\\":$n}}"
                    if test $(ls pairs* 2>/dev/null | wc -l) -gt 0; then kill -SEGV $$; fi
                    touch pairs; continue ;;
            esac
            cat "reply-$n"
        done
        """

    /// Runs a batch of tracks of these names; each outcome is a cause and how often it was tried, or
    /// `ok`.
    private func outcomes(
        _ names: [String], jobs: Int, silence: Double = 100, script: String = script
    ) throws -> [String] {
        let folder = folder
        try folder.write("worker.sh", "cd '\(folder.url.path)'\n" + script)
        try folder.write("out/keep", "")
        let inputs = names.map { InputWalk.Input(path: folder(FilePath($0)), subfolder: "") }
        var found = InputWalk.Found()
        found.inputs = inputs
        let plan = BatchPlan(
            found, output: folder("out"), template: try FilenameTemplate("{stem}-{track}"),
            selection: selection, fileExtension: "wav", model: "tiny")
        for track in names.indices {
            let report = TrackReport(
                source: SourceFormat(
                    sampleRate: 8000, channels: 1, length: 80, container: "WAV", codec: "PCM 16",
                    kind: .integer(bits: 16), byteCount: 1, decoder: .libsndfile),
                length: 80, notes: [],
                input: InputFacts(size: 1, modified: 1, sha256: SHA256Digest(of: [])), stems: [],
                times: TrackTimes())
            let reply = WorkerReply.event(.ended(track: track, .separated(report)))
            let line = String(decoding: WorkerLine.bytes(of: reply), as: UTF8.self)
            try folder.write("reply-\(track)", line + "\n")
        }
        let ends = Mutex<[Int: [String]]>([:])
        let runner = BatchRunner(
            plan: plan, model: model, selection: selection, options: SeparationOptions(),
            jobs: jobs, threads: 1,
            program: WorkerProgram("sh", [folder("worker.sh")], silence: silence),
            describe: { "\($0)" })
        try runner.run { event in
            guard case .ended(let track, let outcome) = event else { return }
            let text =
                switch outcome {
                case .separated: "ok"
                case .added: "added"
                case .failed(let failure): "\(failure.cause) \(failure.attempts)"
                }
            ends.withLock { $0[track, default: []].append(text) }
        }
        return ends.withLock { ends in
            names.indices.map { ends[$0, default: []].joined(separator: ", ") }
        }
    }

    @Test(arguments: [1, 3])
    func aPoisonedTrackCostsOnlyItself(jobs: Int) throws {
        let ends = try outcomes(
            ["a", "crash", "b", "eats", "bloats", "c", "babbles", "once", "d"], jobs: jobs)
        #expect(
            ends == [
                "ok", "crashed 2", "ok", "killed 2", "memory 2", "ok", "crashed 2", "ok", "ok",
            ])
    }

    @Test func aWorkerThatSaysNothingIsEnded() throws {
        let start = ContinuousClock.now
        #expect(
            try outcomes(["a", "hang", "b"], jobs: 2, silence: 1.5) == ["ok", "timed_out 2", "ok"])
        #expect(ContinuousClock.now - start < .seconds(20))
    }

    /// Both had been in the hand of a worker that crashed; only alone it shows whose fault it was.
    @Test func twoTracksInOneHandAreTriedAgainOneByOne() throws {
        #expect(try outcomes(["pair", "pair2", "a"], jobs: 1) == ["crashed 2", "crashed 2", "ok"])
        let given = try String(
            contentsOf: folder.url.appending(path: "given"), encoding: .utf8
        ).split(separator: "\n")
        #expect(given == ["0", "1", "0", "1", "2"])
    }

    @Test func whatACrashedWorkerLeavesIsRemoved() throws {
        _ = try outcomes(["crash"], jobs: 1)
        #expect(
            folder.files.filter { $0.hasPrefix("out") } == [
                "out/.unbraid-other-1.part", "out/keep",
            ])
    }

    @Test func aModelThatIsRefusedIsOneError() throws {
        #expect(throws: WorkerFault.refused("no")) {
            try outcomes(
                ["a", "b"], jobs: 2,
                script: "read -r setup; echo '{\"refused\":{\"_0\":\"no\"}}'; read -r more")
        }
    }

    @Test func aProgramThatDoesNotStartIsOneError() throws {
        #expect(throws: WorkerFault.ended(.status(3))) {
            try outcomes(["a", "b"], jobs: 2, script: "exit 3")
        }
    }

    @Test func tracksThatNobodyCanTakeAnyMoreFail() throws {
        let script = """
            if test -e begun; then exit 3; fi
            touch begun
            read -r setup; echo '{"ready":{}}'; read -r line; cat reply-0; read -r line; exit 4
            """
        #expect(
            try outcomes(["a", "b", "c"], jobs: 1, script: script) == [
                "ok", "crashed 1", "crashed 1",
            ])
    }
}
