import AthanorCore
import AthanorData
import AthanorExperiment

extension DataReport {
  /// One row per split.
  var summaryTable: ReportTable {
    var table = ReportTable(
      caption:
        "Samples with each kind of label. Boxes of an image and shares of ignored pixels are "
        + "of the samples labelled so.",
      columns: [.init(title: "split", isNumeric: false)]
        + [
          "samples", "damaged", "masks", "boxes", "depth", "normals", "unlabelled",
        ].map { .init(title: $0) }
        + ["boxes in all", "per image"].map { .init(title: $0) }
        + [.init(title: "ignored pixels"), .init(title: "image sizes", isNumeric: false)])
    table.rows = splits.map { split in
      func count(_ value: Int) -> ReportTable.Cell {
        value == 0 ? .empty : .init(text: grouped(value), value: Double(value))
      }
      let boxes = split.boxes.reduce(0) { $0 + $1.count }
      let pixels = split.ignoredPixels + split.pixels.reduce(0) { $0 + $1.count }
      let perImage = Double(boxes) / Double(max(1, split.boxed))
      let ignored = Double(split.ignoredPixels) / Double(max(1, pixels))
      let sizes = split.imageSizes.prefix(3).map {
        "\($0.width)×\($0.height) (\(grouped($0.count)))"
      }
      let more = split.imageSizes.count > 3 ? ", and \(split.imageSizes.count - 3) more" : ""
      return [
        .init(split.split), .init(text: grouped(split.samples), value: Double(split.samples)),
        count(split.damaged), count(split.masks), count(split.boxed), count(split.depths),
        count(split.normals), count(split.unlabelled), count(boxes),
        split.boxed == 0 ? .empty : .init(text: fixed(perImage, 1), value: perImage),
        split.ignoredPixels == 0 ? .empty : .init(text: percent(ignored), value: ignored),
        .init(sizes.joined(separator: ", ") + more),
      ]
    }
    return table.compact
  }

  /// The classes of masks, then those that only boxes have.
  var classNames: [String] {
    segmentationClasses + detectionClasses.filter { !segmentationClasses.contains($0) }
  }

  /// One row per class: pixels, boxes and images of each split.
  func classTable(_ classes: DataClasses) -> ReportTable {
    let names = classNames
    var table = ReportTable(
      caption: "Shares of the labelled pixels, boxes, and for each the images that show the class. "
        + "Bars are against the largest number of their column.",
      columns: [.init(title: "class", isNumeric: false)])
    table.rows = names.map { name in
      var cell = ReportTable.Cell(name)
      cell.swatch = classes.color(of: name)
      return [cell]
    }
    for split in splits {
      let pixels = Dictionary(split.pixels.map { ($0.name, $0) }) { first, _ in first }
      let boxes = Dictionary(split.boxes.map { ($0.name, $0) }) { first, _ in first }
      func add(
        _ title: String, _ found: [String: ClassCount],
        _ value: (ClassCount) -> Double, _ text: (ClassCount) -> String, hasBars: Bool = true
      ) {
        let most = found.values.map(value).max() ?? 0
        guard most > 0 else { return }
        table.columns.append(.init(title: title, group: split.split))
        for (row, name) in names.enumerated() {
          guard let count = found[name] else {
            table.rows[row].append(.empty)
            continue
          }
          let isNone = value(count) == 0
          var cell = ReportTable.Cell(text: isNone ? "0" : text(count), value: value(count))
          if hasBars, !isNone { cell.bar = value(count) / most }
          table.rows[row].append(cell)
        }
      }
      add("pixels", pixels, { $0.share }, { percent($0.share) })
      add("images", pixels, { Double($0.images) }, { grouped($0.images) }, hasBars: false)
      add("boxes", boxes, { Double($0.count) }, { grouped($0.count) })
      add("images", boxes, { Double($0.images) }, { grouped($0.images) }, hasBars: false)
    }
    return table
  }

