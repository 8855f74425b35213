import AthanorCore
import AthanorVision

/// Synthetic scenes generated on demand; nothing is read from disk.
public struct SyntheticSource: Registered, DataSource {
  public static let name = "synthetic"
  public static let summary =
    "scenes of six shapes from a seed; labels: of mask, boxes, depth, normals, class"
  public static let source = "this project"

  public typealias Options = SyntheticScenes.Options

  let scenes: SyntheticScenes

  public init(_ options: Options) throws { scenes = try SyntheticScenes(options) }

  public func open(_ split: Split) throws -> any Dataset {
    let scenes = scenes
    let labels = Set(scenes.options.labels)
    let list = (0..<scenes.options.count(split)).map { scenes.name(split, $0) }
    var classes = SyntheticScenes.classes
    classes.labels = classes.labels.filter { labels.contains($0.key) }
    return ListedDataset(classes, list, WarningLog()) { index in
      var sample = scenes.scene(split, index)
      sample.labels = sample.labels.filter { labels.contains($0.key) }
      return sample
    }
  }
}
