import AthanorCore

/// The labels of Cityscapes, which KITTI and BDD100K share: numbers, names, colours.
///
/// Source: Cordts et al. 2016, cityscapesscripts' `helpers/labels.py`.
struct CityscapesLabels {
  /// Which labels are classes; the others are ignored.
  enum Classes: String, Codable, CaseIterable, Sendable {
    /// The 19 that the benchmark trains and scores.
    case train
    /// Every label but those of the category void.
    case all
  }

  struct Label: Sendable {
    var id: Int
    var name: String
    /// The index among the classes of training; nil for a label that is none of them.
    var trainID: Int?
    /// Whether the category is void.
    var isVoid = false
    /// Whether its objects are annotated separately.
    var hasInstances = false
    var color: MaskCoding.RGB

    fileprivate init(
      _ id: Int, _ name: String, _ trainID: Int? = nil, isVoid: Bool = false,
      hasInstances: Bool = false, rgb: (UInt8, UInt8, UInt8)
    ) {
      (self.id, self.name, self.trainID) = (id, name, trainID)
      (self.isVoid, self.hasInstances) = (isVoid, hasInstances)
      self.color = MaskCoding.RGB(rgb.0, rgb.1, rgb.2)
    }
  }

  /// In the order of their ids. `license plate` (−1) is drawn in no mask.
  static let all: [Label] = [
    Label(0, "unlabeled", isVoid: true, rgb: (0, 0, 0)),
    Label(1, "ego vehicle", isVoid: true, rgb: (0, 0, 0)),
    Label(2, "rectification border", isVoid: true, rgb: (0, 0, 0)),
    Label(3, "out of roi", isVoid: true, rgb: (0, 0, 0)),
    Label(4, "static", isVoid: true, rgb: (0, 0, 0)),
    Label(5, "dynamic", isVoid: true, rgb: (111, 74, 0)),
    Label(6, "ground", isVoid: true, rgb: (81, 0, 81)),
    Label(7, "road", 0, rgb: (128, 64, 128)),
    Label(8, "sidewalk", 1, rgb: (244, 35, 232)),
    Label(9, "parking", rgb: (250, 170, 160)),
    Label(10, "rail track", rgb: (230, 150, 140)),
    Label(11, "building", 2, rgb: (70, 70, 70)),
    Label(12, "wall", 3, rgb: (102, 102, 156)),
    Label(13, "fence", 4, rgb: (190, 153, 153)),
    Label(14, "guard rail", rgb: (180, 165, 180)),
    Label(15, "bridge", rgb: (150, 100, 100)),
    Label(16, "tunnel", rgb: (150, 120, 90)),
    Label(17, "pole", 5, rgb: (153, 153, 153)),
    Label(18, "polegroup", rgb: (153, 153, 153)),
    Label(19, "traffic light", 6, rgb: (250, 170, 30)),
    Label(20, "traffic sign", 7, rgb: (220, 220, 0)),
    Label(21, "vegetation", 8, rgb: (107, 142, 35)),
    Label(22, "terrain", 9, rgb: (152, 251, 152)),
    Label(23, "sky", 10, rgb: (70, 130, 180)),
    Label(24, "person", 11, hasInstances: true, rgb: (220, 20, 60)),
    Label(25, "rider", 12, hasInstances: true, rgb: (255, 0, 0)),
    Label(26, "car", 13, hasInstances: true, rgb: (0, 0, 142)),
    Label(27, "truck", 14, hasInstances: true, rgb: (0, 0, 70)),
    Label(28, "bus", 15, hasInstances: true, rgb: (0, 60, 100)),
    Label(29, "caravan", hasInstances: true, rgb: (0, 0, 90)),
    Label(30, "trailer", hasInstances: true, rgb: (0, 0, 110)),
    Label(31, "train", 16, hasInstances: true, rgb: (0, 80, 100)),
    Label(32, "motorcycle", 17, hasInstances: true, rgb: (0, 0, 230)),
    Label(33, "bicycle", 18, hasInstances: true, rgb: (119, 11, 32)),
  ]

  /// Every name by label id.
  static let names = Dictionary(uniqueKeysWithValues: all.map { ($0.id, $0.name) })

  /// The names of the classes of training by their index.
  static let trainNames = Dictionary(
    uniqueKeysWithValues: all.compactMap { label in label.trainID.map { ($0, label.name) } })

  /// The name of each colour; `polegroup` has that of `pole`, and all of (0, 0, 0) are void.
  static let namesByColor = Dictionary(
    all.map { ($0.color, $0.name) }, uniquingKeysWith: { first, _ in first })

  static let colors = Dictionary(
    uniqueKeysWithValues: all.map { ($0.name, [$0.color.red, $0.color.green, $0.color.blue]) })

  /// The classes of masks in the order of their ids, and of boxes, including those requested
  /// by name.
  ///
  /// Labels that are no class are not in the table; without background they become 255.
  static func classes(_ which: Classes, wanted: [String]) -> (masks: [String], boxes: [String]) {
    let chosen = all.filter {
      wanted.contains($0.name) || (which == .train ? $0.trainID != nil : !$0.isVoid)
    }
    return (chosen.map(\.name), chosen.filter(\.hasInstances).map(\.name))
  }
}
