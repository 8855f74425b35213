import AthanorCore
import AthanorVision

/// Cityscapes as it is distributed: images, fine or coarse labels and disparities, a folder
/// per city.
///
/// Masks are of `labelIds`, or else `labelTrainIds`, `color`, the polygons, or `instanceIds`; boxes
/// are the extents of the objects in `instanceIds`, or else of the polygons. A region of many
/// objects (`persongroup`) is a crowd. Labels with nothing but void, as those of the test images,
/// count as missing. A sample's depth is its disparity in pixels, `(value − 1) / 256`, as in the
/// multi-task literature: inversely proportional to the distance.
public struct CityscapesLayout: Layout {
  public static let name = "cityscapes"
  public static let summary = "Cityscapes: masks, boxes of its objects, disparities as depth"
  public static let source = "Cordts et al. 2016, The Cityscapes Dataset"
  public static let onDisk = [
    "leftImg8bit/train/CITY/*_leftImg8bit.png    images; val/, test/ likewise",
    "gtFine/train/CITY/*_gtFine_labelIds.png     masks; or _labelTrainIds, _color, _polygons.json",
    "gtFine/train/CITY/*_gtFine_instanceIds.png  objects: class × 1000 + number",
    "gtCoarse/                                   the same, coarse: with labels=coarse, or alone",
    "disparity/train/CITY/*_disparity.png        16 bit",
  ]

  public struct Own: Codable, Equatable, Sendable, DefaultInitializable {
    /// `train`: the 19 classes that the benchmark scores; `all`: every label but those of void.
    /// Other labels become 255.
    public var classesAs = "train"
    /// `fine` or `coarse`; empty: fine where there is `gtFine/`.
    public var labels = ""

    public init() {}

    private enum CodingKeys: String, CodingKey {
      case classesAs = "classes_as"
      case labels
    }
  }

  /// The label files of an image, in the order in which they are used for its mask.
  private enum Kind: String, CaseIterable {
    case labelIds, labelTrainIds, color, polygons, instanceIds

    var ending: String { self == .polygons ? "_polygons.json" : "_\(rawValue).png" }
  }

  private typealias Files = [Kind: String]

  public let options: LayoutOptions<Own>
  public let surveyed = Once<SurveyedData>()
  private let which: CityscapesLabels.Classes

  public init(_ options: LayoutOptions<Own>) throws {
    guard let which = CityscapesLabels.Classes(rawValue: options.classesAs) else {
      throw SettingsError(
        key: "classes_as", expected: "train or all", received: "'\(options.classesAs)'")
    }
    guard ["", "fine", "coarse"].contains(options.labels) else {
      throw SettingsError(
        key: "labels", expected: "fine or coarse", received: "'\(options.labels)'")
    }
    self.options = options
    self.which = which
  }

  public static func recognise(_ tree: DataTree) throws -> Recognition {
    let labels = ["gtFine", "gtCoarse", "disparity"].compactMap { folder($0, tree) }
    guard let images = folder("leftImg8bit", tree) else {
      return labels.first.map { .near("\($0)/ without leftImg8bit/ beside it") } ?? .no
    }
    guard !tree.files(in: images, kinds: ImageKind.allExtensions).isEmpty else {
      return .near("\(images)/ without images")
    }
    return labels.isEmpty ? .near("\(images)/ without gtFine/ or gtCoarse/ beside it") : .yes([])
  }

  /// The folder of a name, at the top or as archives unpack (`gtFine_trainvaltest/gtFine`).
  private static func folder(_ name: String, _ tree: DataTree) -> String? {
    tree.folder([name, "\(name)_trainvaltest/\(name)"])
      ?? tree.folders.first { FileName.last(of: $0) == name }
  }

