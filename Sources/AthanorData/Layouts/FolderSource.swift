import AthanorCore
import AthanorVision

/// A folder of images and a folder of masks, paired by stem.
///
/// Looks for `images/` and `masks/`, in each of which a subfolder a split (`images/train`) is
/// honoured; otherwise `train.txt`, `val.txt`, `test.txt` with a stem a line, or seeded shares.
/// An image without a mask carries none, which is counted. Masks are PNGs of indices, or
/// colour-coded through `labelmap.txt`.
public struct FolderSource: Registered, DataSource {
  public static let name = "folder"
  public static let summary = "images/ and masks/ paired by file name: masks only"
  public static let source = "the plain layout of most segmentation sets"

  public struct Options: Codable, Sendable, DefaultInitializable {
    public var path = ""
    public var images = "images"
    public var masks = "masks"
    /// What a mask's stem adds to its image's.
    public var mask_suffix = ""
    /// Every class by mask index, background included. Empty: those of `labelmap.txt`, or one class
    /// for each index up to the greatest in use.
    public var classes: [String] = []
    /// Mask values that become 255.
    public var ignore: [Int] = []
    /// Shares of val and test where there are no lists, and the seed of the shuffle.
    public var val = 0.2
    public var test = 0.0
    public var seed = 0

    public init() {}
  }

  let options: Options

  public init(_ options: Options) { self.options = options }

  public var folders: [String]? { [options.path] }

  public func splits() throws -> [Split] {
    let folder = try DataFolder(options.path)
    guard folder.hasFolder("\(options.images)/\(Split.train)") else {
      return SplitList.splits(in: folder)
    }
    return Split.allCases.filter { folder.hasFolder("\(options.images)/\($0)") }
  }

  public func open(_ split: Split) throws -> any Dataset {
    let folder = try DataFolder(options.path)
    let bySplit = folder.hasFolder("\(options.images)/\(Split.train)")
    let places = bySplit ? Split.allCases.map { "/\($0)" } : [""]
    var pairs: [String: [MaskPair]] = [:]
    for place in places where folder.hasFolder(options.images + place) {
      pairs[place] = try self.pairs(folder, place)
    }
    guard pairs.values.contains(where: { !$0.isEmpty }) else {
      throw DatasetError(
        path: folder.path(options.images), expected: "images",
        received: folder.hasFolder(options.images) ? "an empty folder" : "no such folder")
    }
    let labelMap =
      folder.hasFile("labelmap.txt")
      ? try LabelMap(contentsOf: folder.path("labelmap.txt")) : nil
    var classes = options.classes
    if classes.isEmpty, let labelMap { classes = labelMap.names }
    if classes.isEmpty {
      let all = places.flatMap { pairs[$0] ?? [] }
      classes = try MaskPair.indices(in: all, ignore: options.ignore)
    }
    let found = DataClasses(
      segmentation: classes, detection: [],
      palette: labelMap.flatMap { $0.names.count == classes.count ? $0.colors : nil })
    let list: [MaskPair]
    if bySplit {
      guard let own = pairs["/\(split)"] else {
        throw DatasetError(
          path: folder.path("\(options.images)/\(split)"), expected: "the folder of the split",
          received: "no such folder")
      }
      list = own
    } else {
      let byStem = Dictionary(uniqueKeysWithValues: pairs[""]!.map { ($0.name, $0) })
      list = try SplitList.stems(
        split, in: folder, among: pairs[""]!.map(\.name),
        or: SplitFractions(val: options.val, test: options.test, seed: options.seed)
      ).map { byStem[$0]! }
    }
    return MaskPair.dataset(list, found, labelMap: labelMap, ignore: options.ignore)
  }

  private func pairs(_ folder: DataFolder, _ place: String) throws -> [MaskPair] {
    let images = try folder.images(in: options.images + place)
    let masks = try folder.images(in: options.masks + place)
    return images.keys.sorted().map { stem in
      MaskPair(name: stem, image: images[stem]!, mask: masks[stem + options.mask_suffix])
    }
  }
}

/// An image file and its mask file.
struct MaskPair: Sendable {
  var name: String
  var image: String
  var mask: String?

  /// The data set of some pairs.
  static func dataset(
    _ pairs: [MaskPair], _ classes: DataClasses, labelMap: LabelMap?, ignore: [Int]
  ) -> any Dataset {
    let warnings = WarningLog()
    return ListedDataset(classes, pairs.map(\.name), warnings) { index in
      let pair = pairs[index]
      var sample = Sample(name: pair.name, image: try Image(contentsOf: pair.image, as: .color))
      if let mask = pair.mask {
        sample.mask = try MaskFile.read(mask, labelMap: labelMap, ignore: ignore)
      } else {
        warnings.note("image without a mask", in: pair.image)
      }
      return try sample.checked(classes, file: pair.mask ?? pair.image, warnings)
    }
  }

  /// Names `0`, `1`, … for every mask index up to the greatest in use.
  static func indices(in pairs: [MaskPair], ignore: [Int]) throws -> [String] {
    let greatest = try concurrently(pairs.compactMap(\.mask)) { path in
      let mask = try MaskFile.read(path, labelMap: nil, ignore: ignore)
      return mask.pixels.reduce(0) { $1 == 255 ? $0 : max($0, Int($1)) }
    }
    guard let last = greatest.max() else { return [] }
    return (0...last).map(String.init)
  }
}
