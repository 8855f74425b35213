import AthanorCore
import AthanorData
import AthanorExperiment
import AthanorReport

/// The implementation of `athanor data …`, with a progress bar; each function returns the result
/// to print.
public enum DataCommands {
  /// Counts the content of a data set, and writes a page about it where a folder is given.
  ///
  /// - `strict`: Whether the first damaged sample is an error.
  /// - `folder`: A new or empty folder, or one that this command wrote before.
  /// - `seed`: Determines which samples are shown.
  ///
  /// Errors: `ContentError` where nothing could be read, `SettingsError`, `FileError`.
  public static func inspect(
    _ location: DataLocation, strict: Bool = false, page folder: String? = nil, seed: Int = 0
  ) throws -> DataReport {
    let source = try location.open()
    let output = try folder.map { try OutputFolder($0, kind: "data inspect") }
    do {
      let inspection = try withBar("inspect", unit: "sample") {
        try DataInspection(of: source, strict: strict, progress: $0)
      }
      if let folder, let output {
        let page = DataPage(
          title: location.title, origin: location.origin, inspection: inspection, seed: seed)
        try page.write(to: output.work)
        try output.finish()
        Terminal.error.write("page: \(folder)/index.html\n")
      }
      return inspection.report
    } catch {
      output?.abandon()
      throw error
    }
  }

