import AthanorCore
import AthanorVision

/// Synthetic scenes made as they are asked for; nothing is read from disk.
public struct SyntheticSource: Registered, DataSource {
  public static let name = "synthetic"
  public static let summary =
    "textured scenes of six shapes, one rare, with every kind of label, from a seed"
  public static let source = "this project"

  public typealias Options = SyntheticScenes.Options

  let scenes: SyntheticScenes

  public init(_ options: Options) throws { scenes = try SyntheticScenes(options) }

  public func open(_ split: Split) throws -> any Dataset {
    let scenes = scenes
    let list = (0..<scenes.options.count(split)).map { scenes.name(split, $0) }
    return ListedDataset(SyntheticScenes.classes, list, WarningLog()) { scenes.scene(split, $0) }
  }
}
