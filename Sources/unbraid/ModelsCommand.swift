import ArgumentParser
import Foundation
import Inference
import Models
import Signal
import Storage

struct ModelsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "models", abstract: "List the models that are here, or add one.",
        subcommands: [ListModelsCommand.self, AddModelCommand.self],
        defaultSubcommand: ListModelsCommand.self)
}

struct ListModelsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the models that are here, and check them.",
        discussion: """
            Each model's card is read, its files are compared with their SHA-256, and its nets are \
            run on silence and on noise. The exit code is 0 only if all of them passed.
            """)

    @Argument(help: "Only these models, by name or folder.")
    var names: [String] = []

    @Flag(help: "Print one JSON object a line.")
    var json = false

    @Flag(name: [.short, .long], help: "Show the card, the engine's plan and the libraries.")
    var verbose = false

    /// The matrix product library, and the kernels it uses.
    private var engine: String {
        do {
            let library = try EngineFacts.library
            let taken = library.coreTaken ?? "unknown"
            let asked = library.coreAsked.map { ", asked for \($0)" } ?? ""
            return "own loops \(EngineFacts.instructionSet); \(library.library), "
                + "\(library.configuration ?? "unknown"), kernels \(taken)\(asked)"
        } catch {
            return Message.text(of: error)
        }
    }

    func run() throws {
        let library = ModelFolders.library
        let places = names.isEmpty ? library.modelFolders.map(\.description) : names
        if verbose, !json {
            Terminal.say("engine: " + engine)
            Terminal.say(
                "searched: " + library.folders.map(\.description).joined(separator: ", "))
        }
        if places.isEmpty {
            Terminal.complain(
                "no models in " + library.folders.map(\.description).joined(separator: ", "))
        }
        var isClean = !places.isEmpty
        for place in places {
            let check = ModelCheck(place, library)
            if json { check.printJSON() } else { check.printLines(verbose: verbose) }
            if check.error != nil { isClean = false }
        }
        if !isClean { throw ExitCode.failure }
    }
}

/// What came of looking at one model.
struct ModelCheck {
    /// What was asked for: a name or a folder.
    let place: String
    /// The model, if its card and files are right.
    private(set) var model: Model?
    /// The nets' facts, if they run.
    private(set) var facts: EngineFacts?
    /// The first thing that is wrong.
    private(set) var error: (any Error)?

    init(_ place: String, _ library: ModelLibrary) {
        self.place = place
        do {
            let model = try library.model(named: place)
            self.model = model
            facts = try EngineFacts(checking: model)
        } catch {
            self.error = error
        }
    }

    func printLines(verbose: Bool) {
        guard let model, let facts, error == nil else {
            Terminal.complain(error.map(Message.text(of:)) ?? place)
            return
        }
        let card = model.card
        Terminal.say(Message.title(of: model))
        guard verbose else { return }
        if !card.description.isEmpty { Terminal.say("  \(card.description)") }
        let authors = card.authors.isEmpty ? "" : "; by " + card.authors.joined(separator: ", ")
        Terminal.say("  licence \(card.license)" + authors)
        let geometry = card.geometry
        Terminal.say(
            "  STFT \(geometry.fftSize)/\(geometry.hop) \(geometry.window.rawValue), "
                + "\(card.bins) bins; segments of \(card.segment.frames) frames, context "
                + "\(card.segment.context), cross-fade \(card.segment.crossfade)")
        Terminal.say(
            "  \(card.input.kind) in, \(card.output.kind) out; \(Message.text(of: card.masks))")
        Terminal.say(
            String(
                format: "  %.2f GFLOP a segment, %.2f GFLOP per second of stereo sound",
                facts.operations / 1e9, facts.operationsPerSecond / 1e9))
        for step in facts.steps {
            let size = step.outputShape.map(String.init).joined(separator: "x")
            let work = String(format: "%9.1f MFLOP", Double(step.operations) / 1e6)
            Terminal.say("    \(work)  \(step.opType) (\(step.algorithm)) \(size)  \(step.name)")
        }
    }

    func printJSON() {
        struct Line: Encodable {
            let model: String
            let folder: String?
            let stems: [String]?
            let operationsPerSecond: Double?
            let error: String?

            enum CodingKeys: String, CodingKey {
                case model, folder, stems, error
                case operationsPerSecond = "operations_per_second"
            }
        }
        let line = Line(
            model: model?.card.name ?? place, folder: model?.folder.description,
            stems: model?.card.stems.map(\.rawValue),
            operationsPerSecond: facts?.operationsPerSecond,
            error: error.map(Message.text(of:)))
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(line) else { return }
        Terminal.say(String(decoding: data, as: UTF8.self))
    }
}
