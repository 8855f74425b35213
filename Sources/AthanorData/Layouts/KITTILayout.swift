import AthanorCore
import AthanorVision

/// KITTI's semantic, instance and object benchmarks.
///
/// Masks are of `semantic/`, or else `instance/` (class × 256 + object) or `semantic_rgb/`; boxes
/// of `label_2/`, or else the extents of the objects in `instance/`. The numbers of masks are
/// Cityscapes' label ids where they can be nothing else: files are named as KITTI's
/// (`000000_10.png`), no number is above 33 and some are above 18, the largest of other data sets
/// with these folders. `DontCare` marks a region that evaluation ignores for every class. With
/// `testing/` beside it, all of `training/` is train unless there are lists.
public struct KITTILayout: Layout {
  public static let name = "kitti"
  public static let summary = "KITTI's folders: masks by label id, boxes as text or by instance"
  public static let source = "Geiger et al. 2012; Alhaija et al. 2018"
  public static let onDisk = [
    "training/image_2/    images; testing/ likewise; or image_2/ at the top",
    "training/semantic/   masks; or semantic_rgb/",
    "training/instance/   16 bit: class × 256 + object",
    "training/label_2/    'type truncated occluded alpha x1 y1 x2 y2 …' a line, 15 columns",
    "ImageSets/train.txt  and val.txt: which of training/",
  ]

  /// The meaning of the numbers in masks.
  enum Numbers: String, CaseIterable {
    case cityscapes, plain
  }

  public struct Own: Codable, Equatable, Sendable, DefaultInitializable {
    /// For Cityscapes' label ids: `train`, the 19 classes of the benchmark, or `all` but void.
    public var classesAs = "train"
    /// `cityscapes`: the masks contain its label ids; `plain`: they do not. Empty: detected.
    public var numbers = ""
    /// Mask values that become 255.
    public var ignore: [Int] = []
    /// The mask value of each name in `classes`, where the values are not 0, 1, 2, …
    public var values: [Int] = []

    public init() {}

    private enum CodingKeys: String, CodingKey {
      case classesAs = "classes_as"
      case numbers, ignore, values
    }
  }

  /// The classes of the object benchmark, in the order of its development kit.
  static let objectClasses = [
    "Car", "Van", "Truck", "Pedestrian", "Person_sitting", "Cyclist", "Tram", "Misc",
  ]

  public let options: LayoutOptions<Own>
  public let surveyed = Once<SurveyedData>()
  private let which: CityscapesLabels.Classes

  public init(_ options: LayoutOptions<Own>) throws {
    guard let which = CityscapesLabels.Classes(rawValue: options.classesAs) else {
      throw SettingsError(
        key: "classes_as", expected: "train or all", received: "'\(options.classesAs)'")
    }
    guard options.numbers.isEmpty || Numbers(rawValue: options.numbers) != nil else {
      throw SettingsError(
        key: "numbers", expected: "cityscapes or plain", received: "'\(options.numbers)'")
    }
    self.options = options
    self.which = which
  }

  /// `training` and `testing`, or the folder itself.
  private static func parts(in tree: DataTree) -> [(folder: String, split: Split?)] {
    let parts = ["training", "testing"].compactMap { name in
      tree.folder(["\(name)/image_2"]).map { (FileName.parent(of: $0), Split(named: name)) }
    }
    if parts.isEmpty { return tree.folder(["image_2"]) == nil ? [] : [("", nil)] }
    return parts.count == 1 ? [(parts[0].0, nil)] : parts
  }

  private static func below(_ part: String, _ name: String) -> String {
    part.isEmpty ? name : "\(part)/\(name)"
  }

  public static func recognise(_ tree: DataTree) throws -> Recognition {
    let parts = parts(in: tree)
    guard !parts.isEmpty else {
      return tree.folder(["training/label_2", "label_2", "training/semantic"]).map {
        .near("\($0)/ without image_2/ beside it")
      } ?? .no
    }
    let isLabelled = parts.contains { part in
      ["semantic", "semantic_rgb", "instance", "label_2"].contains { name in
        tree.folder([below(part.folder, name)]).map {
          !tree.files(in: $0, kinds: ["png", "txt"]).isEmpty
        } == true
      }
    }
    return isLabelled ? .yes([]) : .near("image_2/ without semantic/, instance/ or label_2/")
  }

