import ArgumentParser
import AthanorCLI
import Testing

/// What `--help` prints on a terminal of 80 columns.
struct HelpTests {
  /// A line is wrapped where it is longer: a paragraph, which is one line, but no example, table or
  /// line of several that belong together.
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
