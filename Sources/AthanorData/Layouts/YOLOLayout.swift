import AthanorCore
import AthanorVision

/// YOLO's labels: a text file an image, a line an object, coordinates as shares of the image.
///
/// A line is `class x y w h` (centre and size), or `class x1 y1 x2 y2 …`, a polygon, which gives a
/// mask too. An image without a label file shows no object. Where images are is what `data.yaml`
/// says, or the folders of the usual names; the label of `…/images/…/x.jpg` is `…/labels/…/x.txt`,
/// or lies beside the image.
public struct YOLOLayout: Layout {
  public static let name = "yolo"
  public static let summary = "YOLO text labels: boxes, and masks where lines are polygons"
  public static let source = "Ultralytics' data set formats, detect and segment; Darknet"
  public static let onDisk = [
    "data.yaml            names: [cat, dog], and train:, val:, test: with folders or lists",
    "images/train/        images; or train/images/, or obj_train_data/",
    "labels/train/*.txt   'class x y w h' or 'class x1 y1 x2 y2 …' a line, shares of the image",
    "classes.txt          a name a line, where there is no data.yaml (or obj.names)",
  ]

  public struct Own: Codable, Equatable, Sendable, DefaultInitializable {
    /// The folders of images and of labels, `{split}` standing for a split's name; empty: found.
    public var images = ""
    public var labels = ""
    /// The file that names the classes; empty: found.
    public var names = ""

    public init() {}
  }

  public let options: LayoutOptions<Own>
  public let surveyed = Once<SurveyedData>()

  public init(_ options: LayoutOptions<Own>) { self.options = options }

  public static func recognise(_ tree: DataTree) throws -> Recognition {
    let text = tree.files(in: "", kinds: ["txt"])
    let isLabel = { (path: String) in
      (try? TextFile.lines(of: tree.path(path)).first).flatMap { $0 }.map(Self.looksLikeLine)
        == true
    }
    if let labels = tree.folder(["labels"]), tree.folder(["images"]) != nil {
      let own = tree.files(in: labels, kinds: ["txt"])
      if !own.isEmpty || tree.files(in: labels).isEmpty { return .yes([]) }
    }
    if let names = tree.file(["data.yaml", "obj.names", "_darknet.labels"]) {
      return text.isEmpty ? .near("\(names) without label files (.txt)") : .yes([])
    }
    guard tree.files(in: "", kinds: ImageKind.allExtensions).first != nil else { return .no }
    if text.prefix(50).contains(where: isLabel) { return .yes([]) }
    return .no
  }

  private static func looksLikeLine(_ line: String) -> Bool {
    let parts = line.split(whereSeparator: \.isWhitespace)
    return parts.count >= 5 && Int(parts[0]) != nil
      && parts.dropFirst().allSatisfy { Double($0).map { (-1...2).contains($0) } == true }
  }

