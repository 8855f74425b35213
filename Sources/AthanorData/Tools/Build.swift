import AthanorCore
import AthanorVision

/// How `data build` divides and resizes.
public struct BuildOptions: Codable, Equatable, Sendable {
  /// The size of every image, pixels; 0 keeps each as it is.
  public var width = 640
  public var height = 480
  /// The share that is tested on, and of the rest the share that choices are made on.
  public var test = 0.1
  public var val = 0.05
  public var seed = 0

  public init() {}

  /// The samples of a split: the shuffled order's last `test` share, of what is before it the first
  /// ⌊val·⌊(1 − test)·n⌋⌋, and the rest.
  func indices(of split: Split, count: Int) -> [Int] {
    var generator = Generator(seed, 0xb01d)
    let order = generator.permutation(count)
    let kept = Int((1 - test) * Double(count) + 1e-9)
    let chosen = Int(val * Double(kept) + 1e-9)
    return switch split {
    case .test: Array(order[kept...])
    case .val: Array(order[..<chosen])
    case .train: Array(order[chosen..<kept])
    }
  }
}

/// What `data build` wrote: samples by split.
public struct BuildSummary: Codable, Equatable, Sendable {
  public var samples: [String: Int]
  public var warnings: [DataWarning]
}

/// Shuffles all samples of a data set, divides them anew and writes them at one size, in Pascal
/// VOC's layout: images by area averaging, masks by nearest neighbour, boxes with them.
///
/// Throws `SettingsError` for shares outside `0...1`, `DatasetError`, `FileError`.
public func buildDataset(
  _ source: any DataSource, to folder: String, _ options: BuildOptions = BuildOptions(),
  progress: ProgressHandler? = nil
) throws -> BuildSummary {
  for (key, share) in [("test", options.test), ("val", options.val)] {
    guard (0...1).contains(share) else {
      throw SettingsError(key: key, expected: "a share in 0…1", received: "\(share)")
    }
  }
  for (key, size) in [("width", options.width), ("height", options.height)] {
    guard (0...16384).contains(size), (options.width == 0) == (options.height == 0) else {
      throw SettingsError(
        key: key, expected: "1…16384, or 0 for both width and height", received: "\(size)")
    }
  }
  let opened = try source.openAll().map(\.dataset)
  guard let classes = opened.first?.classes else {
    throw DatasetError(path: folder, expected: "samples to divide", received: "none")
  }
  let places = opened.indices.flatMap { part in
    (0..<opened[part].count).map { (part: part, index: $0) }
  }
  try checkNames(opened.flatMap(\.names), folder)
  let writer = try VOCWriter(folder, try classes.foregroundAligned(folder), kind: "data build")
  let counter = ProgressCounter(total: places.count, progress)
  var summary = BuildSummary(samples: [:], warnings: [])
  for split in Split.allCases {
    let chosen = options.indices(of: split, count: places.count)
    try writer.write(split, count: chosen.count, counter) {
      let place = places[chosen[$0]]
      return try opened[place.part].sample(at: place.index)
        .stretched(width: options.width, height: options.height)
    }
    summary.samples["\(split)"] = chosen.count
  }
  summary.warnings = DataWarning.joined(opened.flatMap(\.warnings.all))
  return summary
}

extension Sample {
  /// The sample at another size; 0×0 leaves it.
  fileprivate func stretched(width: Int, height: Int) -> Sample {
    guard width > 0, (width, height) != (image.width, image.height) else { return self }
    let place = Geometry(
      originalWidth: image.width, originalHeight: image.height, contentWidth: width,
      contentHeight: height)
    return Sample(
      name: name, image: image.resized(width: width, height: height, .area),
      mask: mask?.resized(width: width, height: height, .nearest),
      boxes: boxes?.map { place.toInput($0) })
  }
}
