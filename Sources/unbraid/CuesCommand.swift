import ArgumentParser
import Batch
import Foundation
import Reports
import Signal
import Storage

struct CuesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cues",
        abstract: "Write onsets, beats and features of sound files.",
        discussion: """
            unbraid cues song.flac
                writes cues/song/cues.json, cues.mid, tables and label files.
            unbraid cues --together song.flac drums.wav bass.wav
                takes the files as one track: the mix, then its stems by their names.
            """)

    @Argument(help: "Sound files; folders with -r.")
    var inputs: [String]

    @Option(
        name: [.short, .long],
        help: ArgumentHelp("The folder that everything goes below.", valueName: "folder"))
    var output = "cues"

    @OptionGroup
    var forms: CueForms

    @Flag(help: "The files are one track: the mix first, then stems by their names.")
    var together = false

    @Flag(help: "Tell drums apart in files that are not called drums, too.")
    var drums = false

    @Flag(name: [.short, .long], help: "Walk folders; their tree is mirrored in the output.")
    var recursive = false

    @Flag(help: "Replace files that exist.")
    var force = false

    @Flag(help: "Listen to what can be read of damaged files, instead of refusing them.")
    var salvage = false

    @Flag(name: [.short, .long], help: "Print only what went wrong.")
    var quiet = false

    /// One track: where its cues go and what is listened to.
    private struct Track {
        let folder: FilePath
        let title: FilePath
        let sources: [CueListener.Source]
    }

    func run() throws {
        Terminal.outliveReaders()
        let folder = RawArguments.path(output)
        let found = InputWalk(isRecursive: recursive, output: folder)
            .find(RawArguments.paths(inputs))
        for miss in found.misses { Terminal.complain(Message.text(of: miss)) }
        var failures = found.misses.count
        let tracks = try plan(found, below: folder)
        let listener = CueListener(
            rate: forms.cueRate, threads: ProcessInfo.processInfo.activeProcessorCount)
        for track in tracks {
            do {
                let sheet = try listener.sheet(of: track.sources)
                let files = try CueFolder(track.folder, overwrites: force)
                    .write(sheet, forms: forms.forms ?? [])
                if !quiet {
                    let tempo = sheet.rhythm.medianTempo.map {
                        String(format: ", %.1f bpm, %d beats", $0, sheet.rhythm.beats.count)
                    }
                    Terminal.say(
                        "\(track.title) -> \(track.folder): \(files.count) files"
                            + (tempo ?? ", no beat"))
                }
            } catch {
                failures += 1
                Terminal.complain(Message.text(of: error))
            }
        }
        if failures > 0 || tracks.isEmpty { throw ExitCode.failure }
    }

    private func plan(_ found: InputWalk.Found, below folder: FilePath) throws -> [Track] {
        var owners: [FilePath: FilePath] = [:]
        var tracks: [Track] = []
        for input in found.inputs {
            if together, let first = tracks.first {
                let name = input.path.nameWithoutExtension.description
                let source = source(name, input.path)
                guard !first.sources.contains(where: { $0.name == name }) else {
                    Terminal.complain("\(input.path): there is another source called \(name)")
                    throw ExitCode(2)
                }
                tracks[0] = Track(
                    folder: first.folder, title: first.title, sources: first.sources + [source])
                continue
            }
            let parent =
                input.subfolder.isEmpty || together ? folder : folder.appending(input.subfolder)
            let place = parent.appending(input.path.nameWithoutExtension)
            if let owner = owners.updateValue(input.path, forKey: place) {
                Terminal.complain(
                    "\(place): would be written from both \(owner) and \(input.path); "
                        + "nothing was done")
                throw ExitCode(2)
            }
            let name = input.path.nameWithoutExtension.description
            let isStem = [Stem.drums, .bass, .vocals, .other].contains(Stem(name))
            tracks.append(
                Track(
                    folder: place, title: input.path,
                    sources: [source(isStem && !together ? name : "mix", input.path)]))
        }
        return tracks
    }

    private func source(_ name: String, _ path: FilePath) -> CueListener.Source {
        var source = CueListener.Source(
            name: name, path: path, isDrums: drums || name == Stem.drums.rawValue)
        source.salvages = salvage
        return source
    }
}
