import ArgumentParser

@main
struct Unbraid: ParsableCommand {
    /// The version, as records have it.
    static let version = "0.1.0"

    static let configuration = CommandConfiguration(
        commandName: "unbraid",
        abstract: "Takes recordings apart into drums, bass, vocals and other.",
        discussion: """
            unbraid song.flac
                writes separated/song/drums.wav, bass.wav, vocals.wav and other.wav, which add up \
            to the song.
            """,
        version: version,
        subcommands: [
            SeparateCommand.self, VerifyCommand.self, MergeCommand.self, ModelsCommand.self,
            EvaluateCommand.self, WorkerCommand.self,
        ],
        defaultSubcommand: SeparateCommand.self)
}
