import AthanorCore
import AthanorVision

/// The folders of arrays that multi-task papers train on: image, classes, depth and normals.
///
/// Each item has an array of each kind, in files named by the item's number. Images are `[H, W,
/// 3]` or `[3, H, W]`, of bytes or of numbers in 0…1 or 0…255 (by the largest value of several
/// files), and are rounded to 8 bits: round(255 · v). Labels are `[H, W]` of whole numbers,
/// −1 for ignore; depth `[H, W]` or `[H, W, 1]` is as stored, 0 where unknown
/// (Cityscapes' is inverse depth); normals are `[H, W, 3]` or `[3, H, W]`, 0 where
/// unknown.
public struct MultiTaskArraysLayout: Layout {
  public static let name = "multi_task_npy"
  public static let summary = "multi-task papers' .npy folders: masks, depth, normals"
  public static let source = "Liu et al. 2019, MTAN's NYUv2 and Cityscapes"
  public static let onDisk = [
    "train/image/0.npy    images; val/ or test/ likewise, or image/ without a split",
    "train/label/0.npy    classes, −1 void; Cityscapes' label_7/ and label_19/ have their names",
    "train/depth/0.npy    depth, 0 where unknown",
    "train/normal/0.npy   unit vectors, 0 where unknown",
  ]

  public struct Own: Codable, Equatable, Sendable, DefaultInitializable {
    /// The folder of classes where there are several: `label_7`. Empty: label, label_7, or the
    /// first.
    public var label = ""
    /// Label values that become 255, beside −1.
    public var ignore: [Int] = []
    /// The label value of each name in `classes`, where the values are not 0, 1, 2, …
    public var values: [Int] = []

    public init() {}
  }

  /// The names of the classes in folders of known names.
  static let standards = [
    "label_7": ["flat", "construction", "object", "nature", "sky", "human", "vehicle"],
    "label_19": [
      "road", "sidewalk", "building", "wall", "fence", "pole", "traffic light", "traffic sign",
      "vegetation", "terrain", "sky", "person", "rider", "car", "truck", "bus", "train",
      "motorcycle", "bicycle",
    ],
  ]

  private static let imageFolders = ["image", "images", "rgb"]

  public let options: LayoutOptions<Own>
  public let surveyed = Once<SurveyedData>()

  public init(_ options: LayoutOptions<Own>) { self.options = options }

  public static func recognise(_ tree: DataTree) throws -> Recognition {
    let places = places(in: tree)
    guard let first = places.first else { return .no }
    let hasLabels = places.contains { place in
      !labelFolders(in: tree, place).isEmpty
        || folder(DenseLabels.depthFolders, in: tree, place) != nil
        || folder(DenseLabels.normalFolders, in: tree, place) != nil
    }
    return hasLabels
      ? .yes([]) : .near("\(first.images)/ of arrays without label/, depth/ or normal/ beside it")
  }

  /// The folders of images as arrays.
  private static func places(in tree: DataTree) -> [ImagePlace] {
    allPlaces(in: tree).filter {
      !tree.files(in: $0.images, kinds: ["npy"], deep: false).isEmpty
    }
  }

  /// Those, and folders of the name without arrays.
  private static func allPlaces(in tree: DataTree) -> [ImagePlace] {
    tree.places(images: imageFolders, labels: [])
  }

  private static func folder(
    _ names: [String], in tree: DataTree, _ place: ImagePlace
  ) -> String? {
    let parent = FileName.parent(of: place.images)
    return tree.folder(names.map { parent.isEmpty ? $0 : "\(parent)/\($0)" }).flatMap {
      tree.files(in: $0, kinds: ["npy"], deep: false).isEmpty ? nil : $0
    }
  }

  /// The names of the folders of classes beside a folder of images.
  private static func labelFolders(in tree: DataTree, _ place: ImagePlace) -> [String] {
    tree.folders(in: FileName.parent(of: place.images)).filter {
      FileName.last(of: $0).lowercased().hasPrefix("label")
        && !tree.files(in: $0, kinds: ["npy"], deep: false).isEmpty
    }.map { FileName.last(of: $0) }
  }

