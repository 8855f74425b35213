import ArgumentParser
import AthanorData
import AthanorExperiment

/// How commands write data sets.
struct WritingOptions: ParsableArguments {
  @Option(
    help: "The form of a written data set: \(Self.forms.joined(separator: ", ")) (default: voc).")
  var to: String?
  @Option(help: "The labels to write, with commas between: masks,boxes (default: all).")
  var labels: String?

  private static let forms = datasetWriters.map { $0.name }

  /// Whether any option about writing a data set was given.
  var isGiven: Bool { to != nil || labels != nil }

  func validate() throws { _ = try options() }

  func options() throws -> WriteOptions {
    let name = to ?? VOCWriter.name
    guard let form = datasetWriters.first(where: { $0.name == name }) else {
      throw ValidationError(unknownWord(name, kind: "form", among: Self.forms))
    }
    let kinds = try labels?.split(separator: ",").map { word in
      guard let kind = LabelKind(rawValue: String(word)) else {
        throw ValidationError(
          unknownWord(String(word), kind: "label", among: LabelKind.allCases.map(\.rawValue)))
      }
      return kind
    }
    guard kinds?.isEmpty != true else {
      throw ValidationError("--labels: expected masks, boxes or both, received none")
    }
    return WriteOptions(form, labels: kinds.map { Set($0) })
  }
}
