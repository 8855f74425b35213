import AthanorCore
import AthanorVision

/// CamVid as SegNet distributes it: `train.txt` holds an image and its index mask a line.
///
/// The lists keep the path of another machine (`/SegNet/CamVid/train/x.png`): leading folders are
/// stripped until the rest exists in the data folder. Any set with such lists reads the same way.
public struct CamVidSource: Registered, DataSource {
  public static let name = "camvid"
  public static let summary = "lists of image and index-mask pairs, as SegNet's CamVid: masks only"
  public static let source = "Badrinarayanan et al. 2017; Brostow et al. 2009"

  public struct Options: Codable, Sendable, DefaultInitializable {
    public var path = ""
    /// Every class by mask index.
    public var classes = [
      "sky", "building", "pole", "road", "pavement", "tree", "sign", "fence", "car", "pedestrian",
      "bicyclist",
    ]
    /// Mask values that become 255: 11 is void.
    public var ignore = [11]

    public init() {}
  }

  /// SegNet's colours of the eleven classes.
  static let palette: [UInt8] = [
    128, 128, 128, 128, 0, 0, 192, 192, 128, 128, 64, 128, 0, 0, 192, 128, 128, 0, 192, 128, 128,
    64, 64, 128, 64, 0, 128, 64, 64, 0, 0, 128, 192,
  ]

  let options: Options

  public init(_ options: Options) { self.options = options }

  public var folders: [String]? { [options.path] }

  public func splits() throws -> [Split] {
    let folder = try DataFolder(options.path)
    let listed = Split.allCases.filter { folder.hasFile("\($0).txt") }
    guard !listed.isEmpty else {
      throw DatasetError(
        path: folder.path("train.txt"), expected: "a list of image and mask pairs",
        received: "no such file")
    }
    return listed
  }

  public func open(_ split: Split) throws -> any Dataset {
    let folder = try DataFolder(options.path)
    let path = folder.path("\(split).txt")
    let pairs = try DataFolder.lines(of: path).map { line in
      let parts = line.split(whereSeparator: \.isWhitespace).map(String.init)
      guard parts.count == 2 else {
        throw DatasetError(
          path: path, expected: "an image and a mask a line", received: "'\(line)'")
      }
      let image = try Self.find(parts[0], in: folder, list: path)
      return MaskPair(
        name: DataFolder.stem(of: image), image: image,
        mask: try Self.find(parts[1], in: folder, list: path))
    }
    guard !pairs.isEmpty else {
      throw DatasetError(path: path, expected: "an image and a mask a line", received: "no line")
    }
    let classes = DataClasses(
      segmentation: options.classes, detection: [],
      palette: options.classes == Options().classes ? Self.palette : nil)
    return MaskPair.dataset(pairs, classes, labelMap: nil, ignore: options.ignore)
  }

  /// The file that the longest possible tail of `entry` names in the folder.
  private static func find(_ entry: String, in folder: DataFolder, list: String) throws -> String {
    let parts = entry.split(separator: "/").map(String.init)
    for start in parts.indices {
      let tail = parts[start...].joined(separator: "/")
      let path = try folder.resolve(tail, writtenIn: list)
      if DataFolder.isFile(path) { return path }
    }
    throw DatasetError(
      path: list, expected: "files in \(folder.root)", received: "'\(entry)', which is not there")
  }
}
