import AthanorCore
import AthanorVision

/// COCO's panoptic segmentation: a JSON a split, and PNG files whose colours number segments.
///
/// A pixel (R, G, B) is of segment R + 256 · G + 65536 · B, and takes its segment's category; 0 is
/// unlabelled, 255 here. Segments of things give boxes, those of stuff do not; crowds are painted
/// and give no box. Masks have no background: every category is a class.
public struct COCOPanopticLayout: Layout {
  public static let name = "coco_panoptic"
  public static let summary =
    "COCO's panoptic JSON and PNG: masks of things and stuff, boxes of things"
  public static let source = "Kirillov et al. 2019, cocodataset.org data format"
  public static let onDisk = [
    "annotations/panoptic_train2017.json   segments_info of a split; panoptic_val2017.json, …",
    "annotations/panoptic_train2017/*.png  the segments (or panoptic_train2017/)",
    "train2017/                            images (or images/train2017/, images/)",
  ]

  public struct Own: Codable, Equatable, Sendable, DefaultInitializable {
    /// The folder of images, `{split}` standing for a split's name; empty: those of the names
    /// above.
    public var images = ""

    public init() {}
  }

  public let options: LayoutOptions<Own>
  public let surveyed = Once<SurveyedData>()

  public init(_ options: LayoutOptions<Own>) { self.options = options }

  public static func recognise(_ tree: DataTree) throws -> Recognition {
    let files = files(in: tree)
    guard let first = files.first else { return .no }
    let beside = FileName.parent(of: first)
    // Where both are, instances are what most people mean; this layout can be asked for.
    let hasInstances = tree.files(in: beside, kinds: ["json"], deep: false).contains {
      FileName.last(of: $0).hasPrefix("instances_")
    }
    guard !hasInstances else { return .no }
    return segmentFolder(of: first, in: tree) == nil
      ? .near("\(first) without the folder \(FileName.stem(of: first))/ of PNG files") : .yes([])
  }

  private static func files(in tree: DataTree) -> [String] {
    tree.files(in: "", kinds: ["json"]).filter {
      FileName.last(of: $0).lowercased().hasPrefix("panoptic_") && PanopticFile.isOne(tree.path($0))
    }
  }

  /// The folder of PNG files of a JSON: that of its name, beside it or beside its folder.
  private static func segmentFolder(of file: String, in tree: DataTree) -> String? {
    let stem = FileName.stem(of: file)
    let parents = [FileName.parent(of: file), FileName.parent(of: FileName.parent(of: file)), ""]
    return tree.folder(parents.map { $0.isEmpty ? stem : "\($0)/\(stem)" })
  }

  public func survey(_ tree: DataTree, _ warnings: WarningLog) throws -> Survey {
    let files = Self.files(in: tree)
    guard !files.isEmpty else {
      throw DatasetError(
        path: tree.path("annotations"), expected: "panoptic_train….json with segments_info",
        received: "none")
    }
    let contents = try concurrently(files) { try PanopticFile(contentsOf: tree.path($0)) }
    let index = ImageIndex(tree)
    var classes = FoundClasses(file: tree.path(files[0]))
    var (items, labels) = ([Survey.Item](), [Segments?]())
    var categories: [String: (order: Int, category: PanopticFile.Category)] = [:]
    for (file, content) in zip(files, contents) {
      for category in content.categories {
        let known = categories[category.name]
        categories[category.name] = known ?? (category.id, category)
      }
      warnings.note(
        "annotation of an image that is not in the file left out", in: tree.path(file),
        count: content.strangers)
      let part = FileName.stem(of: file).dropFirst("panoptic_".count)
      let split = Split(named: String(part))
      let folder = Self.segmentFolder(of: file, in: tree)
      let names = Dictionary(uniqueKeysWithValues: content.categories.map { ($0.id, $0) })
      for picture in content.pictures {
        guard
          let image = try find(picture.fileName, String(part), split, tree, index, tree.path(file))
        else {
          warnings.note("image that is not there left out", in: picture.fileName)
          continue
        }
        items.append(
          Survey.Item(
            name: FileName.withoutKind(picture.fileName), image: tree.path(image), split: split))
        var segments: Segments?
        if let png = picture.segmentFile {
          let path = try tree.resolve(png, in: folder ?? "", writtenIn: tree.path(file))
          segments = Segments(
            path: tree.path(path), picture: picture, names: names, file: tree.path(file))
        }
        labels.append(segments)
      }
    }
    let sorted = categories.values.sorted {
      ($0.order, $0.category.name) < ($1.order, $1.category.name)
    }
    .map(\.category)
    classes.masks = sorted.map(\.name)
    classes.boxes = sorted.filter(\.isThing).map(\.name)
    classes.ids = Dictionary(
      uniqueKeysWithValues: sorted.map { (ClassName.key($0.name), .number($0.id)) })
    for category in sorted { classes.colors[ClassName.key(category.name)] = category.color }
    let found = labels
    return Survey(items, classes) { [items] table in
      { item, image in
        guard let segments = found[item] else { return Labels(file: items[item].image) }
        return try segments.labels(image, table, warnings)
      }
    }
  }

