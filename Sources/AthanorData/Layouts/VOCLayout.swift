import AthanorCore
import AthanorVision

/// Pascal VOC's annotations: an XML file per image with its boxes, masks in a folder of their own.
///
/// A sample without an annotation file has no boxes, one without a mask file no mask. A split
/// is the union of its lists in `ImageSets/Main` and `ImageSets/Segmentation`; folders of the
/// splits' names divide a set too. Masks are palette or gray PNGs of indices, or coded by the
/// colours of `labelmap.txt`. Objects marked `difficult` are no training targets and are left out.
public struct VOCLayout: Layout {
  public static let name = "voc"
  public static let summary = "Pascal VOC's XML: boxes, masks or both"
  public static let source = "Everingham et al. 2010, the PASCAL VOC devkit"
  public static let onDisk = [
    "JPEGImages/          images (or images/, or beside the XML files)",
    "Annotations/*.xml    boxes (or annotations/, xmls/, labels/)",
    "SegmentationClass/   masks as PNG (or SegmentationClassPNG/, masks/)",
    "ImageSets/Main/      train.txt, val.txt, test.txt",
    "labelmap.txt         name:r,g,b, or class_names.txt: a name a line, by mask value",
    "classes.txt          the boxes' classes, where they are not those",
    "train/, valid/, …    a folder a split with images and XML files in it",
  ]

  public struct Own: Codable, Equatable, Sendable, DefaultInitializable {
    /// The folders; empty: those of the usual names.
    public var images = ""
    public var annotations = ""
    public var masks = ""
    /// Whether boxes marked difficult are included.
    public var difficult = false
    /// Mask values that become 255.
    public var ignore: [Int] = []
    /// The mask value of each name in `classes`, where the values are not 0 (background), 1, 2, …
    public var values: [Int] = []

    public init() {}
  }

  static let standard =
    ["background"]
    + [
      "aeroplane", "bicycle", "bird", "boat", "bottle", "bus", "car", "cat", "chair", "cow",
      "diningtable", "dog", "horse", "motorbike", "person", "pottedplant", "sheep", "sofa", "train",
      "tvmonitor",
    ]

  private typealias Annotation = Result<VOCAnnotation, any Error>

  private static let imageFolders = ["JPEGImages", "PNGImages", "images", "image", "imgs", "img"]
  private static let annotationFolders = [
    "Annotations", "xmls", "xml", "labels", "images", "JPEGImages",
  ]
  private static let maskFolders = [
    "SegmentationClass", "SegmentationClassPNG", "SegmentationClassRaw", "SegmentationClassAug",
    "masks",
  ]

  public let options: LayoutOptions<Own>
  public let surveyed = Once<SurveyedData>()

  public init(_ options: LayoutOptions<Own>) { self.options = options }

  public static func recognise(_ tree: DataTree) throws -> Recognition {
    if tree.folder(["JPEGImages"]) != nil { return .yes([]) }
    let xml = tree.files(in: "", kinds: ["xml"])
    guard let first = xml.first else {
      return tree.folder(["Annotations", "SegmentationClass"]).map {
        .near("\($0)/ without JPEGImages/ or .xml files")
      } ?? .no
    }
    let root = try? XMLElement(contentsOf: tree.path(first))
    guard root?.name == "annotation", root?.first("object")?.first("polygon") == nil else {
      return .no
    }
    return places(in: tree, images: "", annotations: "").contains { $0.labels != nil }
      ? .yes([]) : .no
  }

  /// The folders of images with those of XML files: the first non-empty ones of the usual names.
  private static func places(
    in tree: DataTree, images: String, annotations: String
  ) -> [ImagePlace] {
    tree.places(
      images: images.isEmpty ? imageFolders + [""] : [images],
      labels: annotations.isEmpty
        ? (annotationFolders + [""]).filter(tree.holdsXML) : [annotations])
  }

  public func survey(_ tree: DataTree, _ warnings: WarningLog) throws -> Survey {
    let places = Self.places(in: tree, images: options.images, annotations: options.annotations)
    let hasXML = !tree.files(in: "", kinds: ["xml"]).isEmpty
    let found = try tree.images(in: places, kinds: hasXML ? ["xml"] : [], warnings)
    guard !found.isEmpty else {
      throw noImages(in: tree, tree.folder(Self.imageFolders) ?? "JPEGImages")
    }
    let lists = SplitLists(in: tree, ["ImageSets/Main", "ImageSets/Segmentation"])
    // Lists name images by their whole path, even with the folder of a split.
    let whole = found.map { Self.path(of: $0, in: places) }
    var items = zip(found, whole).map { image, whole in
      Survey.Item(
        name: lists.isEmpty ? image.name : whole, image: tree.path(image.path), split: image.split)
    }
    let xml = found.map { $0.label.map(tree.path) }
    let masks = masks(of: found, whole, tree, warnings)
    var kept = Array(items.indices)
    if !lists.isEmpty {
      let divided = try lists.divide(items, warnings)
      if divided.count < items.count {
        let names = Set(divided.map(\.image))
        kept = items.indices.filter { names.contains(items[$0].image) }
      }
      items = divided
    }
    // A file that cannot be read is an error of its sample only.
    let annotations = try concurrently(kept) { item in
      xml[item].map { path in Result { try VOCAnnotation(contentsOf: path) } }
    }
    return try survey(
      tree, items, annotations, files: kept.map { xml[$0] }, masks: kept.map { masks[$0] }, warnings
    )
  }

