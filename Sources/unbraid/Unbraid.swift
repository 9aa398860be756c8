import ArgumentParser

@main
struct Unbraid: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unbraid",
        abstract: "Takes recordings apart into drums, bass, vocals and other.",
        discussion: """
            unbraid song.flac
                writes separated/song/drums.wav, bass.wav, vocals.wav and other.wav, which add up \
            to the song.
            """,
        version: "0.1.0",
        subcommands: [
            SeparateCommand.self, CuesCommand.self, ModelsCommand.self, EvaluateCommand.self,
        ],
        defaultSubcommand: SeparateCommand.self)
}
