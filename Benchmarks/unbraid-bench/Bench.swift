import ArgumentParser

@main
struct Bench: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unbraid-bench",
        abstract: "Measures Unbraid: a track's stages, one net, or the operators' conformance.",
        subcommands: [TrackBench.self, NetBench.self, ConformanceBench.self],
        defaultSubcommand: TrackBench.self)
}
