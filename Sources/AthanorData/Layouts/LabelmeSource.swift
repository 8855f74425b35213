import AthanorCore
import AthanorVision

/// A folder of images with labelme's JSON files beside them (or in `annotations`).
///
/// Polygons, rectangles, circles and masks give a mask, later shapes over earlier, and one box an
/// object; shapes of one label and `group_id` are one object. `__ignore__` is painted 255. Lines and
/// points have no area: they are left out and counted. Splits are `train.txt`, `val.txt`,
/// `test.txt` with a stem a line, or else seeded shares.
public struct LabelmeSource: Registered, DataSource {
  public static let name = "labelme"
  public static let summary = "labelme JSON files beside their images: masks and boxes from shapes"
  public static let source = "Wada, labelme (file format 3 to 5)"

  public struct Options: Codable, Sendable, DefaultInitializable {
    public var path = ""
    /// The object classes, without background. Empty: every label in the files, sorted.
    public var classes: [String] = []
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
    SplitList.splits(in: try DataFolder(options.path))
  }

  public func open(_ split: Split) throws -> any Dataset {
    let folder = try DataFolder(options.path)
    let stems = try folder.list().filter { $0.lowercased().hasSuffix(".json") }
      .map { String($0.dropLast(5)) }
    guard !stems.isEmpty else {
      throw DatasetError(
        path: folder.root, expected: "labelme .json files", received: "none in the folder")
    }
    let files = Dictionary(
      uniqueKeysWithValues: try stems.map { stem in
        (stem, try LabelmeFile(contentsOf: folder.path("\(stem).json")))
      })
    let classes =
      options.classes.isEmpty
      ? files.values.reduce(into: Set<String>()) { $0.formUnion($1.labels) }.sorted()
      : options.classes
    let indices = Dictionary(
      classes.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    guard classes.count < 254 else {
      throw DatasetError(
        path: folder.root, expected: "at most 253 classes", received: "\(classes.count)")
    }
    for stem in stems {
      for label in files[stem]!.labels.sorted() where indices[label] == nil {
        throw DatasetError.unknownClass(label, in: folder.path("\(stem).json"), known: classes)
      }
    }
    let list = try SplitList.stems(
      split, in: folder, among: stems,
      or: SplitFractions(val: options.val, test: options.test, seed: options.seed))
    let found = DataClasses(segmentation: ["background"] + classes, detection: classes)
    let warnings = WarningLog()
    return ListedDataset(found, list, warnings) { index in
      let stem = list[index]
      let path = folder.path("\(stem).json")
      let file = files[stem]!
      let image = try Self.image(of: file, stem: stem, path: path, folder)
      if let width = file.width, let height = file.height,
        width != image.width || height != image.height
      {
        throw DatasetError(
          path: path, expected: "an image of \(width)×\(height), as the file says",
          received: "\(image.width)×\(image.height)")
      }
      for (type, count) in file.skipped {
        warnings.note("shape of type '\(type)' left out", in: "\(stem).json", count: count)
      }
      let labels = file.labels(width: image.width, height: image.height, indices: indices)
      return try Sample(name: stem, image: image, mask: labels.mask, boxes: labels.boxes)
        .checked(found, file: "\(stem).json", warnings)
    }
  }

  /// The image beside the file, by `imagePath` or stem, or else the one embedded in it.
  private static func image(
    of file: LabelmeFile, stem: String, path: String, _ folder: DataFolder
  ) throws -> Image {
    // Annotators' machines leave absolute and Windows paths behind: only the last part counts then.
    let named = file.imagePath.map { $0.replacing("\\", with: "/") } ?? ""
    var candidates: [String] = []
    if let inside = try? folder.resolve(named, writtenIn: path) { candidates.append(inside) }
    if let last = named.split(separator: "/").last, last != ".." {
      candidates.append(folder.path(String(last)))
    }
    for kind in ["jpg", "png", "jpeg", "JPG", "PNG"] {
      candidates.append(folder.path("\(stem).\(kind)"))
    }
    if let beside = candidates.first(where: DataFolder.isFile) {
      return try Image(contentsOf: beside, as: .color)
    }
    if let embedded = try LabelmeFile.embeddedImage(in: path) { return embedded }
    throw DatasetError(
      path: path, expected: "the image '\(named)' beside it, or imageData in it",
      received: "neither")
  }
}
