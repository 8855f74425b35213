import ArgumentParser

@main
struct AthanorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "athanor", subcommands: [NotebookCommand.self])
}
