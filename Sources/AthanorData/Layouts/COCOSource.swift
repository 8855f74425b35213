import AthanorCore
import AthanorVision

/// COCO's instances: one JSON file a split, images in a folder beside.
///
/// Polygons and run lengths are painted in order of the file; every instance gives its box. Crowd
/// regions are painted too but give no box: they bound no single object. Categories keep their ids
/// in `DataClasses.categoryIDs`.
public struct COCOSource: Registered, DataSource {
  public static let name = "coco"
  public static let summary = "COCO instances JSON: masks from polygons and run lengths, boxes"
  public static let source = "Lin et al. 2014, cocodataset.org data format"

  public struct Options: Codable, Sendable, DefaultInitializable {
    public var path = ""
    /// The JSON of a split, `{split}` standing for its name. Empty: the one file
    /// `annotations/instances_{split}*.json`.
    public var annotations = ""
    /// The folder of a split's images. Empty: the first of `images/{split}…`, `{split}…`, `images`
    /// that exists.
    public var images = ""
    /// The classes wanted, others becoming background. Empty: all categories.
    public var classes: [String] = []

    public init() {}
  }

  let options: Options

  public init(_ options: Options) { self.options = options }

  public var folders: [String]? { [options.path] }

  public func splits() throws -> [Split] {
    let folder = try DataFolder(options.path)
    let found = try Split.allCases.filter { try file(of: $0, in: folder) != nil }
    guard !found.isEmpty else { throw missing(.train, folder) }
    return found
  }

  public func open(_ split: Split) throws -> any Dataset {
    let folder = try DataFolder(options.path)
    guard let file = try file(of: split, in: folder) else { throw missing(split, folder) }
    let path = folder.path(file)
    let content = try COCOFile(contentsOf: path)
    let wanted = try categories(content, path)
    let images = try images(of: split, file, in: folder)
    let labels = Dictionary(uniqueKeysWithValues: wanted.enumerated().map { ($1.id, $0) })
    let names = wanted.map(\.name)
    let classes = DataClasses(
      segmentation: ["background"] + names, detection: names,
      categoryIDs: wanted.map { .number($0.id) })
    let paths = try content.images.map {
      try folder.resolve($0.file_name, in: images, writtenIn: path)
    }
    let warnings = WarningLog()
    let list = content.images.map { DataFolder.stem(of: $0.file_name) }
    let ids = content.images.map { COCOIdentifier.number($0.id) }
    return ListedDataset(classes, list, files: paths, ids: ids, warnings) { index in
      let entry = content.images[index]
      let image = try Image(contentsOf: paths[index], as: .color)
      guard image.width == entry.width, image.height == entry.height else {
        throw DatasetError(
          path: paths[index], expected: "\(entry.width)×\(entry.height), as \(path) says",
          received: "\(image.width)×\(image.height)")
      }
      var mask = Image(width: image.width, height: image.height, channels: 1)
      var boxes: [BoundingBox] = []
      var crowds = 0
      for annotation in content.annotations[entry.id] ?? [] {
        guard let label = labels[annotation.category_id] else { continue }
        for outline in try annotation.outlines(width: mask.width, height: mask.height, path) {
          mask.fill(outline, with: UInt8(label + 1))
        }
        if annotation.iscrowd == 1 {
          crowds += 1
        } else {
          let box = annotation.bbox.map { Float($0) }
          boxes.append(
            BoundingBox(
              x1: box[0], y1: box[1], x2: box[0] + box[2], y2: box[1] + box[3], label: label))
        }
      }
      warnings.note("crowd region painted without a box", in: entry.file_name, count: crowds)
      return try Sample(name: list[index], image: image)
        .labelled(Labels(mask: mask, boxes: boxes, file: entry.file_name), classes, warnings)
    }
  }

  private func missing(_ split: Split, _ folder: DataFolder) -> DatasetError {
    let pattern =
      options.annotations.isEmpty
      ? "annotations/instances_{split}*.json" : options.annotations
    return DatasetError(
      path: folder.path(pattern.replacing("{split}", with: "\(split)")),
      expected: "COCO's instances of the split", received: "no such file")
  }

  private func file(of split: Split, in folder: DataFolder) throws -> String? {
    if !options.annotations.isEmpty {
      let file = options.annotations.replacing("{split}", with: "\(split)")
      return folder.hasFile(file) ? file : nil
    }
    guard folder.hasFolder("annotations") else { return nil }
    return try folder.list("annotations")
      .first { $0.hasPrefix("instances_\(split)") && $0.hasSuffix(".json") }
      .map { "annotations/\($0)" }
  }

  /// The folder of a split's images: named like its JSON file where nothing else is said.
  private func images(of split: Split, _ file: String, in folder: DataFolder) throws -> String {
    var candidates = [options.images.replacing("{split}", with: "\(split)")]
    if options.images.isEmpty {
      let part = DataFolder.stem(of: file).replacing("instances_", with: "")
      candidates = ["images/\(part)", part, "images/\(split)", "\(split)", "images"]
    }
    guard let found = candidates.first(where: folder.hasFolder) else {
      throw DatasetError(
        path: folder.root, expected: "a folder \(candidates.joined(separator: " or "))",
        received: "none")
    }
    return found
  }

  private func categories(_ content: COCOFile, _ path: String) throws -> [COCOFile.Category] {
    let all = content.categories.sorted { $0.id < $1.id }
    guard !options.classes.isEmpty else { return all }
    return try options.classes.map { name in
      guard let category = all.first(where: { $0.name == name }) else {
        throw DatasetError.unknownClass(name, in: path, known: all.map(\.name))
      }
      return category
    }
  }
}
