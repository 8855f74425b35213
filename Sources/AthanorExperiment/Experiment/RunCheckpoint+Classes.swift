import AthanorCore
import AthanorData
import AthanorNetworks
import AthanorTasks
import AthanorTensor
import AthanorVision

extension RunCheckpoint {
  /// The relation of data to a checkpoint, which decides how far their classes must agree.
  enum Relation {
    /// The data that it was trained on: the same classes, in any order.
    case own
    /// Other data: all or some of the classes of the checkpoint.
    case other
  }

  /// The data with their classes in the checkpoint's order, matched by name; prints a note where
  /// the order differs.
  ///
  /// Only labels that a task of the checkpoint uses are compared. `name` refers to the data in
  /// messages.
  ///
  /// Errors: throws `ClassMatchError` with both lists where they do not agree.
  func matched(
    _ source: any DataSource, _ name: String, _ relation: Relation
  ) throws -> any DataSource {
    guard let split = try source.splits().first else { return source }
    let data = try source.open(split).classes
    // Tasks that read the same label are reported once.
    let matches = try classes.matches(data, config.namedTasks())
      .reduce(into: [ClassMatch]()) { if !$0.contains($1) { $0.append($1) } }
    for match in matches where !match.isWhole {
      let isMisfit = relation == .own || match.unknown.contains { !ClassName.isBackground($0) }
      guard isMisfit else { continue }
      throw ClassMatchError(
        path: name, checkpoint: file, match: match,
        answer: relation == .own ? nil : Self.answer(known: classes, of: data))
    }
    for match in matches where !match.missing.isEmpty && !match.received.isEmpty {
      monitor.note(
        "\(name): no \(match.labels) of \(match.missing.joined(separator: ", ")), "
          + "which the checkpoint knows")
    }
    guard matches.contains(where: { $0.isReordered || !$0.isWhole }) else { return source }
    if matches.contains(where: \.isReordered) {
      monitor.note(
        "\(name): the data's classes are in another order than the checkpoint's; matched by name")
    }
    return MatchedSource(source, classes: classes)
  }

  /// The option that leaves out the classes that a checkpoint does not have.
  private static func answer(known classes: DataClasses, of data: DataClasses) -> String {
    func names(_ classes: DataClasses) -> [String] {
      classes.labels.sorted { $0.key < $1.key }.flatMap(\.value.names)
    }
    let there = Set(names(data).map(ClassName.key))
    var known: [String] = []
    for name in classes.masks + classes.boxes + names(classes)
    where !ClassName.isBackground(name) && !known.contains(name) {
      if there.contains(ClassName.key(name)) { known.append(name) }
    }
    guard !known.isEmpty else { return "no class is common to both" }
    let list = known.map { YAMLScalar.text(of: .string($0)) ?? $0 }.joined(separator: ", ")
    return "to leave the unknown ones out: --set \(shellWords(["data.classes=[\(list)]"]))"
  }
}

extension DataClasses {
  /// How other classes agree with these, for each label with classes that a task reads.
  func matches(_ others: DataClasses, _ tasks: [NamedTask]) -> [ClassMatch] {
    tasks.compactMap { task in
      guard let own = labels[task.label], !own.names.isEmpty else { return nil }
      return ClassMatch(
        of: task.label == task.labelKind.usualName ? task.labelKind.plural : "'\(task.label)'",
        expected: own.names, received: others.labels[task.label]?.names ?? [])
    }
  }
}

extension Label.Kind {
  /// The plural of the label's kind in messages.
  var plural: String {
    switch self {
    case .mask: "masks"
    case .category: "images"
    default: rawValue
    }
  }
}

extension Selection {
  /// The name of the data in messages: their folder, or else their name.
  package var place: String {
    for option in options where option.key == "path" {
      if case .string(let path) = option.value, !path.isEmpty { return path }
    }
    return name
  }
}

extension ExperimentConfig {
  /// A checkpoint's tensors with the rows of its class layers in the order of `classes`, matched by
  /// name.
  ///
  /// Where the classes differ, the layer is left out and so keeps its initial weights, and `warn`
  /// receives a message. A file without classes is used unchanged.
  func matchedRows(
    _ file: (tensors: [String: Tensor], metadata: [String: String]), _ tasks: [RunTask],
    _ classes: DataClasses, from path: String, warn: (String) -> Void
  ) throws -> [String: Tensor] {
    guard let text = file.metadata["classes"] else { return file.tensors }
    let earlier = try RunCheckpoint.decode(DataClasses.self, text, "classes", path)
    var tensors = file.tensors
    let known = tasks.filter { $0.classLayer != nil && earlier.labels[$0.label] != nil }
    for (task, match) in zip(known, classes.matches(earlier, known.map(\.named))) {
      let layer = task.classLayer!
      let names = ["\(layer).weight", "\(layer).bias"].filter { tensors[$0] != nil }
      guard !names.isEmpty, match.isReordered || !match.isWhole else { continue }
      if match.isWhole {
        let rows = match.receivedIndices.compactMap(\.self)
        for name in names { tensors[name] = tensors[name]!.rows(rows) }
        warn("\(path): the classes of \(match.labels) are in another order; matched by name")
      } else {
        for name in names { tensors[name] = nil }
        let trained = match.received.joined(separator: ", ")
        let here = match.expected.joined(separator: ", ")
        warn(
          "\(path): trained for \(match.labels) of [\(trained)], here [\(here)]: \(layer) starts "
            + "fresh")
      }
    }
    return tensors
  }
}

extension Tensor {
  /// Some rows of the first axis of a float32 tensor, in the given order; the tensor itself where a
  /// row does not exist.
  fileprivate func rows(_ rows: [Int]) -> Tensor {
    guard dtype == .float32, let count = shape.first, rows.allSatisfy((0..<count).contains) else {
      return self
    }
    let values = array(of: Float.self)
    let size = values.count / max(1, count)
    return Tensor(
      rows.flatMap { values[($0 * size)..<(($0 + 1) * size)] },
      shape: [rows.count] + shape.dropFirst())
  }
}
