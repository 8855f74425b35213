import AthanorCore
import AthanorVision

/// What `data convert` wrote.
public struct ConvertSummary: Codable, Equatable, Sendable {
  /// Samples by split.
  public var samples: [String: Int]
  public var classes: [String]
  public var warnings: [DataWarning]
}

/// Writes any data set in Pascal VOC's layout to a new folder.
///
/// Names that occur in two splits or would leave the folder are refused. Boxes of sub-pixel corners
/// keep their fractions. Throws `DatasetError` or `FileError`.
public func convertToVOC(
  _ source: any DataSource, to folder: String, progress: ProgressHandler? = nil
) throws -> ConvertSummary {
  let opened = try source.openAll()
  guard let first = opened.first else {
    throw DatasetError(path: folder, expected: "samples to convert", received: "none")
  }
  let total = opened.reduce(0) { $0 + $1.dataset.count }
  try checkNames(opened.flatMap(\.dataset.names), folder)
  let classes = try first.dataset.classes.foregroundAligned(folder)
  let writer = try VOCWriter(folder, classes, kind: "data convert")
  var summary = ConvertSummary(samples: [:], classes: classes.detection, warnings: [])
  if classes.detection.isEmpty { summary.classes = classes.segmentation }
  let counter = ProgressCounter(total: total, progress)
  for (split, dataset) in opened {
    try writer.write(split, count: dataset.count, counter) { try dataset.sample(at: $0) }
    summary.samples["\(split)"] = dataset.count
    summary.warnings += dataset.warnings.all
  }
  summary.warnings = DataWarning.joined(summary.warnings)
  return summary
}

/// Throws `DatasetError` for names that occur twice or are no file names.
func checkNames(_ names: [String], _ folder: String) throws {
  var seen: Set<String> = []
  for name in names {
    let isFileName = !name.contains("/") && !name.isEmpty && name != "." && name != ".."
    guard isFileName, seen.insert(name).inserted else {
      throw DatasetError(
        path: folder, expected: "samples of different names, each a file name",
        received: "'\(name)'" + (isFileName ? " twice" : ""))
    }
  }
}

extension DataClasses {
  /// Checked for VOC's one list of classes: mask index k + 1 is box label k, where there are both.
  func foregroundAligned(_ path: String) throws -> DataClasses {
    let foreground = Array(segmentation.dropFirst())
    guard segmentation.isEmpty || detection.isEmpty || foreground == detection else {
      throw DatasetError(
        path: path, expected: "the same classes for masks and boxes (VOC has one list)",
        received: "\(foreground.joined(separator: ", ")) and \(detection.joined(separator: ", "))")
    }
    return self
  }
}
