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
            CuesCommand.self, EvaluateCommand.self, WorkerCommand.self,
        ],
        defaultSubcommand: SeparateCommand.self)

    /// Runs a command.
    ///
    /// What the parser has to say of the arguments begins with `Error:` and ends with the usage;
    /// everything else that is wrong has one line that begins with `unbraid:`.
    static func main() {
        do {
            var command = try parseAsRoot()
            try command.run()
        } catch let failure as Failure {
            Terminal.complain(failure.description)
            exit(withError: ExitCode.failure)
        } catch {
            exit(withError: error)
        }
    }
}
