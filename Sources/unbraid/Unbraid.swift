import ArgumentParser

@main
struct Unbraid: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "unbraid")
}