  public func survey(_ tree: DataTree, _ warnings: WarningLog) throws -> Survey {
    let parts = Self.parts(in: tree)
    var items: [Survey.Item] = []
    var labels: [String: [String?]] = [:]
    for part in parts {
      let images = tree.folder([Self.below(part.folder, "image_2")]) ?? ""
      let found = try tree.images(
        in: [ImagePlace(images: images, labels: nil, split: part.split)], kinds: [], warnings)
      items += found.map { Survey.Item(name: $0.name, image: tree.path($0.path), split: $0.split) }
      for name in ["semantic", "semantic_rgb", "instance", "label_2"] {
        let kinds = name == "label_2" ? ["txt"] : FolderLayout.maskKinds
        let files =
          tree.folder([Self.below(part.folder, name)])
          .map { tree.stems(in: $0, kinds: kinds) } ?? [:]
        let known = Set(found.map(\.name))
        for (stem, path) in files where !known.contains(stem) {
          warnings.note("label of no image left out", in: path)
        }
        labels[name, default: []] += found.map { files[$0.name].map(tree.path) }
      }
    }
    guard !items.isEmpty else { throw noImages(in: tree, parts.first?.folder ?? "") }
    try divide(&items, tree, warnings)
    let kind = ["semantic", "instance", "semantic_rgb"].first { kind in
      labels[kind]!.contains { $0 != nil }
    }
    let masks = kind.map { labels[$0]! } ?? items.map { _ in nil }
    let coding = try coding(of: masks, kind, tree, warnings)
    var found = FoundClasses(file: coding?.coding.file ?? tree.root)
    found.masks = coding?.masks ?? []
    found.colors = coding?.colors ?? [:]
    var boxes: Survey.Boxes?
    if labels["label_2"]!.contains(where: { $0 != nil }) {
      boxes = try Self.boxes(labels["label_2"]!, items)
    } else if labels["instance"]!.contains(where: { $0 != nil }), let coding {
      if coding.objects.isEmpty {
        warnings.note(
          "objects of instance/ left out, whose classes have no names", in: tree.root)
      } else {
        boxes = Self.boxes(ofObjects: labels["instance"]!, items, coding.names, coding.objects)
      }
    }
    found.boxes = boxes?.names ?? []
    return .masked(items, masks: masks, coding?.coding, found, boxes: boxes, warnings)
  }

  /// The splits of lists in `ImageSets/`: of all images, or of `training/` where `testing/` is
  /// test.
  private func divide(
    _ items: inout [Survey.Item], _ tree: DataTree, _ warnings: WarningLog
  ) throws {
    let lists = SplitLists(in: tree, ["ImageSets/Main"])
    guard !lists.isEmpty else { return }
    guard items.contains(where: { $0.split != nil }) else {
      let divided = try lists.divide(items, warnings)
      // A list of no split leaves items out, and so their label files.
      let splits = Dictionary(uniqueKeysWithValues: divided.map { ($0.image, $0.split) })
      for index in items.indices { items[index].split = splits[items[index].image] ?? nil }
      return
    }
    let training = items.indices.filter { items[$0].split == .train }
    let divided = try lists.divide(training.map { items[$0] }, into: [.train, .val], warnings)
    guard divided.count == training.count else { return }
    for (index, item) in zip(training, divided) { items[index].split = item.split }
  }

  /// The names of a data set's mask values.
  private struct Coding {
    var coding: MaskCoding
    /// The classes of masks.
    var masks: [String]
    /// The name of each class number, and the classes whose objects are annotated separately.
    var names: [Int: String] = [:]
    var objects: [String] = []
    var colors: [String: [UInt8]] = [:]
  }

  private func coding(
    of masks: [String?], _ kind: String?, _ tree: DataTree, _ warnings: WarningLog
  ) throws -> Coding? {
    let paths = masks.compactMap { $0 }
    guard let kind, let first = paths.first else { return nil }
    let divisor = kind == "instance" ? 256 : 1
    if kind == "instance" { _ = try Self.objectNumbers(first) }
    let folders = ["", "training"]
    let map = try LabelMap(in: tree, folders)
    let list = try MaskNaming.IndexNames.find(in: tree, folders)
    if map == nil, list == nil, options.values.isEmpty,
      try kind == "semantic_rgb" || isCityscapes(paths, divisor)
    {
      if options.numbers.isEmpty, kind != "semantic_rgb" {
        warnings.note(
          "mask values called by Cityscapes' label ids, as KITTI's are (otherwise: numbers=plain)",
          in: first)
      }
      let classes = CityscapesLabels.classes(which, wanted: options.classes)
      return Coding(
        coding: MaskCoding(
          values: kind == "semantic_rgb" ? [:] : CityscapesLabels.names,
          colors: kind == "semantic_rgb" ? CityscapesLabels.namesByColor : [:],
          colorsDecide: kind == "semantic_rgb", ignore: Set(options.ignore), divisor: divisor,
          file: "Cityscapes' label ids"),
        masks: classes.masks, names: CityscapesLabels.names, objects: classes.boxes,
        colors: CityscapesLabels.colors)
    }
    let naming = MaskNaming(
      paths: paths, folder: tree.root, labelMap: map, indexNames: list, wanted: options.classes,
      values: options.values, ignore: options.ignore, divisor: divisor)
    let (coding, names) = try naming.coding(warnings)
    // With numbers as names nothing is known about objects.
    let isNamed = map != nil || list != nil || !options.classes.isEmpty
    return Coding(
      coding: coding, masks: names, names: coding.values, objects: isNamed ? names : [],
      colors: map?.colorsByClass ?? [:])
  }