  public func survey(_ tree: DataTree, _ warnings: WarningLog) throws -> Survey {
    guard let images = Self.folder("leftImg8bit", tree) else {
      throw ContentError(
        path: tree.path("leftImg8bit"), expected: "images", received: "no such folder")
    }
    let fine = Self.folder("gtFine", tree)
    let isFine = options.labels.isEmpty ? fine != nil : options.labels == "fine"
    let labels = isFine ? fine : Self.folder("gtCoarse", tree)
    if labels == nil, !options.labels.isEmpty {
      throw ContentError(
        path: tree.path(isFine ? "gtFine" : "gtCoarse"), expected: "labels",
        received: "no such folder")
    }
    let labelFiles = SideFiles(in: labels, tree)
    let disparityFiles = SideFiles(in: Self.folder("disparity", tree), tree)
    var items: [Survey.Item] = []
    var (files, disparities) = ([Files](), [String?]())
    for path in tree.files(in: images, kinds: ImageKind.allExtensions) {
      var key = FileName.withoutKind(String(path.dropFirst(images.count + 1)))
      if key.hasSuffix("_leftImg8bit") { key.removeLast("_leftImg8bit".count) }
      var own = Files()
      for kind in Kind.allCases {
        own[kind] =
          ["_gtFine", "_gtCoarse", ""].lazy
          .compactMap { labelFiles.path(of: key, $0 + kind.ending) }.first
      }
      let (split, name) = Self.split(key)
      if own.isEmpty, key.hasPrefix("train_extra/") {
        warnings.note("image of train_extra without labels left out", in: path)
        continue
      }
      items.append(Survey.Item(name: name, image: tree.path(path), split: split))
      files.append(own)
      disparities.append(disparityFiles.path(of: key, "_disparity.png"))
    }
    let used = Set(files.flatMap { own in Kind.allCases.compactMap { own[$0] } })
    for path in labels.map({ tree.files(in: $0) }) ?? [] where !used.contains(tree.path(path)) {
      guard Kind.allCases.contains(where: { path.hasSuffix($0.ending) }) else { continue }
      warnings.note("label of no image left out", in: path)
    }
    let words = try Vocabulary(which, options.classes, files, tree, ["", labels ?? ""])
    var found = words.found
    if disparities.contains(where: { $0 != nil }) { found.numbers = [.depth] }
    return Survey(items, found) { [items, files, disparities] table in
      let reader = Reader(words, table, warnings)
      return { item, image in
        try reader.read(
          files[item], disparities[item], image, of: items[item].image,
          mayBeDummy: items[item].split == .test)
      }
    }
  }

  /// The split in the first folder's name, and the rest of the path: `train_extra/` is train too.
  private static func split(_ key: String) -> (Split?, String) {
    guard let slash = key.firstIndex(of: "/"), let split = Split(named: String(key[..<slash]))
    else { return (nil, key) }
    return (split, String(key[key.index(after: slash)...]))
  }

  /// Files for the images: by the image's path in its folder, or by its name.
  private struct SideFiles {
    let folder: String?
    let tree: DataTree
    private var byName: [String: String?] = [:]

    init(in folder: String?, _ tree: DataTree) {
      (self.folder, self.tree) = (folder, tree)
      guard let folder else { return }
      for path in tree.files(in: folder) {
        let name = FileName.last(of: path)
        byName[name] = byName[name] == nil ? .some(path) : .some(nil)
      }
    }

    func path(of key: String, _ ending: String) -> String? {
      guard let folder else { return nil }
      if tree.hasFile("\(folder)/\(key)\(ending)") { return tree.path("\(folder)/\(key)\(ending)") }
      return byName[FileName.last(of: key) + ending].flatMap { $0 }.map(tree.path)
    }
  }

  /// The names of the numbers and colours of the label files.
  private struct Vocabulary: Sendable {
    var names = CityscapesLabels.names
    var trainNames = CityscapesLabels.trainNames
    var colors = CityscapesLabels.namesByColor
    var found = FoundClasses(file: "Cityscapes' labels")

    /// Cityscapes' own names, or those of a list in the folder.
    init(
      _ which: CityscapesLabels.Classes, _ wanted: [String], _ files: [Files], _ tree: DataTree,
      _ folders: [String]
    ) throws {
      var classes = CityscapesLabels.classes(which, wanted: wanted)
      found.colors = CityscapesLabels.colors
      let masked = files.filter { !$0.isEmpty }
      if !masked.isEmpty, masked.allSatisfy({ $0[.labelTrainIds] != nil && $0[.labelIds] == nil }) {
        classes.masks = CityscapesLabels.classes(.train, wanted: []).masks
      }
      let map = try LabelMap(in: tree, folders)
      let list = try MaskNaming.IndexNames.find(in: tree, folders)
      if map != nil || list != nil {
        names =
          list?.names ?? map!.byValue
        trainNames = names
        found.file = map?.file ?? list!.file
        found.colors = map?.colorsByClass ?? [:]
        colors = map?.byColor ?? [:]
        classes.masks =
          list == nil ? map!.uniqueNames : names.sorted { $0.key < $1.key }.map(\.value)
        classes.boxes = classes.masks
      }
      if !masked.isEmpty { found.masks = classes.masks }
      if files.contains(where: { $0[.instanceIds] != nil || $0[.polygons] != nil }) {
        found.boxes = classes.boxes
      }
    }

