import AthanorVision

/// Sums over the samples of a split, and histograms of its boxes.
public struct SplitCounts: Sendable {
  /// The number of samples read.
  public private(set) var samples = 0
  /// Pixels by mask value; 255 is ignored.
  public private(set) var pixels = [Int](repeating: 0, count: 256)
  /// Images whose mask contains each value.
  public private(set) var maskImages = [Int](repeating: 0, count: 256)
  /// Boxes by label, and images with each label.
  public private(set) var boxes: [Int]
  public private(set) var boxImages: [Int]
  public private(set) var sizes = DataReport.BoxSizes()
  /// Boxes by √area in half octaves of pixels: bin k is 2^(k/2) up to 2^((k+1)/2); the first one
  /// includes everything below, the last one everything above.
  public private(set) var sides = [Int](repeating: 0, count: 28)
  /// Boxes by √(area / image area) in twentieths.
  public private(set) var shares = [Int](repeating: 0, count: 20)
  /// By the names of further labels.
  public private(set) var further: [String: LabelCounts]

  /// A label beside mask, boxes, depth and normals.
  public struct LabelCounts: Sendable {
    /// The number of samples with it.
    public fileprivate(set) var samples = 0
    /// Pixels, boxes or images by class; none for numbers.
    public fileprivate(set) var counts: [Int]
    /// Images with each class.
    public fileprivate(set) var images: [Int]
  }

  init(_ classes: DataClasses) {
    boxes = [Int](repeating: 0, count: classes.boxes.count)
    boxImages = boxes
    further = classes.labels.filter { Self.isFurther($0.key) }.mapValues { label in
      let zeros = label.names.map { _ in 0 }
      return LabelCounts(counts: zeros, images: zeros)
    }
  }

  /// Whether a label has no numbers of its own in a report.
  static func isFurther(_ name: String) -> Bool {
    let usual: [Label.Kind] = [.mask, .boxes, .depth, .normals]
    return !usual.contains { $0.usualName == name }
  }

  mutating func add(_ tally: SampleTally) {
    samples += 1
    for (value, count) in (tally.pixels ?? []).enumerated() where count > 0 {
      pixels[value] += count
      maskImages[value] += 1
    }
    let image = Double(tally.facts.width) * Double(tally.facts.height)
    for box in tally.boxes {
      boxes[box.label] += 1
      switch box.area {
      case ..<1024: sizes.small += 1
      case ..<9216: sizes.medium += 1
      default: sizes.large += 1
      }
      sides[Self.sideBin(Double(box.area).squareRoot())] += 1
      let share = (Double(box.area) / max(1, image)).squareRoot()
      shares[max(0, min(shares.count - 1, Int(share * Double(shares.count))))] += 1
    }
    for label in Set(tally.boxes.map(\.label)) { boxImages[label] += 1 }
    for (name, counts) in tally.further {
      guard var sum = further[name] else { continue }
      sum.samples += 1
      for (index, count) in counts.enumerated() where count > 0 {
        sum.counts[index] += count
        sum.images[index] += 1
      }
      further[name] = sum
    }
  }

  /// The half octave of a length in pixels, by comparison with the edges: exact at powers of 2.
  private static func sideBin(_ side: Double) -> Int {
    var bin = 0
    while bin < 27, side * side >= Double(1 << (bin + 1)) { bin += 1 }
    return bin
  }
}

extension DataReport {
  /// The report of splits that have been read.
  init(of parts: [DataInspection.Part], _ classes: DataClasses) {
    self.init(segmentationClasses: classes.masks, detectionClasses: classes.boxes)
    splits = parts.map { SplitReport($0, classes) }
    damaged = parts.flatMap { part in
      part.problems.map {
        Damaged(
          split: part.split.rawValue, name: part.dataset.name(at: $0.index), problem: $0.problem)
      }
    }
    let equal = EqualImages(in: parts)
    duplicates = equal.groups.map { group in
      Duplicate(samples: group.map { parts[$0.part].reference($0.index) })
    }
    suspicious = Suspicion.allCases.compactMap { kind in
      let found = kind.suspects(in: parts, classes)
      guard !found.isEmpty else { return nil }
      return Suspects(
        kind: kind, count: found.count,
        samples: found.prefix(20).map { parts[$0.part].reference($0.index) })
    }
    warnings =
      equal.warnings(parts) + ClassWarnings(parts, classes).all
      + WarningLog(joining: parts.map(\.dataset.warnings)).all
  }
}

extension DataReport.SplitReport {
  init(_ part: DataInspection.Part, _ classes: DataClasses) {
    let (facts, counts) = (part.facts.compactMap(\.self), part.counts)
    self.init(split: part.split.rawValue)
    samples = facts.count
    damaged = part.problems.count
    masks = facts.count { $0.labels.contains(.mask) }
    boxed = facts.count { $0.labels.contains(.boxes) }
    depths = facts.count { $0.labels.contains(.depth) }
    normals = facts.count { $0.labels.contains(.normals) }
    unlabelled = facts.count { $0.labels.isEmpty }
    ignoredPixels = counts.pixels[255]
    func table(
      _ names: [String], _ totals: [Int], _ images: [Int]
    ) -> [DataReport.ClassCount] {
      let all = max(1, totals.prefix(names.count).reduce(0, +))
      return names.indices.map {
        DataReport.ClassCount(
          name: names[$0], count: totals[$0], share: Double(totals[$0]) / Double(all),
          images: images[$0])
      }
    }
    pixels = table(classes.masks, counts.pixels, counts.maskImages)
    boxes = table(classes.boxes, counts.boxes, counts.boxImages)
    boxSizes = counts.sizes
    labels = counts.further.sorted { $0.key < $1.key }.map { name, sum in
      let own = classes.labels[name]!
      return DataReport.LabelReport(
        label: name, kind: own.kind, samples: sum.samples,
        classes: table(own.names, sum.counts, sum.images))
    }
    var sizes: [[Int32]: Int] = [:]
    for one in facts { sizes[[one.width, one.height], default: 0] += 1 }
    imageSizes = sizes.map { .init(width: Int($0[0]), height: Int($0[1]), count: $1) }
      .sorted { ($1.count, $0.width, $0.height) < ($0.count, $1.width, $1.height) }
  }
}