  /// Whether mask values are Cityscapes' label ids: see the layout.
  private func isCityscapes(_ paths: [String], _ divisor: Int) throws -> Bool {
    if let numbers = Numbers(rawValue: options.numbers) { return numbers == .cityscapes }
    let known = Set(CityscapesLabels.names.values)
    let areKITTIs = paths.allSatisfy { path in
      let stem = FileName.stem(of: path).utf8
      return stem.count == 9 && stem.prefix(6).allSatisfy { (48...57).contains($0) }
        && stem.dropFirst(6).starts(with: "_1".utf8)
    }
    guard areKITTIs, options.classes.allSatisfy(known.contains) else { return false }
    let values = try MaskValues(
      paths, limit: 200, ignore: Set(options.ignore), divisor: divisor
    ).values
    return values.allSatisfy { $0 <= 33 || $0 == 255 } && values.contains { (19...33).contains($0) }
  }

  private static func objectNumbers(
    _ path: String
  ) throws -> (width: Int, height: Int, values: [UInt16]) {
    guard case .wide(let image) = try StoredMask(contentsOf: path) else {
      throw ContentError(
        path: path, expected: "class × 256 + object as gray of 16 bits", received: "another image")
    }
    return (image.width, image.height, image.pixels)
  }

  /// The boxes of objects in `instance/`: object number 0 means objects that are not
  /// annotated separately.
  private static func boxes(
    ofObjects files: [String?], _ items: [Survey.Item], _ names: [Int: String], _ objects: [String]
  ) -> Survey.Boxes {
    let objects = objects.filter { !ClassName.isBackground($0) && !ClassName.isVoid($0) }
    let known = Set(objects)
    return Survey.Boxes(names: objects, file: { files[$0] ?? items[$0].image }) { item, image in
      guard let path = files[item] else { return nil }
      let (width, height, values) = try objectNumbers(path)
      guard (width, height) == (image.width, image.height) else {
        throw ContentError(
          path: path, expected: "objects of the image's size \(image.width)×\(image.height)",
          received: "\(width)×\(height)")
      }
      return try NumberedObjects.regions(of: values, width: width, in: path) { value in
        names[value / 256].map(known.contains) == true
      }.flatMap { region -> [DrawnObject] in
        guard let name = names[region.value / 256] else { return [] }
        return region.value % 256 == 0 ? region.crowds(name) : [region.drawn(name)]
      }
    }
  }

  /// The boxes of `label_2/`. The classes are the benchmark's where there are no others.
  private static func boxes(
    _ files: [String?], _ items: [Survey.Item]
  ) throws -> Survey.Boxes {
    // A file that cannot be read is an error of its sample only.
    let read = try concurrently(files) { file in
      file.map { file in Result { try objects(in: file) } }
    }
    let used = Set(read.flatMap { (try? $0?.get()) ?? [] }.map(\.name)).filter {
      !ClassName.isVoid($0)
    }
    let standard = Set(objectClasses)
    let names =
      used.isSubset(of: standard)
      ? objectClasses : objectClasses.filter(used.contains) + used.subtracting(standard).sorted()
    return Survey.Boxes(names: names, file: { files[$0] ?? items[$0].image }) { item, _ in
      try read[item]?.get().flatMap { object -> [DrawnObject] in
        guard ClassName.isVoid(object.name) else { return [object] }
        return names.map { name in
          var region = object
          (region.name, region.isCrowd) = (name, true)
          return region
        }
      }
    }
  }

  /// The objects of a label file: 15 columns, or 16 with a score at the end.
  private static func objects(in path: String) throws -> [DrawnObject] {
    try TextFile.lines(of: path).map { line in
      let parts = line.split(whereSeparator: \.isWhitespace)
      let numbers = parts.dropFirst().compactMap { Double($0) }
      let corners = Array(numbers.dropFirst(3).prefix(4))
      // A type of two words shifts the columns, which then are not all numbers.
      guard (15...16).contains(parts.count), numbers.count == parts.count - 1,
        corners.allSatisfy({ abs($0) < 1e9 })
      else {
        throw ContentError(
          path: path,
          expected:
            "15 columns, numbers but for the type: 'type truncated occluded alpha x1 y1 x2 y2 …'",
          received: "'\(line.prefix(80))'")
      }
      return DrawnObject(
        name: String(parts[0]), box: (corners[0], corners[1], corners[2], corners[3]))
    }
  }
}
