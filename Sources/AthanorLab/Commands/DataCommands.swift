import AthanorCore
import AthanorData

/// What `athanor data …` does, with a progress bar; each gives its result to print.
public enum DataCommands {
  public static func inspect(_ location: DataLocation) throws -> DataReport {
    try withBar("inspect", unit: "sample") {
      try AthanorData.inspect(location.open(), progress: $0)
    }
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

  /// Runs `work` with a handler that moves a bar on stderr.
  private static func withBar<Result>(
    _ title: String, unit: String, _ work: (@escaping ProgressHandler) throws -> Result
  ) throws -> Result {
    let meter = Meter(title, unit: unit)
    defer { meter.finish() }
    return try work { meter.update($0, of: $1) }
  }
}

extension DataReport {
  /// The report for people: a table a split, then the warnings.
  public var text: String {
    splits.map { split in
      var text =
        "\(split.split): \(grouped(split.samples)) samples, \(grouped(split.masks)) with masks, "
        + "\(grouped(split.boxed)) with boxes, \(grouped(split.unlabelled)) without labels\n"
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
      text += table.text
      if split.ignoredPixels > 0 { text += "ignored pixels: \(grouped(split.ignoredPixels))\n" }
      if !split.boxes.isEmpty {
        let sizes = split.boxSizes
        text +=
          "boxes: \(sizes.small) small (< 32²), \(sizes.medium) medium, \(sizes.large) large (≥ 96²)\n"
      }
      return text
    }.joined(separator: "\n") + AthanorLab.text(of: warnings)
  }
}

extension WriteSummary {
  public var text: String { "\(AthanorLab.text(of: samples))\(AthanorLab.text(of: warnings))" }
}

/// `train 600, val 100`, in the order of the splits.
private func text(of samples: [String: Int]) -> String {
  let parts = Split.allCases.compactMap { split in
    samples[split.rawValue].map { "\(split.rawValue) \(grouped($0))" }
  }
  return parts.joined(separator: ", ") + "\n"
}

private func text(of warnings: [DataWarning]) -> String {
  warnings.map { "warning: \($0)\n" }.joined()
}