  /// One row per split: boxes by COCO's size limits.
  var boxTable: ReportTable? {
    var table = ReportTable(
      caption: "Boxes by area, as COCO divides them.",
      columns: [.init(title: "split", isNumeric: false)]
        + ["small (< 32²)", "medium", "large (≥ 96²)"].map { .init(title: $0) })
    table.rows = splits.compactMap { split in
      let sizes = [split.boxSizes.small, split.boxSizes.medium, split.boxSizes.large]
      let all = sizes.reduce(0, +)
      guard all > 0 else { return nil }
      return [.init(split.split)]
        + sizes.map { size in
          let share = Double(size) / Double(all)
          var cell = ReportTable.Cell(
            text: "\(grouped(size)) (\(percent(share)))", value: Double(size))
          cell.bar = share
          return cell
        }
    }
    return table.rows.isEmpty ? nil : table
  }

  /// One row for each class of each further label.
  var furtherTable: ReportTable? {
    let names = splits.flatMap { $0.labels.map(\.label) }.reduce(into: [String]()) {
      if !$0.contains($1) { $0.append($1) }
    }
    guard !names.isEmpty else { return nil }
    var table = ReportTable(
      caption: "Samples with each further label; of masks the shares of the labelled pixels, of "
        + "boxes and classes of images those of all, with the images that show each.",
      columns: ["label", "class"].map { .init(title: $0, isNumeric: false) }
        + splits.flatMap { split in
          ["samples", "share"].map { .init(title: $0, group: split.split) }
        })
    for name in names {
      let found = splits.map { split in split.labels.first { $0.label == name } }
      let kind = found.lazy.compactMap { $0?.kind.rawValue }.first ?? ""
      func row(_ title: String, _ cells: (LabelReport) -> [ReportTable.Cell]) {
        table.rows.append(
          [.init(name), .init(title)] + found.flatMap { $0.map(cells) ?? [.empty, .empty] })
      }
      func samples(_ count: Int) -> ReportTable.Cell {
        .init(text: grouped(count), value: Double(count))
      }
      row("(\(kind))") { [samples($0.samples), .empty] }
      for index in (found.lazy.compactMap { $0 }.first?.classes ?? []).indices {
        row(found.lazy.compactMap { $0 }.first!.classes[index].name) { label in
          let own = label.classes[index]
          return [samples(own.images), .init(text: percent(own.share), value: own.share)]
        }
      }
    }
    return table
  }

  /// One row per damaged sample.
  var damagedTable: ReportTable {
    var table = ReportTable(
      caption: "Everything else on this page is of the other samples.",
      columns: ["split", "sample", "problem"].map { .init(title: $0, isNumeric: false) })
    table.rows = damaged.map { [.init($0.split), .init($0.name), .init($0.problem)] }
    return table
  }

  /// One row per group of equal images.
  var duplicateTable: ReportTable {
    var table = ReportTable(
      caption: "Images whose files are equal, byte for byte.",
      columns: ["splits", "samples"].map { .init(title: $0, isNumeric: false) })
    table.rows = duplicates.map { group in
      [
        .init(group.splits.joined(separator: ", ")),
        .init(group.samples.map { "\($0.split): \($0.name)" }.joined(separator: " = ")),
      ]
    }
    return table
  }

  /// How much more frequent the most frequent class other than background is than the rarest class
  /// that occurs, over all splits.
  var imbalance: [String] {
    [
      ("pixels", splits.map(\.pixels)), ("boxes", splits.map(\.boxes)),
    ].compactMap { (unit, splits) -> String? in
      var totals: [String: Int] = [:]
      for count in splits.flatMap(\.self) where !ClassName.isBackground(count.name) {
        totals[count.name, default: 0] += count.count
      }
      let found = totals.filter { $0.value > 0 }.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
      guard let most = found.first, let least = found.last, found.count > 1 else { return nil }
      let ratio = Double(most.value) / Double(least.value)
      let times = ratio < 10 ? fixed(ratio, 1) : grouped(Int(ratio.rounded()))
      return
        "\(most.key) has \(times) times the \(unit) of \(least.key): "
        + "\(grouped(most.value)) to \(grouped(least.value))."
    }
  }
}

extension DataClasses {
  /// The colour in which a class is drawn.
  func color(of name: String) -> [UInt8] {
    if let index = masks.firstIndex(of: name) { return maskColor(index) }
    return boxColor(boxes.firstIndex(of: name) ?? 0, named: name)
  }
}

/// `12.3 %`; small shares have enough digits to differ from 0.
func percent(_ share: Double) -> String {
  let value = 100 * share
  return "\(fixed(value, value == 0 || value >= 1 ? 1 : value >= 0.01 ? 2 : 4)) %"
}
