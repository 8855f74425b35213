import ArgumentParser
import AthanorData
import AthanorLab

/// How commands write data sets.
struct WritingOptions: ParsableArguments {
  @Option(help: "The form of a written data set: \(Self.forms.joined(separator: ", ")).")
  var to = VOCWriter.name
  @Option(help: "The labels to write, with commas between: masks,boxes (default: all).")
  var labels: String?

  private static let forms = datasetWriters.map { $0.name }

  func validate() throws { _ = try options() }

  func options() throws -> WriteOptions {
    guard let form = datasetWriters.first(where: { $0.name == to }) else {
      throw ValidationError(unknownWord(to, kind: "form", among: Self.forms))
    }
    let kinds = try labels?.split(separator: ",").map { word in
      guard let kind = LabelKind(rawValue: String(word)) else {
        throw ValidationError(
          unknownWord(String(word), kind: "label", among: LabelKind.allCases.map(\.rawValue)))
      }
      return kind
    }
    return WriteOptions(form, labels: kinds.map { Set($0) })
  }
}