  public func survey(_ tree: DataTree, _ warnings: WarningLog) throws -> Survey {
    let places = Self.places(in: tree)
    guard !places.isEmpty else {
      throw ContentError(
        path: tree.path("train/image"), expected: "images as .npy", received: "none")
    }
    for place in Self.allPlaces(in: tree) where !places.contains(place) {
      for folder in Self.labelFolders(in: tree, place) {
        for path in tree.files(in: "\(FileName.parent(of: place.images))/\(folder)") {
          warnings.note("label of no image left out", in: path)
        }
      }
    }
    let label = try labelFolder(in: tree, places, warnings)
    var items: [Survey.Item] = []
    var masks: [String?] = []
    var dense = DenseLabels()
    for place in places {
      let images = tree.arrays(in: place.images)
      for path in tree.files(in: place.images) where FileName.kind(of: path) != "npy" {
        warnings.note("file among the images that is no array left out", in: path)
      }
      func paths(_ folder: String?) -> [String?] {
        let found = folder.map(tree.arrays) ?? [:]
        for (name, path) in found where images[name] == nil {
          warnings.note("label of no image left out", in: path)
        }
        return images.keys.sorted(by: Self.precedes).map { found[$0].map(tree.path) }
      }
      for name in images.keys.sorted(by: Self.precedes) {
        items.append(Survey.Item(name: name, image: tree.path(images[name]!), split: place.split))
      }
      masks += paths(label.flatMap { Self.folder([$0], in: tree, place) })
      dense.depth += paths(Self.folder(DenseLabels.depthFolders, in: tree, place))
      dense.normals += paths(Self.folder(DenseLabels.normalFolders, in: tree, place))
    }
    var naming = MaskNaming(
      paths: [], folder: tree.root, indexNames: try .find(in: tree), wanted: options.classes,
      values: options.values, ignore: options.ignore)
    if naming.indexNames == nil, let standard = label.flatMap({ Self.standards[$0.lowercased()] }),
      options.classes.allSatisfy(standard.contains)
    {
      naming.indexNames = .init(
        names: Dictionary(uniqueKeysWithValues: standard.enumerated().map { ($0, $1) }),
        file: "the names of Cityscapes for \(label!)/")
    }
    var survey = try Survey.masked(items, masks: masks, naming: naming, warnings).adding(
      dense, warnings)
    let range = Once<ArrayMap.Range>()
    survey.image = { [items] item in
      let map = try ArrayMap(contentsOf: items[item].image, channels: 3)
      guard !map.isBytes else { return try map.image(.bytes) }
      return try map.image(range.value { try Self.range(of: items) })
    }
    return survey
  }

  /// The folder of classes that is read: that of the option, or the usual one of several.
  private func labelFolder(
    in tree: DataTree, _ places: [ImagePlace], _ warnings: WarningLog
  ) throws -> String? {
    let found = Set(places.flatMap { Self.labelFolders(in: tree, $0) }).sorted {
      ($0.count, $0) < ($1.count, $1)
    }
    if !options.label.isEmpty {
      guard found.contains(options.label) else {
        throw ContentError(
          path: tree.path(FileName.parent(of: places[0].images)),
          expected: "a folder '\(options.label)' of arrays, as the option 'label' says",
          received: found.isEmpty ? "none" : found.joined(separator: ", "),
          suggestion: nearestName(to: options.label, among: found))
      }
      return options.label
    }
    let chosen = ["label", "label_7"].first(where: found.contains) ?? found.first
    if let chosen, let other = found.first(where: { $0 != chosen }) {
      warnings.note(
        "folders of labels left out for '\(chosen)' (another: label=\(other))", in: tree.root,
        count: found.count - 1)
    }
    return chosen
  }

  /// The range of the images of a set: 0…1 where no value of several files is above 1.
  private static func range(of items: [Survey.Item]) throws -> ArrayMap.Range {
    let count = min(8, items.count)
    let chosen = (0..<count).map { items[$0 * items.count / count].image }
    let ranges = try chosen.map { try ArrayMap(contentsOf: $0, channels: 3).range }
    return ranges.contains(.bytes) ? .bytes : .one
  }

  /// Numbers by their value, other names after them.
  private static func precedes(_ a: String, _ b: String) -> Bool {
    switch (Int(a), Int(b)) {
    case (let a?, let b?) where a != b: a < b
    case (.some, nil): true
    case (nil, .some): false
    default: a < b
    }
  }
}

extension DataTree {
  /// The arrays directly in a folder by their names without extension.
  fileprivate func arrays(in folder: String) -> [String: String] {
    Dictionary(
      files(in: folder, kinds: ["npy"], deep: false).map { (FileName.stem(of: $0), $0) },
      uniquingKeysWith: { first, _ in first })
  }
}
