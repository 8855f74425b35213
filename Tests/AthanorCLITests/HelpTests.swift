import ArgumentParser
import AthanorCLI
import Testing

/// The layout of `--help` on a terminal with 80 columns.
struct HelpTests {
  /// Longer lines are wrapped, which suits a paragraph (a single line), but not an example, a table
  /// or several lines that belong together.
  @Test func examplesFitATerminal() {
    for command in Self.all(AthanorCLI.self) {
      let lines = command.configuration.discussion.split(
        separator: "\n", omittingEmptySubsequences: false)
      for (i, line) in lines.enumerated() where line.count > 80 {
        let isParagraph = i + 1 == lines.count || lines[i + 1].isEmpty
        #expect(!line.hasPrefix(" ") && isParagraph, "\(command): \(line)")
      }
    }
  }

  private static func all(_ command: any ParsableCommand.Type) -> [any ParsableCommand.Type] {
    [command] + command.configuration.subcommands.flatMap(all)
  }
}
