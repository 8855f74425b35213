import AthanorCore
import AthanorVision

/// COCO's instances: JSON with images, categories and annotations, one file per split or one
/// for all.
///
/// Categories are one class per name, whatever ids the files give it. Polygons and run lengths are
/// painted in order of the file; every instance has a box. Crowd regions are painted too, without
/// boxes: they are no single object.
public struct COCOLayout: Layout {
  public static let name = "coco"
  public static let summary = "COCO instances JSON: boxes, masks from polygons and run lengths"
  public static let source = "Lin et al. 2014, cocodataset.org data format"
  public static let onDisk = [
    "annotations/         instances_train*.json, instances_val*.json, or one for all (default)",
    "images/, train*/, …  images where file_name leads, in the folder of the split's name",
    "train/, valid/, …    a folder a split with _annotations.coco.json beside the images",
    "annotations.json     or any COCO JSON beside a folder of images",
  ]

  public struct Own: Codable, Equatable, Sendable, DefaultInitializable {
    /// The JSON of a split, where `{split}` is its name, or one for all splits. Empty: detected.
    public var annotations = ""
    /// The folder of a split's images. Empty: detected.
    public var images = ""

    public init() {}
  }

  public let options: LayoutOptions<Own>
  public let surveyed = Once<SurveyedData>()

  public init(_ options: LayoutOptions<Own>) { self.options = options }

  public static func recognise(_ tree: DataTree) throws -> Recognition {
    if !instanceFiles(in: tree).isEmpty { return .yes([]) }
    let others = tree.files(in: "", kinds: ["json"]).prefix(6).filter {
      (try? COCOFile.kind(ofFile: tree.path($0))) == .instances
    }
    return others.isEmpty ? .no : .yes([])
  }

  /// Files with the usual names of COCO's instances.
  private static func instanceFiles(in tree: DataTree) -> [String] {
    tree.files(in: "", kinds: ["json"]).filter { path in
      let name = FileName.last(of: path).lowercased()
      return name.hasPrefix("instances_") || name.hasSuffix(".coco.json")
    }
  }

  public func survey(_ tree: DataTree, _ warnings: WarningLog) throws -> Survey {
    let set = try COCOSet(files(in: tree, warnings), tree, warnings)
    let (items, origins) = try set.items(
      prefix: "instances_", images: options.images, tree, warnings)
    var classes = FoundClasses(file: set.parts[0].file)
    let names = set.classNames(&classes.ids, warnings).map(\.name)
    classes.boxes = names.filter { !ClassName.isBackground($0) }
    // An outline that cannot be read is an error of its sample only.
    let hasOutlines = set.parts.contains { part in
      part.content.annotations.indices.contains {
        (try? part.content.segmentation(of: $0).isOutline) ?? true
      }
    }
    let background = names.first(where: ClassName.isBackground) ?? "background"
    if hasOutlines { classes.masks = [background] + classes.boxes }
    let paints = !classes.masks.isEmpty
    return Survey(items, classes) { table in
      { item, image in
        let (part, place) = origins[item]
        let (content, file) = (set.parts[part].content, set.parts[part].file)
        try content.checkSize(ofImage: place, image, items[item].image)
        let objects = try content.annotations(ofImage: place).map { index in
          let annotation = content.annotations[Int(index)]
          return DrawnObject(
            name: content.className(of: annotation),
            outlines: try content.outlines(of: Int(index), image, file, warnings),
            box: (
              annotation.x, annotation.y, annotation.x + annotation.width,
              annotation.y + annotation.height
            ), area: annotation.area, isCrowd: annotation.isCrowd)
        }
        return Labels(
          of: objects, width: image.width, height: image.height, table, paints: paints,
          keepsAll: true, file: "\(file) (\(content.images[place].fileName ?? ""))")
      }
    }
  }

