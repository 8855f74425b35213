import AthanorCore
import AthanorVision

/// ADE20K: the full releases of 2017 and 2021, every object with its name, and the scene parsing
/// benchmark of 2016, `ADE20KBenchmark`.
///
/// In the full releases a pixel of `…_seg.png` holds the class, `red / 10 × 256 + green`, and in
/// blue the object; the text file (2017: by object) or the JSON (2021: by class)
/// of each image names the classes. Masks contain objects, not their parts; boxes are the objects'
/// extents. Pixels without an object are 255. The first of several words for a class is its name
/// where no other class has it. Of more than 254 classes, the 150 most frequent are read unless
/// `classes` is given.
public struct ADE20KLayout: Layout {
  public static let name = "ade20k"
  public static let summary =
    "ADE20K: the full releases' masks and boxes of named objects, or the benchmark's masks"
  public static let source = "Zhou et al. 2017; releases 2016 (benchmark), 2017_05_30, 2021_17_01"
  public static let onDisk = [
    "images/training/…/NAME.jpg      images, by scene; validation/ likewise",
    "…/NAME_seg.png                  class in red and green, object in blue",
    "…/NAME_atr.txt                  2017: 'number # part # occluded # names # name # …' a line",
    "…/NAME.json                     2021: annotation.object[] with name and name_ndx",
    "annotations/training/NAME.png   the benchmark of 2016, images/ beside it: 0 other, 1…150",
    "objectInfo150.txt               its names",
  ]

  public typealias Own = NoOptions

  public let options: LayoutOptions<NoOptions>
  public let surveyed = Once<SurveyedData>()

  public init(_ options: LayoutOptions<NoOptions>) { self.options = options }

  private static let ending = "_seg.png"

  /// The paths of the `_seg.png` files without that ending.
  private static func stems(in tree: DataTree) -> some Sequence<String> {
    tree.files.lazy.filter { $0.hasSuffix(ending) }.map { String($0.dropLast(ending.count)) }
  }

  private static func image(of stem: String, _ tree: DataTree) -> String? {
    tree.file(["\(stem).jpg", "\(stem).jpeg", "\(stem).png"])
  }

  private static func objects(of stem: String, _ tree: DataTree) -> String? {
    tree.file(["\(stem)_atr.txt", "\(stem).json"])
  }

  public static func recognise(_ tree: DataTree) throws -> Recognition {
    let benchmark = try ADE20KBenchmark.recognise(tree)
    if benchmark != .no { return benchmark }
    var sign: String?
    for stem in stems(in: tree) where image(of: stem, tree) != nil {
      if objects(of: stem, tree) != nil { return .yes([]) }
      sign = stem
    }
    return sign.map { .near("\($0)_seg.png without \($0)_atr.txt or \($0).json") } ?? .no
  }

  public func survey(_ tree: DataTree, _ warnings: WarningLog) throws -> Survey {
    if try ADE20KBenchmark.recognise(tree) == .yes([]) {
      return try ADE20KBenchmark.survey(tree, warnings)
    }
    var items: [Survey.Item] = []
    var (masks, files) = ([String](), [String]())
    for stem in Self.stems(in: tree) {
      guard let image = Self.image(of: stem, tree) else {
        warnings.note("label of no image left out", in: stem + Self.ending)
        continue
      }
      guard let file = Self.objects(of: stem, tree) else {
        warnings.note("image without its objects' names left out", in: image)
        continue
      }
      let (split, name) = Split.parted(stem)
      items.append(
        Survey.Item(name: Self.withoutTop(name), image: tree.path(image), split: split))
      masks.append(tree.path(stem + Self.ending))
      files.append(tree.path(file))
    }
    guard !items.isEmpty else { throw noImages(in: tree) }
    let listed = Set(Self.stems(in: tree).compactMap { Self.image(of: $0, tree) })
    let drawn = tree.files.filter { $0.hasSuffix(Self.ending) || $0.contains("_parts_") }
    tree.noteUnlisted(listed.union(drawn), warnings)
    let objects = try concurrently(files) { file in
      Result { try ADE20KObjects(contentsOf: file) }
    }
    let names = classes(objects, warnings, tree)
    var found = FoundClasses(file: tree.root)
    found.masks = names.kept
    found.boxes = names.kept
    return Survey(items, found) { [items, masks] table in
      { item, image in
        try Self.labels(
          masks[item], objects[item].get(), names.short, image, table, of: items[item].image)
      }
    }
  }