  /// The file structure of each layout, and what is read from it.
  public static var layoutHelp: String {
    let known = layouts.map { layout in
      hanging("  \(layout.name): ", layout.summary)
        + layout.onDisk.map { line in
          // The path, then at least two blanks, then a description of the content.
          let end = line.firstRange(of: #/ {2,}/#)?.upperBound ?? line.startIndex
          return hanging("    \(line[..<end])", String(line[end...]))
        }.joined()
    }
    let names = layouts.map { $0.name }
    let others = datasets.entries.filter { !names.contains($0.name) }
      .map { hanging("  \($0.name): ", $0.summary) }
    return "LAYOUTS, told by what lies in the folder or by --layout NAME\n"
      + "\(known.joined())\nALSO, in a configuration\n\(others.joined())"
  }

  /// A head followed by text, wrapped at 78 columns; further lines are indented to the start of the
  /// text.
  private static func hanging(_ head: String, _ text: String) -> String {
    let indent = min(head.count, 32)
    var (lines, line) = ([String](), head)
    for word in text.split(separator: " ") {
      if line.count + word.count > 77, line.count > indent {
        lines.append(line)
        line = String(repeating: " ", count: indent)
      }
      line += (line.last == " " ? "" : " ") + word
    }
    return (lines + [line]).map { $0 + "\n" }.joined()
  }

  public static func synthesize(
    _ options: SyntheticScenes.Options, to folder: String, _ writing: WriteOptions
  ) throws {
    let scenes = try SyntheticScenes(options)
    try withBar("synthesize", unit: "scene") { try scenes.write(to: folder, writing, progress: $0) }
  }

  public static func convert(
    _ location: DataLocation, to folder: String, _ writing: WriteOptions
  ) throws -> WriteSummary {
    try withBar("convert", unit: "sample") {
      try convertDataset(location.open(), to: folder, writing, progress: $0)
    }
  }

  public static func build(
    _ location: DataLocation, to folder: String, _ options: BuildOptions, _ writing: WriteOptions
  ) throws -> WriteSummary {
    try withBar("build", unit: "sample") {
      try buildDataset(location.open(), to: folder, options, writing, progress: $0)
    }
  }

  /// Runs `work` with a handler that updates a bar on stderr.
  private static func withBar<Result>(
    _ title: String, unit: String, _ work: (@escaping ProgressHandler) throws -> Result
  ) throws -> Result {
    let meter = Meter(title, unit: unit)
    defer { meter.finish() }
    return try work { meter.update($0, of: $1) }
  }
}

extension DataReport.LabelReport {
  /// `lane (mask): 12 samples, solid 80.0 %, dashed 20.0 %`; with many classes, only the most
  /// frequent.
  var text: String {
    let most = classes.sorted { $0.count > $1.count }
    let shares = most.prefix(8).map { "\($0.name) \(fixed(100 * $0.share, 1)) %" }
    let rest = classes.count > 8 ? ["and \(classes.count - 8) more"] : []
    return (["\(label) (\(kind.rawValue)): \(grouped(samples)) samples"] + shares + rest)
      .joined(separator: ", ")
  }
}

extension DataReport {
  /// The report for people: one table per split, then the warnings.
  public var text: String {
    splits.map { split in
      var text =
        "\(split.split): \(grouped(split.samples)) samples, \(grouped(split.masks)) with masks, "
        + "\(grouped(split.boxed)) with boxes, "
        + (split.depths > 0 ? "\(grouped(split.depths)) with depth, " : "")
        + (split.normals > 0 ? "\(grouped(split.normals)) with normals, " : "")
        + "\(grouped(split.unlabelled)) without labels\n"
      let sizes = split.imageSizes.prefix(3).map { "\($0.width)×\($0.height) (\($0.count))" }
      text += "image sizes: \(sizes.joined(separator: ", "))"
      text += split.imageSizes.count > 3 ? ", and \(split.imageSizes.count - 3) more\n" : "\n"
      var table = TextTable(["class", "pixels", "share", "boxes", "share"])
      let names = split.pixels.map(\.name)
      let all = names + split.boxes.map(\.name).filter { !names.contains($0) }
      func percent(_ share: Double) -> String { fixed(100 * share, 2) + " %" }
      for name in all {
        let pixels = split.pixels.first { $0.name == name }
        let boxes = split.boxes.first { $0.name == name }
        table.rows.append([
          name, pixels.map { grouped($0.count) } ?? "–", pixels.map { percent($0.share) } ?? "–",
          boxes.map { grouped($0.count) } ?? "–", boxes.map { percent($0.share) } ?? "–",
        ])
      }
      if !table.rows.isEmpty { text += table.text }
      text += split.labels.map { "\($0.text)\n" }.joined()
      if split.ignoredPixels > 0 { text += "ignored pixels: \(grouped(split.ignoredPixels))\n" }
      if !split.boxes.isEmpty {
        let sizes = split.boxSizes
        text +=
          "boxes: \(sizes.small) small (< 32²), \(sizes.medium) medium, "
          + "\(sizes.large) large (≥ 96²)\n"
      }
      return text
    }.joined(separator: "\n") + listing(warnings)
      + suspicious.map { kind in
        let names = kind.samples.prefix(3).map(\.name).joined(separator: ", ")
        return "worth a look: \(grouped(kind.count)) × \(kind.kind.title.lowercasingFirst) "
          + "(\(names)\(kind.count > 3 ? ", …" : ""))\n"
      }.joined() + damageText
  }

  /// The number of samples that cannot be read, and the first twenty of them.
  private var damageText: String {
    guard !damaged.isEmpty else { return "" }
    let listed = damaged.prefix(20).map { "damaged: \($0.split) \($0.name): \($0.problem)\n" }
    let more = damaged.count > 20 ? "… and \(grouped(damaged.count - 20)) more\n" : ""
    let all = splits.reduce(damaged.count) { $0 + $1.samples }
    return listed.joined() + more
      + "\(grouped(damaged.count)) of \(grouped(all)) samples cannot be read\n"
  }
}

extension WriteSummary {
  public var text: String { listing(samples) + listing(warnings) }
}

/// `train 600, val 100`, in the order of the splits.
private func listing(_ samples: [String: Int]) -> String {
  let parts = Split.allCases.compactMap { split in
    samples[split.rawValue].map { "\(split.rawValue) \(grouped($0))" }
  }
  return parts.joined(separator: ", ") + "\n"
}

private func listing(_ warnings: [DataWarning]) -> String {
  warnings.map { "warning: \($0)\n" }.joined()
}

extension String {
  /// The text in the form that it has within a sentence.
  fileprivate var lowercasingFirst: String { prefix(1).lowercased() + dropFirst() }
}
