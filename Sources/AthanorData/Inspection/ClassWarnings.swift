/// Warnings from the counts of classes over all files.
struct ClassWarnings {
  private let parts: [DataInspection.Part]
  private let classes: DataClasses

  init(_ parts: [DataInspection.Part], _ classes: DataClasses) {
    (self.parts, self.classes) = (parts, classes)
  }

  var all: [DataWarning] { (contradictions + absent + oneSplitAlone + uniform).compactMap(\.self) }

  private var facts: some Sequence<SampleFacts> {
    parts.lazy.flatMap { $0.facts.lazy.compactMap(\.self) }
  }

  /// The classes but the background, by name, each once.
  private var names: [String] {
    let masks = classes.masks.filter { !ClassName.isBackground($0) }
    return masks + classes.boxes.filter { !masks.contains($0) }
  }

  /// The classes of further labels but the background.
  private var further: [(title: String, label: String, index: Int)] {
    classes.labels.sorted { $0.key < $1.key }.flatMap { name, label in
      label.names.enumerated().filter {
        SplitCounts.isFurther(name) && !(label.kind == .mask && ClassName.isBackground($0.element))
      }.map { ("\($0.element) of '\(name)'", name, $0.offset) }
    }
  }

  private func occurs(_ label: String, _ index: Int, in parts: [DataInspection.Part]) -> Bool {
    parts.contains { $0.counts.further[label]!.counts[index] > 0 }
  }

  private func pixels(_ name: String, in parts: [DataInspection.Part]) -> Int {
    guard let index = classes.masks.firstIndex(of: name) else { return 0 }
    return parts.reduce(0) { $0 + $1.counts.pixels[index] }
  }

  private func boxes(_ name: String, in parts: [DataInspection.Part]) -> Int {
    guard let label = classes.boxes.firstIndex(of: name) else { return 0 }
    return parts.reduce(0) { $0 + $1.counts.boxes[label] }
  }

  private func occurs(_ name: String, in parts: [DataInspection.Part]) -> Bool {
    pixels(name, in: parts) + boxes(name, in: parts) > 0
  }

  /// A warning that counts classes; nil without any.
  private func warning(_ kind: String, _ names: [String]) -> DataWarning? {
    names.isEmpty
      ? nil : DataWarning(kind: kind, count: names.count, files: Array(names.prefix(12)))
  }

  /// Classes that one kind of label has and the other should have.
  private var contradictions: [DataWarning?] {
    let both = classes.masks.filter(classes.boxes.contains)
    let hasBoth = [SampleFacts.Labels.mask, .boxes].allSatisfy { kind in
      facts.contains { $0.labels.contains(kind) }
    }
    guard hasBoth else { return [] }
    return [
      warning(
        "class with boxes and no pixel",
        both.filter { boxes($0, in: parts) > 0 && pixels($0, in: parts) == 0 }),
      warning(
        "class with pixels and no box",
        both.filter { boxes($0, in: parts) == 0 && pixels($0, in: parts) > 0 }),
    ]
  }

  private var absent: [DataWarning?] {
    let others = further.filter { !occurs($0.label, $0.index, in: parts) }.map(\.title)
    return [
      warning("class that occurs nowhere", names.filter { !occurs($0, in: parts) } + others)
    ]
  }

  /// Classes in only one split, and those in test or val but not in train.
  private var oneSplitAlone: [DataWarning?] {
    let labelled = parts.filter { part in
      part.facts.contains { $0?.labels.isDisjoint(with: [.mask, .boxes]) == false }
    }
    var alone: [Split: [String]] = [:]
    var untrained: [String] = []
    func check(
      _ name: String, _ labelled: [DataInspection.Part],
      _ occurs: (DataInspection.Part) -> Bool
    ) {
      guard labelled.count > 1 else { return }
      let splits = labelled.filter(occurs).map(\.split)
      if splits.count == 1 {
        alone[splits[0], default: []].append(name)
      } else if !splits.isEmpty, !splits.contains(.train),
        labelled.contains(where: { $0.split == .train })
      {
        untrained.append(name)
      }
    }
    for name in names { check(name, labelled) { occurs(name, in: [$0]) } }
    for (title, label, index) in further {
      check(title, parts.filter { $0.counts.further[label]!.samples > 0 }) {
        occurs(label, index, in: [$0])
      }
    }
    return Split.allCases.map { warning("class that \($0) alone has", alone[$0] ?? []) }
      + [warning("class that train does not have", untrained)]
  }

  /// Masks without any label.
  private var uniform: [DataWarning?] {
    let masks = parts.flatMap { part in
      part.facts.indices.filter { part.facts[$0]?.labels.contains(.mask) == true }
        .map { (part: part, index: $0) }
    }
    func warning(
      _ kind: String, _ found: [(part: DataInspection.Part, index: Int)]
    ) -> DataWarning? {
      found.isEmpty
        ? nil
        : DataWarning(
          kind: kind, count: found.count,
          files: found.prefix(3).map { $0.part.label($0.index) })
    }
    let shown = (0..<255).filter { value in parts.contains { $0.counts.pixels[value] > 0 } }
    guard let first = masks.first, let value = shown.first else {
      return [warning("mask that is ignored everywhere, as all others are", masks)]
    }
    guard shown.count > 1 else {
      let name = first.part.dataset.maskClasses[value]
      return [
        warning("mask that shows nothing but '\(name)', as all others: mIoU will be 1", masks)
      ]
    }
    return [
      warning(
        "mask of background alone",
        masks.filter { $0.part.facts[$0.index]?.isBackgroundAlone(classes) == true }),
      warning(
        "mask that is ignored everywhere",
        masks.filter { $0.part.facts[$0.index]?.ignoredShare == 1 }),
    ]
  }
}
