import AthanorCore
import AthanorVision

/// What `data inspect` found.
public struct DataReport: Codable, Equatable, Sendable {
  public struct SplitReport: Codable, Equatable, Sendable {
    public var split: String
    public var samples = 0
    public var masks = 0
    /// Samples that carry boxes, counting those that are known to show no object.
    public var boxed = 0
    /// Samples without any label.
    public var unlabelled = 0
    /// Labelled pixels by class; ignored ones are counted apart.
    public var pixels: [ClassCount] = []
    public var ignoredPixels = 0
    /// Boxes by class.
    public var boxes: [ClassCount] = []
    /// Boxes under 32² pixels, from 32² to 96², and above, as COCO divides them.
    public var boxSizes = BoxSizes()
    /// Image sizes and how many images have each, the commonest first.
    public var imageSizes: [SizeCount] = []
  }

  public struct ClassCount: Codable, Equatable, Sendable {
    public var name: String
    public var count: Int
    /// The share of the split's total, in `0...1`.
    public var share: Double
  }

  public struct BoxSizes: Codable, Equatable, Sendable {
    public var small = 0
    public var medium = 0
    public var large = 0
  }

  public struct SizeCount: Codable, Equatable, Sendable {
    public var width: Int
    public var height: Int
    public var count: Int
  }

  public var segmentationClasses: [String]
  public var detectionClasses: [String]
  public var splits: [SplitReport]
  public var warnings: [DataWarning]
}

/// Reads every sample once, all CPUs busy, and counts what is there.
///
/// Throws the first error of a sample, naming its file. `progress` may be called from any thread.
public func inspect(_ source: any DataSource, progress: ProgressHandler? = nil) throws -> DataReport
{
  let opened = try source.openAll()
  let classes = opened.first?.dataset.classes ?? DataClasses(segmentation: [], detection: [])
  var report = DataReport(
    segmentationClasses: classes.segmentation, detectionClasses: classes.detection, splits: [],
    warnings: [])
  let total = opened.reduce(0) { $0 + $1.dataset.count }
  let counter = ProgressCounter(total: total, progress)
  var warnings: [DataWarning] = []
  for (split, dataset) in opened {
    let counts = try concurrently(Array(0..<dataset.count)) { index in
      let counted = SampleCount(try dataset.sample(at: index), classes)
      counter.advance()
      return counted
    }
    report.splits.append(summary(of: counts, split, classes))
    warnings += dataset.warnings.all
  }
  report.warnings = DataWarning.joined(warnings)
  return report
}

/// Counts over one sample.
private struct SampleCount: Sendable {
  var width: Int
  var height: Int
  var hasMask: Bool
  var pixels: [Int]
  var hasBoxes: Bool
  var boxes: [Int]
  var sizes = DataReport.BoxSizes()

  init(_ sample: Sample, _ classes: DataClasses) {
    (width, height) = (sample.image.width, sample.image.height)
    (hasMask, hasBoxes) = (sample.mask != nil, sample.boxes != nil)
    pixels = [Int](repeating: 0, count: 256)
    if let mask = sample.mask {
      for value in mask.pixels { pixels[Int(value)] += 1 }
    }
    boxes = [Int](repeating: 0, count: classes.detection.count)
    for box in sample.boxes ?? [] {
      boxes[box.label] += 1
      switch box.area {
      case ..<1024: sizes.small += 1
      case ..<9216: sizes.medium += 1
      default: sizes.large += 1
      }
    }
  }
}

private func summary(
  of counts: [SampleCount], _ split: Split, _ classes: DataClasses
) -> DataReport.SplitReport {
  var report = DataReport.SplitReport(split: "\(split)")
  report.samples = counts.count
  report.masks = counts.count(where: \.hasMask)
  report.boxed = counts.count(where: \.hasBoxes)
  report.unlabelled = counts.count { !$0.hasMask && !$0.hasBoxes }
  report.ignoredPixels = counts.reduce(0) { $0 + $1.pixels[255] }
  func table(_ names: [String], _ totals: [Int]) -> [DataReport.ClassCount] {
    let all = max(1, totals.reduce(0, +))
    return zip(names, totals).map {
      DataReport.ClassCount(name: $0, count: $1, share: Double($1) / Double(all))
    }
  }
  report.pixels = table(
    classes.segmentation,
    classes.segmentation.indices.map { c in counts.reduce(0) { $0 + $1.pixels[c] } })
  report.boxes = table(
    classes.detection, classes.detection.indices.map { c in counts.reduce(0) { $0 + $1.boxes[c] } })
  for count in counts {
    report.boxSizes.small += count.sizes.small
    report.boxSizes.medium += count.sizes.medium
    report.boxSizes.large += count.sizes.large
  }
  var sizes: [[Int]: Int] = [:]
  for count in counts { sizes[[count.width, count.height], default: 0] += 1 }
  report.imageSizes = sizes.map { .init(width: $0[0], height: $0[1], count: $1) }
    .sorted { ($1.count, $0.width, $0.height) < ($0.count, $1.width, $1.height) }
  return report
}
