import ArgumentParser
import Foundation
import Import
import Signal
import Storage

struct AddModelCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Make a model of a net that you have.",
        discussion: """
            Takes Spleeter's archives (2stems.tar.gz, 4stems.tar.gz, 5stems.tar.gz) or the folder \
            of a checkpoint, an MDX net (.onnx), or a model's folder with its card.json. The new \
            model is run once on silence and once on noise, and is there only if what it gives \
            makes sense.
            """)

    @Argument(help: "An archive, an .onnx file or a folder.")
    var path: String

    @Option(help: "The model's name. (default: after the file)")
    var name: String?

    @Option(help: "Where models are kept. (default: the user's data folder)")
    var folder: String?

    @Flag(help: "Spleeter, MDX: cut tracks and extend masks as the net's own program does.")
    var asPublished = false

    @Option(
        help: "Spleeter: 2stems, 4stems or 5stems. (default: told by the checkpoint)")
    var variant: String?

    @Option(
        help: ArgumentHelp(
            "Spleeter: what masks are above 11 kHz. (default: average; zeros with --as-published)",
            valueName: "kind"))
    var above: ModelImport.Above?

    @Option(
        help: ArgumentHelp(
            "Spleeter: join the stems by a multichannel Wiener filter of so many iterations, 1 to 10.",
            discussion: """
                In place of masks by the ratio of powers. With --as-published over the whole track, \
                which then passes the nets once more for each iteration; otherwise over each segment.
                """,
            valueName: "count"))
    var wiener: Int?

    @Option(
        name: .customLong("n-fft"),
        help: ArgumentHelp(
            "MDX: samples in one transform. (default: told by the net, where it is known)",
            valueName: "samples"))
    var fftSize: Int?

    @Option(
        help: ArgumentHelp(
            "MDX: samples from one frame to the next. (default: 1024)", valueName: "samples"))
    var hop: Int?

    @Option(
        help: ArgumentHelp(
            "MDX: bins that the net sees. (default: told by the net)", valueName: "count"))
    var bins: Int?

    @Option(
        help: ArgumentHelp(
            "MDX: what the net gives, as vocals. (default: told by the net, where it is known)",
            valueName: "name"))
    var stem: String?

    @Option(
        help: ArgumentHelp(
            "MDX: what the net's output is multiplied by. (default: 1)", valueName: "factor"))
    var compensation: Double?

    func run() throws {
        var work = ModelImport()
        work.name = name
        work.variant = variant
        work.above = above
        work.wiener = wiener
        work.isAsPublished = asPublished
        work.parameters.fftSize = fftSize
        work.parameters.hop = hop
        work.parameters.bins = bins
        work.parameters.stem = stem.map { Stem($0) }
        work.parameters.compensation = compensation
        work.threads = ProcessInfo.processInfo.activeProcessorCount
        let interruption = Interruption {
            let end: () -> Never = {
                Terminal.complain("interrupted; no model was added")
                Interruption.leave(130)
            }
            ModelImport.abandon(end)
        }
        defer { interruption.end() }
        do {
            let target = folder.map { FilePath($0) } ?? ModelFolders.userFolder
            let model = try work.add(FilePath(path), to: target)
            Terminal.say("added " + Message.title(of: model))
        } catch {
            throw Failure(error)
        }
    }
}

extension ModelImport.Above: ExpressibleByArgument {}