  /// The path below the top folders of a release.
  private static func withoutTop(_ name: String) -> String {
    for top in ["images/ADE/", "images/"] {
      if let range = name.range(of: top) { return String(name[range.upperBound...]) }
    }
    return name
  }

  /// The short name of every full name, and those that are classes.
  private func classes(
    _ objects: [Result<ADE20KObjects, any Error>], _ warnings: WarningLog, _ tree: DataTree
  ) -> (short: [String: String], kept: [String]) {
    var counts: [String: Int] = [:]
    for image in objects {
      for name in (try? image.get().names) ?? [] { counts[name, default: 0] += 1 }
    }
    let whole = counts.keys.sorted()
    let short = Dictionary(uniqueKeysWithValues: zip(whole, ADE20KNames.shortest(whole)))
    var kept = whole
    if options.classes.isEmpty, whole.count > 254 {
      kept = Array(whole.sorted { (counts[$1]!, $0) < (counts[$0]!, $1) }.prefix(150)).sorted()
      warnings.note(
        "class beyond the 150 most frequent ignored (say which: classes=[…])", in: tree.root,
        count: whole.count - kept.count)
    }
    return (short, kept.map { short[$0]! })
  }

  private static func labels(
    _ path: String, _ objects: ADE20KObjects, _ names: [String: String], _ image: Image,
    _ table: ClassTable, of file: String
  ) throws -> Labels {
    let (width, height, values) = try self.values(path)
    guard (width, height) == (image.width, image.height) else {
      throw ContentError(
        path: path, expected: "a mask of the image's size \(image.width)×\(image.height)",
        received: "\(width)×\(height)")
    }
    let regions = try NumberedObjects.regions(of: values, width: width, in: path) { $0 & 0xFF != 0 }
    // The objects of an image are numbered by the rank of their values in blue.
    let numbers = Set(regions.map { $0.value & 0xFF }).sorted()
    let rank = Dictionary(uniqueKeysWithValues: numbers.enumerated().map { ($1, $0 + 1) })
    if objects.byClass.isEmpty, numbers.count != objects.byNumber.count {
      throw ContentError(
        path: path, expected: "the \(objects.byNumber.count) objects that its text file names",
        received: "\(numbers.count) with pixels, so that numbers do not tell which they are")
    }
    var known: [Int: String] = [:]
    let drawn = try regions.map { region in
      let (code, number) = (region.value >> 8, rank[region.value & 0xFF]!)
      guard let name = objects.byClass[code] ?? objects.byNumber[number] else {
        throw ContentError(
          path: path, expected: "objects that its text file or JSON names",
          received: "object \(number) of class \(code)")
      }
      if let other = known.updateValue(name, forKey: code), other != name {
        throw ContentError(
          path: path, expected: "one name for class \(code)", received: "'\(other)' and '\(name)'")
      }
      return region.drawn(names[name] ?? name)
    }
    var labels = Labels(
      of: drawn, width: width, height: height, table, paints: true, file: path)
    labels.maskFile = path
    return labels
  }

  /// `class << 8 | object` for each pixel.
  private static func values(_ path: String) throws -> (width: Int, height: Int, [Int32]) {
    switch try LabelImage(contentsOf: path) {
    case .color(let image):
      return (
        image.width, image.height,
        stride(from: 0, to: image.pixels.count, by: 3).map { p in
          let (red, green) = (Int32(image.pixels[p]), Int32(image.pixels[p + 1]))
          return (red / 10 * 256 + green) << 8 | Int32(image.pixels[p + 2])
        }
      )
    case .palette, .gray, .gray16:
      throw ContentError(
        path: path, expected: "an RGB image: class in red and green, object in blue",
        received: "an image of one channel")
    }
  }
}