  public func survey(_ tree: DataTree, _ warnings: WarningLog) throws -> Survey {
    let labelFolders = Set(
      tree.files(in: "", kinds: ["txt"]).map { FileName.parent(of: $0) }
        + tree.folders.filter { FileName.last(of: $0).lowercased() == "labels" }
    ).sorted()
    let data: YOLODataFile
    do {
      data = try YOLODataFile(in: tree, named: options.names, labelFolders: labelFolders)
    } catch let error as DatasetError where error.received == "none" && !options.classes.isEmpty {
      // Nothing else names the classes, so the option does.
      data = YOLODataFile(
        names: try options.classes.checkedClassNames(in: "classes", key: "the option 'classes'"),
        namesFile: "classes")
    }
    let found = try images(data, tree, warnings)
    guard !found.isEmpty else {
      throw DatasetError(
        path: tree.root,
        expected: options.images.isEmpty
          ? "images in images/{train,val,test}, {train,valid,test}/images or where data.yaml says"
          : "images in \(options.images)",
        received: tree.files(in: "", kinds: ImageKind.allExtensions).isEmpty
          ? "no image" : "images elsewhere (say where: images=FOLDER labels=FOLDER)")
    }
    let items = found.map {
      Survey.Item(name: $0.name, image: tree.path($0.path), split: $0.split)
    }
    let labels = found.map { $0.label.map(tree.path) }
    // Polygons anywhere make a data set with masks, so that all splits agree. A file that cannot be
    // read spoils its own sample alone.
    let hasPolygons = try concurrently(labels.compactMap { $0 }) { path in
      (try? TextFile.lines(of: path))?.contains { line in
        line.utf8.split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }.count > 5
      } == true
    }.contains(true)
    let names = data.names
    var classes = FoundClasses(file: data.namesFile)
    classes.masks = hasPolygons ? ["background"] + names : []
    classes.boxes = names
    classes.ids = Dictionary(
      names.enumerated().map { (ClassName.key($1), COCOIdentifier.number($0)) },
      uniquingKeysWith: { first, _ in first })
    // Without a folder of labels nothing is known; with one, no file means no object.
    let hasLabels = Set(found.filter { $0.label != nil }.map(\.split))
    return Survey(items, classes) { table in
      { item, image in
        guard labels[item] != nil || hasLabels.contains(items[item].split) else {
          return Labels(file: items[item].image)
        }
        let file = labels[item] ?? items[item].image
        let objects = try labels[item].map {
          try Self.objects(in: $0, names, width: image.width, height: image.height)
        }
        return Labels(
          of: objects ?? [], width: image.width, height: image.height, table, paints: hasPolygons,
          file: file)
      }
    }
  }

  private func images(
    _ data: YOLODataFile, _ tree: DataTree, _ warnings: WarningLog
  ) throws -> [FoundImage] {
    if !options.images.isEmpty || !options.labels.isEmpty {
      let places = tree.places(
        images: [options.images.isEmpty ? "images" : options.images],
        labels: [options.labels.isEmpty ? "labels" : options.labels])
      return try tree.images(in: places, kinds: ["txt"], warnings)
    }
    var places: [ImagePlace] = []
    var listed: [FoundImage] = []
    for split in Split.allCases {
      for written in data.places[split] ?? [] {
        guard let place = Self.locate(written, data.path, tree) else {
          warnings.note(
            "folder of data.yaml that is not there: \(written)", in: data.namesFile)
          continue
        }
        if tree.hasFolder(place) {
          places.append(
            ImagePlace(images: place, labels: Self.labels(of: place, tree), split: split))
        } else {
          listed += try Self.images(listedIn: place, split, tree, warnings)
        }
      }
    }
    if places.isEmpty, listed.isEmpty {
      places = tree.places(images: ["images", "obj_train_data", ""], labels: ["labels"])
        .map { place in
          var place = place
          place.labels = place.labels ?? Self.labels(of: place.images, tree)
          return place
        }
    }
    // One place that two splits name would be in both: divided by shares instead.
    if Set(places.map(\.images)).count < places.count {
      warnings.note(
        "folder of several splits, divided by shares", in: data.namesFile)
      places = places.map { ImagePlace(images: $0.images, labels: $0.labels, split: nil) }
    }
    let found = try tree.images(in: places, kinds: ["txt"], warnings)
    let known = Set(found.map(\.path))
    return found + listed.filter { !known.contains($0.path) }
  }

  /// The folder or list that a place of `data.yaml` means: tools leave paths of other machines and
  /// one `..` too many behind, so the longest tail that exists counts.
  private static func locate(_ written: String, _ path: String, _ tree: DataTree) -> String? {
    let whole = written.replacing("\\", with: "/")
    var tail = whole.split(separator: "/").filter { $0 != "." && $0 != ".." }.map(String.init)[...]
    while !tail.isEmpty {
      let text = tail.joined(separator: "/")
      for base in [path, ""] where !base.hasPrefix("/") && !base.contains("..") {
        let candidate = base.isEmpty || base == "." ? text : "\(base)/\(text)"
        if let found = tree.folder([candidate]) ?? tree.file([candidate]) { return found }
      }
      tail = tail.dropFirst()
    }
    return nil
  }

  /// The folder of labels of a folder of images: `labels` for the last `images` of its path, or the
  /// folder itself.
  private static func labels(of images: String, _ tree: DataTree) -> String? {
    var parts = images.split(separator: "/").map(String.init)
    if let place = parts.lastIndex(where: { $0.lowercased() == "images" }) {
      parts[place] = "labels"
      if let found = tree.folder([parts.joined(separator: "/")]) { return found }
    }
    return tree.files(in: images, kinds: ["txt"]).isEmpty ? nil : images
  }

  private static func images(
    listedIn list: String, _ split: Split, _ tree: DataTree, _ warnings: WarningLog
  ) throws -> [FoundImage] {
    try TextFile.lines(of: tree.path(list)).compactMap { line in
      guard let path = locate(line, "", tree), tree.hasFile(path) else {
        warnings.note("listed image that is not there", in: "\(list): \(line)")
        return nil
      }
      let parent = FileName.parent(of: path)
      let label = labels(of: parent, tree).flatMap { folder in
        tree.file(["\(folder)/\(FileName.stem(of: path)).txt"])
      }
      return FoundImage(
        name: FileName.stem(of: path), path: path, split: split, label: label)
    }
  }

  /// The objects of a label file.
  ///
  /// Errors: throws `FileError`, `DatasetError` for a line of another form or a class without a
  /// name.
  private static func objects(
    in path: String, _ names: [String], width: Int, height: Int
  ) throws -> [DrawnObject] {
    try TextFile.lines(of: path).map {
      try object($0[...], names, width: width, height: height, path)
    }
  }

  /// The object of a line of a label file. Errors: as `objects`.
  static func object(
    _ text: Substring, _ names: [String], width: Int, height: Int, _ path: String
  ) throws -> DrawnObject {
    let (width, height) = (Double(width), Double(height))
    let parts = text.split(whereSeparator: \.isWhitespace)
    let n = parts.dropFirst().compactMap { Double($0) }
    guard let label = parts.first.flatMap({ Int($0) ?? Double($0).flatMap(Int.init(exactly:)) }),
      n.count == parts.count - 1, n.allSatisfy({ abs($0) < 1e6 }),
      n.count == 4 || (n.count >= 6 && n.count % 2 == 0)
    else {
      throw DatasetError(
        path: path, expected: "lines 'class x y w h' or 'class x1 y1 x2 y2 x3 y3 …'",
        received: "'\(text.prefix(60))'")
    }
    guard names.indices.contains(label) else {
      throw DatasetError(
        path: path, expected: "classes 0…\(names.count - 1)", received: "class \(label)")
    }
    guard n.count > 4 else {
      return DrawnObject(
        name: names[label],
        box: (
          (n[0] - n[2] / 2) * width, (n[1] - n[3] / 2) * height, (n[0] + n[2] / 2) * width,
          (n[1] + n[3] / 2) * height
        ))
    }
    let points = stride(from: 0, to: n.count, by: 2).map {
      Point(x: n[$0] * width, y: n[$0 + 1] * height)
    }
    return DrawnObject(name: names[label], outlines: [.polygon(points)])
  }
}
