import AthanorCore
import AthanorVision

/// COCO's instances: JSON with images, categories and annotations, one file a split or one for all.
///
/// Categories are one class a name, whatever ids the files give it. Polygons and run lengths are
/// painted in order of the file; every instance gives its box. Crowd regions are painted too but
/// give no box: they bound no single object.
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
    /// The JSON of a split, `{split}` standing for its name, or one for all splits. Empty: found.
    public var annotations = ""
    /// The folder of a split's images. Empty: found.
    public var images = ""

    public init() {}
  }

  public let options: LayoutOptions<Own>
  public let surveyed = Once<SurveyedData>()

  public init(_ options: LayoutOptions<Own>) { self.options = options }

  public static func recognise(_ tree: DataTree) throws -> Recognition {
    if !instanceFiles(in: tree).isEmpty { return .yes([]) }
    let others = tree.files(in: "", kinds: ["json"]).prefix(6).filter { isCOCO(tree.path($0)) }
    return others.isEmpty ? .no : .yes([])
  }

  /// Whether a JSON file has what COCO's annotation files have.
  private static func isCOCO(_ path: String) -> Bool {
    guard let text = try? JSONText(contentsOf: path) else { return false }
    var cursor = JSONCursor(text)
    var found: Set<String> = []
    var isPanoptic = false
    // Damage behind the keys is for the reader to tell.
    try? cursor.object { key, value in
      guard value.kind == .array else { return }
      found.insert(key.string)
      guard key == "annotations" else { return }
      try value.array { index, item in
        guard index == 0, item.kind == .object else { return }
        try item.object { key, _ in isPanoptic = isPanoptic || key == "segments_info" }
      }
    }
    return found.isSuperset(of: ["images", "annotations", "categories"]) && !isPanoptic
  }

  /// Files whose names say that they are COCO's instances.
  private static func instanceFiles(in tree: DataTree) -> [String] {
    tree.files(in: "", kinds: ["json"]).filter { path in
      let name = FileName.last(of: path).lowercased()
      return name.hasPrefix("instances_") || name.hasSuffix(".coco.json")
    }
  }

  /// A file of annotations and the split it is of.
  private struct Part: Sendable {
    var file: String
    var split: Split?
    var content: COCOFile
  }

  public func survey(_ tree: DataTree, _ warnings: WarningLog) throws -> Survey {
    let files = try self.files(in: tree)
    let parts = try concurrently(files) { file in
      Part(
        file: file.path, split: file.split, content: try COCOFile(contentsOf: tree.path(file.path)))
    }
    for part in parts { note(part, tree, warnings) }
    var classes = FoundClasses(file: tree.path(parts[0].file))
    try collect(parts, tree, &classes, warnings)
    var items: [Survey.Item] = []
    /// The part and the image in it, by item.
    var origins: [(part: Int, image: Int)] = []
    var places: [String: Int] = [:]
    let index = ImageIndex(tree)
    for (number, part) in parts.enumerated() {
      let folders = imageFolders(of: part, tree)
      var missing: [String] = []
      for (image, entry) in part.content.images.enumerated() {
        guard let written = entry.fileName else {
          throw DatasetError(
            path: tree.path(part.file), expected: "file_name in images[\(image)]", received: "none")
        }
        guard let path = try find(written, folders, part, tree, index) else {
          missing.append(written)
          continue
        }
        let item = Survey.Item(
          name: FileName.withoutKind(Self.below(path, folders)), image: tree.path(path),
          split: part.split, id: entry.id)
        if let place = places[path] {
          warnings.note(
            "image of several annotation files, kept in the last split", in: path)
          (items[place], origins[place]) = (item, (number, image))
          continue
        }
        places[path] = items.count
        items.append(item)
        origins.append((number, image))
      }
      if missing.count == part.content.images.count {
        let seen = folders.map { $0.isEmpty ? "the folder itself" : "\($0)/" }
        throw DatasetError(
          path: tree.path(part.file),
          expected: "its images in \(seen.joined(separator: ", "))",
          received: missing.isEmpty ? "an empty list of images" : "no '\(missing[0])' there")
      }
      for name in missing {
        warnings.note("image of the annotations that is not there left out", in: name)
      }
    }
    let paints = !classes.masks.isEmpty
    let (sources, known) = (origins, items)
    return Survey(items, classes) { table in
      { item, image in
        let (number, place) = sources[item]
        let (content, file) = (parts[number].content, tree.path(parts[number].file))
        let entry = content.images[place]
        if let width = entry.width, let height = entry.height,
          (width, height) != (image.width, image.height)
        {
          throw DatasetError(
            path: known[item].image, expected: "\(width)×\(height), as \(file) says",
            received: "\(image.width)×\(image.height)")
        }
        let objects = try content.annotations(ofImage: place).map { index in
          let annotation = content.annotations[Int(index)]
          // Of a category that the file does not list nothing is known, its pixels included.
          let category = annotation.category
          return DrawnObject(
            name: category < 0 ? "void" : content.categories[category].name,
            outlines: try content.outlines(of: Int(index), image, file),
            box: (
              annotation.x, annotation.y, annotation.x + annotation.width,
              annotation.y + annotation.height
            ), area: annotation.area, isCrowd: annotation.isCrowd)
        }
        return Labels(
          of: objects, width: image.width, height: image.height, table, paints: paints,
          keepsAll: true, file: "\(file) (\(entry.fileName ?? ""))")
      }
    }
  }

  /// The files of annotations with their splits.
  private func files(in tree: DataTree) throws -> [(path: String, split: Split?)] {
    if !options.annotations.isEmpty {
      guard options.annotations.contains("{split}") else {
        guard let file = tree.file([options.annotations]) else {
          throw DatasetError(
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
        throw DatasetError(
          path: tree.path(options.annotations), expected: "COCO's instances of a split",
          received: "no such file")
      }
      return found
    }
    var found = Self.instanceFiles(in: tree)
    if found.isEmpty {
      found = tree.files(in: "", kinds: ["json"]).filter { Self.isCOCO(tree.path($0)) }
    }
    guard !found.isEmpty else {
      throw DatasetError(
        path: tree.path("annotations/instances_train*.json"),
        expected: "COCO's instances of a split, or one JSON file for all", received: "no such file")
    }
    let named = found.map { (path: $0, split: Self.split(of: $0)) }
    let divided = named.filter { $0.split != nil }
    guard divided.isEmpty else {
      for split in Split.allCases {
        let same = divided.filter { $0.split == split }
        guard same.count <= 1 else {
          throw DatasetError(
            path: tree.root, expected: "one file of annotations for \(split)",
            received: same.map(\.path).joined(separator: " and ")
              + " (say which: annotations=…{split}….json)")
        }
      }
      return divided
    }
    guard named.count == 1 else {
      throw DatasetError(
        path: tree.root, expected: "one file of annotations, or one a split",
        received: named.map(\.path).joined(separator: " and ") + " (say which: annotations=FILE)")
    }
    return named
  }

  /// The split that a file's name says, or else its folder.
  private static func split(of path: String) -> Split? {
    let stem = FileName.stem(of: path).lowercased().replacing("instances", with: "")
    return Split(named: stem) ?? Split.parted(path).split
  }

  /// What annotations refer to and the file does not have.
  private func note(_ part: Part, _ tree: DataTree, _ warnings: WarningLog) {
    if let unknown = part.content.unknownImages {
      warnings.note(
        "annotation of an image that the file does not list left out (first: image \(unknown.id))",
        in: tree.path(part.file), count: unknown.count)
    }
    if let unknown = part.content.unknownCategories {
      warnings.note(
        "annotation of a category that the file does not list left out, its pixels ignored "
          + "(first: category \(unknown.id))", in: tree.path(part.file), count: unknown.count)
    }
  }

  /// The classes of all files by name, in order of the ids of the first file that has each.
  private func collect(
    _ parts: [Part], _ tree: DataTree, _ classes: inout FoundClasses, _ warnings: WarningLog
  ) throws {
    var names: [String] = []
    var keys = Set<String>()
    for part in parts {
      var own = Set<String>()
      for category in part.content.categories.sorted(by: { $0.id < $1.id }) {
        let key = ClassName.key(category.name)
        guard own.insert(key).inserted else {
          warnings.note(
            "category of the name of another, taken for one class: \(category.name)",
            in: tree.path(part.file))
          continue
        }
        if keys.insert(key).inserted {
          names.append(category.name)
          classes.ids[key] = category.id
        } else if classes.ids[key] != category.id {
          warnings.note(
            "category of different ids in the files, matched by name: \(category.name)",
            in: tree.path(part.file))
        }
      }
    }
    classes.boxes = names.filter { !ClassName.isBackground($0) }
    // An outline that cannot be read is the fault of its sample.
    let hasOutlines = parts.contains { part in
      part.content.annotations.indices.contains {
        (try? part.content.segmentation(of: $0).isOutline) ?? true
      }
    }
    let background = names.first(where: ClassName.isBackground) ?? "background"
    if hasOutlines { classes.masks = [background] + classes.boxes }
  }

  /// Where the images of a file may lie, the likeliest first.
  private func imageFolders(of part: Part, _ tree: DataTree) -> [String] {
    if !options.images.isEmpty {
      let spellings = part.split.map { split in
        Split.spellings.filter { Split(named: $0) == split }
      }
      return (spellings ?? [""]).compactMap {
        tree.folder([options.images.replacing("{split}", with: $0)])
      }
    }
    let stem = FileName.stem(of: part.file).replacing("instances_", with: "")
    let split = part.split.map { "\($0)" } ?? stem
    let own = FileName.parent(of: part.file)
    let candidates = [
      "images/\(stem)", stem, "images/\(split)", split, own, "\(own)/images", "images", "data",
      "JPEGImages", "img", "",
    ]
    var seen = Set<String>()
    let folders = candidates.compactMap { tree.folder([$0]) }.filter { seen.insert($0).inserted }
    let sample = part.content.images.prefix(20).compactMap(\.fileName)
    let hits = folders.map { folder in
      sample.count { tree.hasFile(folder.isEmpty ? $0 : "\(folder)/\($0)") }
    }
    return zip(folders, hits).enumerated().sorted {
      ($1.element.1, $0.offset) < ($0.element.1, $1.offset)
    }
    .map(\.element.0)
  }

  /// The image that a file name means: in the folders, or anywhere if its path's tail is one
  /// image's.
  private func find(
    _ written: String, _ folders: [String], _ part: Part, _ tree: DataTree, _ index: ImageIndex
  ) throws -> String? {
    if !written.hasPrefix("/") {
      for folder in folders {
        let path = folder.isEmpty ? written : "\(folder)/\(written)"
        if tree.hasFile(path) { return path }
        if written.contains("./") {
          let resolved = try tree.resolve(written, in: folder, writtenIn: tree.path(part.file))
          if tree.hasFile(resolved) { return resolved }
        }
      }
    }
    return index.find(tail: written, of: part.split)
  }

  /// A path below the folder of images that it lies in.
  private static func below(_ path: String, _ folders: [String]) -> String {
    for folder in folders where !folder.isEmpty && path.hasPrefix(folder + "/") {
      return String(path.dropFirst(folder.count + 1))
    }
    return path
  }
}

extension COCOSegmentation {
  var isOutline: Bool { if case .none = self { false } else { true } }
}

extension COCOFile {
  /// The regions to paint; none where the annotation is a box alone.
  fileprivate func outlines(
    of annotation: Int, _ image: AthanorVision.Image, _ path: String
  ) throws -> [Outline] {
    switch try segmentation(of: annotation) {
    case .none: return []
    case .polygons(let polygons):
      return polygons.map { flat in
        .polygon(
          stride(from: 0, to: flat.count - 1, by: 2).map { Point(x: flat[$0], y: flat[$0 + 1]) })
      }
    case .runs(let height, let width, let counts):
      guard height == image.height, width == image.width else {
        throw DatasetError(
          path: path, expected: "run lengths over \(image.width)×\(image.height) pixels",
          received: "\(width)×\(height) in annotations[\(annotation)]")
      }
      var bitmap = AthanorVision.Image(width: width, height: height, channels: 1)
      var position = 0
      for (index, count) in counts.enumerated() {
        if index % 2 == 1 {
          for p in position..<(position + count) {
            bitmap.pixels[p % height * width + p / height] = 1
          }
        }
        position += count
      }
      return [.bitmap(bitmap, x: 0, y: 0)]
    }
  }
}
