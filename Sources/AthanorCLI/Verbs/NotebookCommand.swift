import ArgumentParser
import AthanorCore
import AthanorExperiment
import Foundation

struct NotebookCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "notebook", abstract: "Run the commands of Markdown notebooks again.",
    discussion: """
      EXAMPLES
        athanor notebook check notebooks-md/01-first-run.md
        athanor notebook check --quick notebooks-md/*.md
        athanor notebook update notebooks-md/01-first-run.md
      """,
    subcommands: [Check.self, Update.self])

  struct Options: ParsableArguments {
    @Argument(help: "Markdown files with console blocks.") var notebooks: [String]
    @Option(help: "Where the commands run, a folder for each notebook; emptied first.")
    var work = ".build/notebooks"

    /// Runs every notebook, prints the differences, and throws if there are any.
    func run(_ mode: Notebook.Mode) throws {
      var differences = 0
      var (blocks, commands) = (0, 0)
      let tools = Bundle.main.executableURL?.deletingLastPathComponent().path ?? "."
      for path in notebooks {
        let name = URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent
        let folder = URL(fileURLWithPath: work).appendingPathComponent(name).path
        let outcome = try Notebook(path: path).run(
          mode, in: folder, tools: tools, environment: ProcessInfo.processInfo.environment)
        if let text = outcome.text {
          try AtomicFile.write(text, to: path)
          print("\(path): updated")
        }
        for difference in outcome.differences { print(difference) }
        differences += outcome.differences.count
        blocks += outcome.blocks
        commands += outcome.commands
      }
      print(
        "\(notebooks.count) notebooks, \(blocks) blocks, \(commands) commands, "
          + "\(differences) differences")
      if differences > 0 { throw ExitCode.failure }
    }
  }

  struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Fail where a command's output is not what the notebook shows.")
    @Flag(help: "Run blocks in their reduced form where they have one.") var quick = false
    @OptionGroup var options: Options

    func run() throws { try options.run(quick ? .quick : .check) }
  }

  struct Update: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Write outputs that differ, and figures, into the notebook.")
    @OptionGroup var options: Options

    func run() throws { try options.run(.update) }
  }
}