  private func find(
    _ name: String, _ part: String, _ split: Split?, _ tree: DataTree, _ index: ImageIndex,
    _ file: String
  ) throws -> String? {
    var folders = [options.images.replacing("{split}", with: split.map { "\($0)" } ?? part)]
    if options.images.isEmpty {
      folders = [
        "images/\(part)", part, split.map { "images/\($0)" } ?? "", split.map { "\($0)" } ?? "",
      ]
      folders += ["images", "data", ""]
    }
    for folder in folders {
      let path = try tree.resolve(name, in: tree.folder([folder]) ?? folder, writtenIn: file)
      if tree.hasFile(path) { return path }
    }
    return options.images.isEmpty ? index.find(FileName.last(of: name), of: name) : nil
  }
}

/// The segments of one image.
private struct Segments: Sendable {
  var path: String
  var picture: PanopticFile.Picture
  var names: [Int: PanopticFile.Category]
  var file: String

  func labels(_ image: Image, _ table: ClassTable, _ warnings: WarningLog) throws -> Labels {
    guard picture.width == 0 || (picture.width, picture.height) == (image.width, image.height)
    else {
      throw DatasetError(
        path: file,
        expected: "'\(picture.fileName)' of \(picture.width)×\(picture.height), as the file says",
        received: "\(image.width)×\(image.height)")
    }
    guard case .color(let colors) = try LabelImage(contentsOf: path) else {
      throw DatasetError(
        path: path, expected: "segments as RGB: R + 256 · G + 65536 · B", received: "one channel")
    }
    var mask = Image(width: colors.width, height: colors.height, channels: 1, filledWith: 255)
    var regions: [Int: Region] = [:]
    var last = (id: 0, value: UInt8(255))
    for y in 0..<colors.height {
      var start = 0
      for x in 0..<colors.width {
        let at = 3 * (y * colors.width + x)
        let id =
          Int(colors.pixels[at]) | Int(colors.pixels[at + 1]) << 8 | Int(colors.pixels[at + 2])
          << 16
        if id != last.id {
          if x > start { regions[last.id, default: Region()].add(y, start..<x) }
          start = x
          last = (id, try value(of: id, table))
        }
        mask.pixels[y * colors.width + x] = last.value
      }
      regions[last.id, default: Region()].add(y, start..<colors.width)
    }
    let objects = picture.segments.sorted { $0.key < $1.key }.compactMap { id, segment in
      drawn(segment, regions[id], warnings)
    }
    var labels = Labels(
      of: objects, width: mask.width, height: mask.height, table, paints: false, file: file)
    (labels.mask, labels.maskFile) = (mask, path)
    return labels
  }

  private func value(of id: Int, _ table: ClassTable) throws -> UInt8 {
    if id == 0 { return 255 }
    guard let segment = picture.segments[id], let category = names[segment.category] else {
      throw DatasetError(
        path: path, expected: "pixels of the segments that \(file) lists",
        received: "segment \(id)")
    }
    return table.maskValue(of: category.name)
  }

  /// The object of a segment of a thing.
  private func drawn(
    _ segment: PanopticFile.Segment, _ region: Region?, _ warnings: WarningLog
  ) -> DrawnObject? {
    guard let category = names[segment.category], category.isThing else { return nil }
    if region == nil { warnings.note("segment without a pixel", in: path) }
    var object = DrawnObject(name: category.name, isCrowd: segment.isCrowd)
    if let outline = region?.outline { object.outlines = [outline] }
    object.area = segment.area
    if let box = segment.box { object.box = (box[0], box[1], box[0] + box[2], box[1] + box[3]) }
    return object
  }

  /// The pixels of a segment as runs in rows.
  private struct Region {
    var runs: [(y: Int, xs: Range<Int>)] = []

    mutating func add(_ y: Int, _ xs: Range<Int>) { runs.append((y, xs)) }

    var outline: Outline {
      let left = runs.map(\.xs.lowerBound).min() ?? 0
      let right = runs.map(\.xs.upperBound).max() ?? 0
      let (top, bottom) = (runs.first?.y ?? 0, (runs.last?.y ?? -1) + 1)
      var bitmap = Image(width: right - left, height: bottom - top, channels: 1)
      for (y, xs) in runs {
        for x in xs { bitmap.pixels[(y - top) * bitmap.width + x - left] = 1 }
      }
      return .bitmap(bitmap, x: left, y: top)
    }
  }
}