  private func survey(
    _ tree: DataTree, _ items: [Survey.Item], _ annotations: [Annotation?], files: [String?],
    masks: [String?], _ warnings: WarningLog
  ) throws -> Survey {
    let labelMap = try LabelMap(in: tree, ["", "SegmentationClass"])
    let named = Set(annotations.flatMap { (try? $0?.get().objects.map(\.name)) ?? [] })
    var names = named.sorted()
    let boxList = try Self.boxList(in: tree, of: named)
    if let boxList {
      names = boxList
    } else if let labelMap {
      let listed = labelMap.uniqueNames
      names = try boxNames(listed, named, annotations, files, labelMap.file)
    } else if masks.contains(where: { $0 != nil }), !named.isEmpty,
      named.allSatisfy(Self.standard.contains)
    {
      names = Array(Self.standard.dropFirst())
    }
    var naming = MaskNaming(
      paths: [], folder: tree.root, labelMap: labelMap,
      indexNames: try .find(in: tree, ["", "SegmentationClass"]), wanted: options.classes,
      values: options.values, ignore: options.ignore, classesLeaveOutBackground: true)
    (naming.standard, naming.standardColors) = (Self.standard, Colors.voc)
    if labelMap == nil, boxList == nil, let list = naming.indexNames {
      let listed = list.names.sorted { $0.key < $1.key }.map(\.value)
      names = try boxNames(listed, named, annotations, files, list.file)
    }
    var boxes: Survey.Boxes?
    if annotations.contains(where: { $0 != nil }) {
      let difficult = options.difficult
      var examples: [String: String] = [:]
      for (annotation, file) in zip(annotations, files) {
        for object in (try? annotation?.get().objects) ?? [] where file != nil {
          examples[ClassName.key(object.name)] = examples[ClassName.key(object.name)] ?? file
        }
      }
      boxes = Survey.Boxes(names: names, examples: examples, file: { files[$0] ?? items[$0].image })
      { item, image in
        guard let annotation = try annotations[item]?.get(), let file = files[item] else {
          return nil
        }
        try annotation.size.check(image, file)
        for (kind, count) in annotation.skipped {
          warnings.note(kind, in: FileName.last(of: file), count: count)
        }
        let kept = annotation.objects.filter { difficult || !$0.difficult }
        warnings.note(
          "difficult box left out", in: FileName.last(of: file),
          count: annotation.objects.count - kept.count)
        return kept.map { object in
          let c = object.corners
          return DrawnObject(
            name: object.name, box: (Double(c.0), Double(c.1), Double(c.2), Double(c.3)))
        }
      }
    }
    return try .masked(items, masks: masks, naming: naming, boxes: boxes, warnings)
  }

  /// The names of a list that contains every object's name, without the background.
  private func boxNames(
    _ listed: [String], _ named: Set<String>, _ annotations: [Annotation?], _ files: [String?],
    _ file: String
  ) throws -> [String] {
    let known = Set(listed.map(ClassName.key))
    if let stranger = named.sorted().first(where: { !known.contains(ClassName.key($0)) }) {
      let place = annotations.firstIndex { annotation in
        (try? annotation?.get().objects.contains { $0.name == stranger }) == true
      }
      throw ContentError.unknownClass(
        stranger, in: place.flatMap { files[$0] } ?? file,
        known: listed.filter { !ClassName.isBackground($0) })
    }
    return listed
  }

  /// The boxes' classes in `classes.txt`; another list where it contains none of them.
  ///
  /// Errors: throws `ContentError` where it contains only some.
  private static func boxList(in tree: DataTree, of named: Set<String>) throws -> [String]? {
    guard let file = tree.file(["classes.txt"]) else { return nil }
    let listed = try TextFile.lines(of: tree.path(file))
    if named.isSubset(of: listed) { return listed }
    if let stranger = named.sorted().first(where: { !listed.contains($0) }),
      !named.isDisjoint(with: listed)
    {
      throw ContentError.unknownClass(stranger, in: tree.path(file), known: listed)
    }
    return nil
  }

  /// The image's path below the folder of images, the folder of its split with it.
  private static func path(of image: FoundImage, in places: [ImagePlace]) -> String {
    let place = places.first { $0.images.isEmpty || image.path.hasPrefix($0.images + "/") }
    guard let part = place.map({ FileName.last(of: $0.images) }), Split.isName(part) else {
      return image.name
    }
    return "\(part)/\(image.name)"
  }

  /// The mask of each image: of its path, or else its name, in the folder of masks.
  private func masks(
    of images: [FoundImage], _ paths: [String], _ tree: DataTree, _ warnings: WarningLog
  ) -> [String?] {
    let candidates = options.masks.isEmpty ? Self.maskFolders : [options.masks]
    let folder = candidates.compactMap { tree.folder([$0]) }.first {
      !tree.files(in: $0, kinds: Set(FolderLayout.maskKinds)).isEmpty
    }
    guard let folder else { return images.map { _ in nil } }
    let index = tree.stems(in: folder, kinds: FolderLayout.maskKinds)
    let found = zip(images, paths).map { image, path in index[path] ?? index[image.name] }
    let used = Set(found.compactMap { $0 })
    for path in tree.files(in: folder, kinds: Set(FolderLayout.maskKinds))
    where !used.contains(path) {
      warnings.note("mask of no image left out", in: path)
    }
    return found.map { $0.map(tree.path) }
  }
}

extension DataTree {
  /// Whether there are XML files in a folder, or in such a folder of a split.
  fileprivate func holdsXML(_ name: String) -> Bool {
    if let folder = folder([name]), !files(in: folder, kinds: ["xml"], deep: !name.isEmpty).isEmpty
    {
      return true
    }
    return folders(in: "").contains { part in
      Split.isName(FileName.last(of: part))
        && folder([name.isEmpty ? part : "\(part)/\(name)"]).map {
          !files(in: $0, kinds: ["xml"]).isEmpty
        } == true
    }
  }
}
