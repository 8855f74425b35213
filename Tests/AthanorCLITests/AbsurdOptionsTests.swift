import ArgumentParser
import AthanorCLI
import Foundation
import TestSupport
import Testing

/// Every option of every verb that takes an integer, found in the commands themselves: an absurd
/// value is refused with the option's name before anything runs.
struct AbsurdOptionsTests {
  static let absurd = [Int.max, Int.min, 1 << 32, 1 << 31, 1 << 53, -(1 << 31) - 1]

  static let commands = leaves(of: AthanorCLI.self)

  private static func leaves(of command: any ParsableCommand.Type) -> [any ParsableCommand.Type] {
    let inner = command.configuration.subcommands
    return inner.isEmpty ? [command] : inner.flatMap { leaves(of: $0) }
  }

  @Test func integersAreLimited() throws {
    var tried = 0
    for command in Self.commands {
      let help = try Help(of: command)
      let threads = help.options.contains("--threads") ? ["threads"] : []
      for option in Self.integerOptions(of: command) + threads {
        for value in Self.absurd {
          let arguments =
            help.needed.filter { !$0.hasPrefix("--\(option)=") } + ["--\(option)=\(value)"]
          #expect("\(command) --\(option)=\(value)") {
            _ = try command.parse(arguments)
          } throws: { error in
            let message = command.message(for: error)
            return message.contains("--\(option)") && message.contains("\(value)")
          }
          tried += 1
        }
      }
    }
    #expect(tried > 30 * Self.absurd.count)
  }

  /// The names of a command's options that hold an `Int`.
  private static func integerOptions(of command: any ParsableCommand.Type) -> [String] {
    Mirror(reflecting: command.init()).children.compactMap { child in
      guard let label = child.label,
        ["Option<Int>", "Option<Optional<Int>>"].contains("\(type(of: child.value))")
      else { return nil }
      return label.drop { $0 == "_" }.map {
        $0.isUppercase ? "-\($0.lowercased())" : "\($0)"
      }.joined()
    }
  }

  /// A command's description of itself.
  private struct Help: Decodable {
    struct Command: Decodable { var arguments: [Argument]? }
    struct Argument: Decodable {
      struct Name: Decodable { var name: String }
      var kind: String
      var isOptional: Bool
      var preferredName: Name?
    }
    var command: Command

    init(of command: any ParsableCommand.Type) throws {
      self = try JSONDecoder().decode(Self.self, from: Data(command._dumpHelp().utf8))
    }

    var options: [String] {
      (command.arguments ?? []).compactMap { $0.preferredName.map { "--\($0.name)" } }
    }

    /// Values for the arguments that it requires.
    var needed: [String] {
      (command.arguments ?? []).filter { !$0.isOptional }.map { argument in
        argument.kind == "positional" ? "1" : "--\(argument.preferredName?.name ?? "")=1"
      }
    }
  }
}