  /// The files of annotations with their splits.
  private func files(
    in tree: DataTree, _ warnings: WarningLog
  ) throws -> [(path: String, split: Split?)] {
    if !options.annotations.isEmpty {
      guard options.annotations.contains("{split}") else {
        guard let file = tree.file([options.annotations]) else {
          throw ContentError(
            path: tree.path(options.annotations), expected: "COCO's instances",
            received: "no such file")
        }
        return [(file, nil)]
      }
      let found = Split.spellings.compactMap { spelling in
        tree.file([options.annotations.replacing("{split}", with: spelling)])
          .map { (path: $0, split: Split(named: spelling)) }
      }
      guard !found.isEmpty else {
        throw ContentError(
          path: tree.path(options.annotations), expected: "COCO's instances of a split",
          received: "no such file")
      }
      return found
    }
    var found = Self.instanceFiles(in: tree)
    if found.isEmpty {
      found = try COCOFile.files(of: .instances, in: tree)
    }
    guard !found.isEmpty else {
      throw ContentError(
        path: tree.path("annotations/instances_train*.json"),
        expected: "COCO's instances of a split, or one JSON file for all", received: "no such file")
    }
    let named = found.map { (path: $0, split: Self.split(of: $0)) }
    let divided = named.filter { $0.split != nil }
    guard divided.isEmpty else {
      for file in named where file.split == nil {
        warnings.note("file of annotations of no split left out", in: file.path)
      }
      for split in Split.allCases {
        let same = divided.filter { $0.split == split }
        guard same.count <= 1 else {
          throw ContentError(
            path: tree.root, expected: "one file of annotations for \(split)",
            received: same.map(\.path).joined(separator: " and ")
              + " (say which: annotations=…{split}….json)")
        }
      }
      return divided
    }
    guard named.count == 1 else {
      throw ContentError(
        path: tree.root, expected: "one file of annotations, or one a split",
        received: named.map(\.path).joined(separator: " and ") + " (say which: annotations=FILE)")
    }
    return named
  }

  /// The split in a file's name, or else in that of its folder.
  private static func split(of path: String) -> Split? {
    let stem = FileName.stem(of: path).lowercased().replacing("instances", with: "")
    return Split(named: stem) ?? Split.parted(path).split
  }
}

extension COCOSegmentation {
  var isOutline: Bool { if case .none = self { false } else { true } }
}

extension COCOFile {
  /// The regions to paint; none where the annotation is only a box.
  fileprivate func outlines(
    of annotation: Int, _ image: AthanorVision.Image, _ path: String, _ warnings: WarningLog
  ) throws -> [Outline] {
    var leftOut = 0
    let segmentation = try segmentation(of: annotation, leftOut: &leftOut)
    warnings.note(
      "polygon of less than three points left out",
      in: "\(FileName.last(of: path)): annotations[\(annotation)]", count: leftOut)
    switch segmentation {
    case .none: return []
    case .polygons(let polygons):
      return polygons.map { flat in
        .polygon(
          stride(from: 0, to: flat.count - 1, by: 2).map { Point(x: flat[$0], y: flat[$0 + 1]) })
      }
    case .runs(let height, let width, let counts):
      guard height == image.height, width == image.width else {
        throw ContentError(
          path: path, expected: "run lengths over \(image.width)×\(image.height) pixels",
          received: "\(width)×\(height) in annotations[\(annotation)]")
      }
      // The extent first, since an object is mostly much smaller than its image.
      var (left, top, right, bottom, position) = (width, height, 0, 0, 0)
      for (index, count) in counts.enumerated() {
        if index % 2 == 1, count > 0 {
          let (first, last) = (position, position + count - 1)
          (left, right) = (min(left, first / height), max(right, last / height + 1))
          let isWithin = first / height == last / height
          top = min(top, isWithin ? first % height : 0)
          bottom = max(bottom, isWithin ? last % height + 1 : height)
        }
        position += count
      }
      guard right > left else { return [] }
      var bitmap = AthanorVision.Image(width: right - left, height: bottom - top, channels: 1)
      position = 0
      for (index, count) in counts.enumerated() {
        if index % 2 == 1 {
          for p in position..<(position + count) {
            bitmap.pixels[(p % height - top) * bitmap.width + p / height - left] = 1
          }
        }
        position += count
      }
      return [.bitmap(bitmap, x: left, y: top)]
    }
  }
}
