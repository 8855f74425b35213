import ArgumentParser
import AthanorExperiment

struct ListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Show what a configuration can name, with defaults.",
    discussion: """
      EXAMPLES
        athanor list losses
        athanor list weightings --json
      """)

  @Argument(
    help: "One of \(Catalogue.all.map(\.name).joined(separator: ", ")).",
    transform: { name in
      guard let catalogue = Catalogue.all.first(where: { $0.name == name }) else {
        throw ValidationError(unknownWord(name, kind: "list", among: Catalogue.all.map(\.name)))
      }
      return catalogue
    }) var catalogue: Catalogue
  @Flag(help: "Print one JSON object.") var json = false

  func run() throws {
    print(try json ? catalogue.json().pretty : catalogue.text(), terminator: json ? "\n" : "")
  }
}
