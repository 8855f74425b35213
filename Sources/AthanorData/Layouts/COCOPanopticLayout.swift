import AthanorCore
import AthanorVision

/// COCO's panoptic segmentation: a JSON per split, and PNG files whose colours number segments.
///
/// A pixel (R, G, B) belongs to segment R + 256 · G + 65536 · B, and has its segment's category; 0
/// is unlabelled, 255 here. Segments of things have boxes, those of stuff have none; crowds are
/// painted without boxes. Masks have no background: every category is a class.
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
    /// The folder of images, where `{split}` is a split's name; empty: those of the usual
    /// names.
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
    // Where there are both, instances are preferred; this layout can be requested explicitly.
    let hasInstances = tree.files(in: beside, kinds: ["json"], deep: false).contains {
      FileName.last(of: $0).hasPrefix("instances_")
    }
    guard !hasInstances else { return .no }
    return segmentFolder(of: first, in: tree) == nil
      ? .near("\(first) without the folder \(FileName.stem(of: first))/ of PNG files") : .yes([])
  }

  private static func files(in tree: DataTree) -> [String] {
    named(in: tree).filter { (try? COCOFile.kind(ofFile: tree.path($0))) == .panoptic }
  }

  private static func named(in tree: DataTree) -> [String] {
    tree.files(in: "", kinds: ["json"]).filter {
      FileName.last(of: $0).lowercased().hasPrefix("panoptic_")
    }
  }

  private static func split(of file: String) -> Split? {
    Split(named: FileName.stem(of: file).lowercased().replacing("panoptic_", with: ""))
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
      throw ContentError(
        path: tree.path("annotations"), expected: "panoptic_train….json with segments_info",
        received: "none")
    }
    // A file that belongs to the data set by a split's name must be readable too.
    let all = Self.named(in: tree).filter { files.contains($0) || Self.split(of: $0) != nil }
    let set = try COCOSet(all.map { ($0, Self.split(of: $0)) }, tree, warnings)
    for part in set.parts where !part.content.isPanoptic && !part.content.annotations.isEmpty {
      throw ContentError(
        path: part.file, expected: "annotations with segments_info", received: "none")
    }
    let (items, origins) = try set.items(
      prefix: "panoptic_", images: options.images, tree, warnings)
    var classes = FoundClasses(file: set.parts[0].file)
    let categories = set.classNames(&classes.ids, warnings)
    classes.masks = categories.map(\.name)
    classes.boxes = categories.filter { $0.isThing ?? true }.map(\.name)
    for category in categories {
      classes.colors[ClassName.key(category.name)] = category.color.map { [$0.x, $0.y, $0.z] }
    }
    let segments = try origins.map { origin -> Segments? in
      let part = set.parts[origin.part]
      let image = part.content.images[origin.image]
      guard !part.content.annotations(ofImage: origin.image).isEmpty else { return nil }
      let png = image.panopticFile ?? FileName.withoutKind(image.fileName ?? "") + ".png"
      let folder = Self.segmentFolder(of: part.path, in: tree) ?? ""
      let path = try tree.resolve(png, in: folder, writtenIn: part.file)
      return Segments(path: tree.path(path), content: part.content, image: origin.image)
    }
    return Survey(items, classes) { table in
      { item, image in
        guard let segments = segments[item] else { return Labels(file: items[item].image) }
        return try segments.labels(image, items[item].image, table, warnings)
      }
    }
  }
}

/// The segments of one image.
private struct Segments: Sendable {
  /// The PNG with their numbers.
  var path: String
  var content: COCOFile
  var image: Int

  /// The annotation of each segment by its number in the PNG.
  ///
  /// Errors: throws `ContentError` for an invalid number, and for one of no segment or of two.
  private func byNumber() throws -> [Int: Int] {
    var found: [Int: Int] = [:]
    for index in content.annotations(ofImage: image) {
      let number: Int? =
        switch content.id(ofAnnotation: Int(index)) {
        case .number(let number): number
        case .text(let text): WholeNumber.read(text)
        case nil: nil
        }
      guard let number, (1..<1 << 24).contains(number) else {
        throw problem(
          "segments numbered from 1 (0 is unlabelled)", number.map(String.init) ?? "no number")
      }
      guard found.updateValue(Int(index), forKey: number) == nil else {
        throw problem("each segment once", "\(number) twice")
      }
    }
    return found
  }

  private func problem(_ expected: String, _ received: String) -> ContentError {
    ContentError(
      path: content.path ?? path,
      expected: "\(expected) for '\(content.images[image].fileName ?? "")'", received: received)
  }

  func labels(
    _ photograph: Image, _ file: String, _ table: ClassTable, _ warnings: WarningLog
  ) throws -> Labels {
    try content.checkSize(ofImage: image, photograph, file)
    guard case .color(let colors) = try LabelImage(contentsOf: path) else {
      throw ContentError(
        path: path, expected: "segments as RGB: R + 256 · G + 65536 · B", received: "one channel")
    }
    let segments = try byNumber()
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
          last = (id, try value(of: id, segments, table))
        }
        mask.pixels[y * colors.width + x] = last.value
      }
      regions[last.id, default: Region()].add(y, start..<colors.width)
    }
    let objects = segments.sorted { $0.key < $1.key }.compactMap { number, index in
      drawn(content.annotations[index], regions[number], warnings)
    }
    var labels = Labels(
      of: objects, width: mask.width, height: mask.height, table, paints: false,
      file: content.path ?? path)
    (labels.mask, labels.maskFile) = (mask, path)
    return labels
  }

  private func value(
    of number: Int, _ segments: [Int: Int], _ table: ClassTable
  ) throws -> UInt8 {
    if number == 0 { return 255 }
    guard let index = segments[number] else {
      throw ContentError(
        path: path, expected: "pixels of the segments that \(content.path ?? "its JSON") lists",
        received: "segment \(number)")
    }
    return table.maskValue(of: content.className(of: content.annotations[index]))
  }

  /// The object of a segment of a thing.
  private func drawn(
    _ segment: COCOFile.Annotation, _ region: Region?, _ warnings: WarningLog
  ) -> DrawnObject? {
    guard segment.category >= 0, content.categories[segment.category].isThing ?? true else {
      return nil
    }
    if region == nil { warnings.note("segment without a pixel", in: path) }
    var object = DrawnObject(name: content.className(of: segment), isCrowd: segment.isCrowd)
    if let outline = region?.outline { object.outlines = [outline] }
    if segment.area > 0 { object.area = segment.area }
    if segment.hasBox {
      object.box = (
        segment.x, segment.y, segment.x + segment.width, segment.y + segment.height
      )
    }
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