    /// The reader of each kind of mask.
    func readers(_ table: ClassTable) -> [Kind: MaskReader] {
      [
        .labelIds: MaskReader(MaskCoding(values: names, file: found.file), table),
        .labelTrainIds: MaskReader(MaskCoding(values: trainNames, file: found.file), table),
        .color: MaskReader(
          MaskCoding(colors: colors, colorsDecide: true, file: found.file), table),
      ]
    }
  }

  private struct Reader: Sendable {
    let words: Vocabulary
    let table: ClassTable
    let warnings: WarningLog
    let readers: [Kind: MaskReader]
    let known: Set<String>

    init(_ words: Vocabulary, _ table: ClassTable, _ warnings: WarningLog) {
      (self.words, self.table, self.warnings) = (words, table, warnings)
      readers = words.readers(table)
      known = Set(words.names.values)
    }

    func read(
      _ files: Files, _ disparity: String?, _ image: Image, of path: String, mayBeDummy: Bool
    ) throws -> Labels {
      var labels = Labels(file: path)
      let kind = Kind.allCases.first { files[$0] != nil }
      let drawn = { (file: String, paints: Bool) in
        Labels(
          of: try CityscapesPolygons(contentsOf: file).drawn(image, known: known, file),
          width: image.width, height: image.height, table, paints: paints, file: file)
      }
      if let file = files[.instanceIds] {
        labels = Labels(
          of: try objects(in: file, image), width: image.width, height: image.height, table,
          paints: false, file: file)
      } else if let file = files[.polygons] {
        labels = try drawn(file, kind == .polygons)
      }
      if let kind, let file = files[kind] {
        labels.maskFile = file
        if let reader = readers[kind] {
          labels.mask = try reader.read(file)
        } else if kind == .instanceIds {
          labels.mask = try mask(ofObjects: file)
        } else if labels.mask == nil {
          labels.mask = try drawn(file, true).mask
        }
      } else {
        warnings.note("image without a mask", in: path)
      }
      if mayBeDummy, let mask = labels.mask, mask.pixels.allSatisfy({ $0 == 255 }) {
        warnings.note("label of void alone taken for none", in: labels.maskFile ?? path)
        labels = Labels(file: path)
      }
      labels.depth = try disparity.map(Self.depth)
      return labels
    }

    /// The label id of a value: `id × 1000 + number`, or the id where objects are not
    /// annotated separately.
    private static func id(of value: Int) -> Int { value >= 1000 ? value / 1000 : value }

    private func name(of value: Int, _ path: String) throws -> String? {
      let id = Self.id(of: value)
      if value == 255 { return nil }
      guard let name = words.names[id] else {
        throw ContentError(
          path: path, expected: "label ids of \(words.found.file), or id × 1000 + number",
          received: "\(value)")
      }
      return name
    }

    private func objects(in path: String, _ image: Image) throws -> [DrawnObject] {
      let (width, height, values) = try NumberedObjects.read(path)
      guard (width, height) == (image.width, image.height) else {
        throw ContentError(
          path: path, expected: "objects of the image's size \(image.width)×\(image.height)",
          received: "\(width)×\(height)")
      }
      let boxes = Set(table.classes.boxes)
      return try NumberedObjects.regions(of: values, width: width, in: path) { value in
        words.names[Self.id(of: value)].map(boxes.contains) ?? true
      }.flatMap { region -> [DrawnObject] in
        guard let name = try name(of: region.value, path) else { return [] }
        return region.value >= 1000 ? [region.drawn(name)] : region.crowds(name)
      }
    }

    private func mask(ofObjects path: String) throws -> Image {
      let (width, height, values) = try NumberedObjects.read(path)
      var indices = [UInt8](repeating: 255, count: 1 << 16)
      for value in Set(values) {
        if let name = try name(of: Int(value), path) {
          indices[Int(value)] = table.maskValue(of: name)
        }
      }
      return Image(
        width: width, height: height, channels: 1, pixels: values.map { indices[Int($0)] })
    }

    /// Disparities in pixels; 0 where unknown.
    private static func depth(_ path: String) throws -> DenseMap {
      guard case .gray16(let stored) = try LabelImage(contentsOf: path) else {
        throw ContentError(
          path: path, expected: "disparities as gray of 16 bits", received: "another image")
      }
      return DenseMap(
        width: stored.width, height: stored.height, channels: 1,
        values: stored.pixels.map { $0 == 0 ? 0 : (Float($0) - 1) / 256 })
    }
  }
}
