import AthanorCore
import AthanorData
import AthanorExperiment

extension Report {
  /// The data that the runs were trained on, split by split; nil where no run has a record of them.
  var dataTable: ReportTable? {
    var known: [RunConditions] = []
    for conditions in methods.compactMap(\.conditions)
    where !conditions.splits.isEmpty
      && !known.contains(where: {
        $0.splits == conditions.splits && $0.classes == conditions.classes
      })
    {
      known.append(conditions)
    }
    guard !known.isEmpty else { return nil }
    let labels = Set(known.flatMap { $0.classes.filter { $0.count > 1 }.map { $0[0] } }).sorted()
    var table = ReportTable(
      caption: "What the runs were trained on. A fingerprint changes with a name, an image or a "
        + "label of any sample of the split, or with their order.",
      columns: [
        .init(title: "methods", isNumeric: false), .init(title: "split", isNumeric: false),
        .init(title: "images"), .init(title: "fingerprint", isNumeric: false),
      ] + labels.map { .init(title: "\($0) classes", isNumeric: false) })
    for data in known {
      let users = methods.indices.filter {
        methods[$0].conditions?.splits == data.splits
          && methods[$0].conditions?.classes == data.classes
      }
      let names =
        users.count == methods.count
        ? "all" : users.map { "\($0 + 1)" }.joined(separator: ", ")
      for split in data.splits {
        table.rows.append(
          [
            .init(names), .init(split.split.rawValue), .init(split.samples),
            .init(split.fingerprint),
          ]
            + labels.map { label in
              let names = data.classes.first { $0.first == label }?.dropFirst() ?? []
              return .init(names.isEmpty ? "–" : "\(names.count): \(names.joined(separator: ", "))")
            })
      }
    }
    return table.compact
  }
}
