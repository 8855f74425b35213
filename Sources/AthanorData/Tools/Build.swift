import AthanorCore
import AthanorVision

/// How `data build` divides and resizes.
public struct BuildOptions: Codable, Equatable, Sendable {
  /// The size of every image, pixels; 0 for no change.
  public var width = 0
  public var height = 0
  /// How it is divided anew; nil: the splits of the data set are kept.
  public var division: SplitOptions?

  public init() {}
}

/// Writes a data set divided anew, where shares are given, and at one size, where one is: images by
/// area averaging, masks by nearest neighbour, boxes with them.
///
/// Errors: throws `SettingsError` for shares outside `0...1`; otherwise as `convertDataset`.
public func buildDataset(
  _ source: any DataSource, to folder: String, _ options: BuildOptions = BuildOptions(),
  _ writing: WriteOptions = WriteOptions(), progress: ProgressHandler? = nil
) throws -> WriteSummary {
  _ = try options.division?.checked()
  try OutputFolder.refuse(folder, over: source.folders ?? [])
  for (key, size) in [("width", options.width), ("height", options.height)] {
    guard (0...16384).contains(size), (options.width == 0) == (options.height == 0) else {
      throw SettingsError(
        key: key, expected: "1…16384, or 0 for both width and height", received: "\(size)")
    }
  }
  let opened = try source.openAll()
  let datasets = opened.map(\.dataset)
  let members = datasets.indices.flatMap { part in
    (0..<datasets[part].count).map { (dataset: part, index: $0) }
  }
  var splits = opened.flatMap { part in (0..<part.dataset.count).map { _ in part.split } }
  if let division = options.division {
    splits = try division.divide(datasets.flatMap(\.names))
  }
  let parts = Split.allCases.map { split in
    DatasetPart(
      split: split, members: members.indices.filter { splits[$0] == split }.map { members[$0] },
      datasets)
  }
  let (width, height) = (options.width, options.height)
  return try write(parts, to: folder, writing, kind: "data build", progress) { sample in
    width > 0 ? sample.stretched(width: width, height: height) : nil
  }
}

extension Sample {
  /// The sample at another size; nil where it has that size.
  fileprivate func stretched(width: Int, height: Int) -> Sample? {
    guard (width, height) != (image.width, image.height) else { return nil }
    let geometry = Geometry(
      originalWidth: image.width, originalHeight: image.height, contentWidth: width,
      contentHeight: height)
    return Sample(
      name: name, image: image.resized(width: width, height: height, .area),
      mask: mask?.resized(width: width, height: height, .nearest),
      boxes: boxes?.map { geometry.toInput($0) })
  }
}
