import AthanorCore
import AthanorVision

/// YOLO's labels: a text file per image, a line per object, coordinates as shares of the image.
///
/// A line is `class x y w h` (centre and size), or `class x1 y1 x2 y2 …`, a polygon, which is
/// painted into a mask too. Key points after a box, as described by `kpt_shape` in `data.yaml`, are
/// left out. An image without a label file has no object, and is counted. The folders of images are
/// those in `data.yaml`, or those of the usual names; the label of `…/images/…/x.jpg` is
/// `…/labels/…/x.txt`, or lies beside the image.
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
    /// The folders of images and of labels, where `{split}` is a split's name; empty: detected.
    public var images = ""
    public var labels = ""
    /// The file that names the classes; empty: detected.
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

  static func looksLikeLine(_ line: String) -> Bool {
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
      data = try YOLODataFile(in: tree, named: options.names, labelFolders: labelFolders, warnings)
    } catch let error as ContentError where error.received == "none" && !options.classes.isEmpty {
      // Nothing else names the classes, so the option does.
      data = YOLODataFile(
        names: try options.classes.checkedClassNames(in: "classes", key: "the option 'classes'"),
        namesFile: "classes")
    }
    let found = try images(data, tree, warnings)
    guard !found.isEmpty else {
      throw ContentError(
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
    let keypoints = data.keypoints
    let hasPolygons = try Self.hasPolygons(labels.compactMap { $0 }, keypoints)
    let names = data.names
    var classes = FoundClasses(file: data.namesFile)
    classes.masks = hasPolygons ? ["background"] + names : []
    classes.boxes = names
    classes.ids = Dictionary(
      names.enumerated().map { (ClassName.key($1), COCOIdentifier.number($0)) },
      uniquingKeysWith: { first, _ in first })
    // Without a folder of labels images are unlabelled; with one, a missing file means no object.
    let hasLabels = Set(found.filter { $0.label != nil }.map(\.split))
    for image in found where image.label == nil && hasLabels.contains(image.split) {
      warnings.note("image without a label file, taken as without objects", in: image.path)
    }
    return Survey(items, classes) { table in
      { item, image in
        guard labels[item] != nil || hasLabels.contains(items[item].split) else {
          return Labels(file: items[item].image)
        }
        let file = labels[item] ?? items[item].image
        let lines = try labels[item].map { try TextFile.lines(of: $0) } ?? []
        let objects = try lines.map {
          try Self.object(
            $0[...], names, width: image.width, height: image.height, file, keypoints: keypoints)
        }
        if let keypoints {
          warnings.note(
            "key points of an object left out", in: found[item].path,
            count: lines.count { LabelLine($0[...])?.numbers.count == 4 + keypoints })
        }
        return Labels(
          of: objects, width: image.width, height: image.height, table, paints: hasPolygons,
          file: file)
      }
    }
  }

  /// Whether any file contains a polygon, which makes it a data set with masks, in all splits. A
  /// file that cannot be read is an error of its sample only.
  private static func hasPolygons(_ files: [String], _ keypoints: Int?) throws -> Bool {
    // The first files of most data sets decide.
    for start in stride(from: 0, to: files.count, by: 1024) {
      let some = files[start..<min(start + 1024, files.count)]
      let found = try concurrently(Array(some)) { path in
        (try? TextFile.lines(of: path))?.contains { line in
          LabelLine.mayBeLong(line) && LabelLine(line[...])?.isPolygon(keypoints) == true
        } == true
      }
      if found.contains(true) { return true }
    }
    return false
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
    var folders: [(path: String, split: Split?)] = []
    var listed: [FoundImage] = []
    for split in Split.allCases {
      for written in data.places[split] ?? [] {
        guard let place = Self.locate(written, [data.path, ""], tree) else {
          warnings.note(
            "folder of data.yaml that is not there: \(written)", in: data.namesFile)
          continue
        }
        if !tree.hasFolder(place) {
          listed += try Self.images(listedIn: place, split, data.path, tree, warnings)
        } else if !folders.contains(where: { $0 == (place, split) }) {
          folders.append((place, split))
        }
      }
    }
    guard !folders.isEmpty || !listed.isEmpty else {
      return try tree.images(in: Self.usualPlaces(in: tree), kinds: ["txt"], warnings)
    }
    // One folder for two splits would be in both: it is divided by shares where it is the only one,
    // else it belongs to the first of them.
    if Set(folders.map(\.path)).count == 1, folders.count > 1 {
      warnings.note("folder of several splits, divided by shares", in: data.namesFile)
      folders = [(folders[0].path, nil)]
    }
    for (index, folder) in folders.enumerated().reversed() {
      guard let first = folders.first(where: { $0.path == folder.path }),
        first.split != folder.split
      else { continue }
      warnings.note(
        "folder of \(first.split!) and \(folder.split!), kept in \(first.split!)", in: folder.path)
      folders.remove(at: index)
    }
    // For a folder in a folder of another split the inner split counts.
    folders.sort { $0.path.utf8.count > $1.path.utf8.count }
    for (place, inner) in folders.enumerated() {
      for outer in folders[(place + 1)...] where outer.split != inner.split {
        guard outer.path.isEmpty || inner.path.hasPrefix(outer.path + "/") else { continue }
        warnings.note(
          "folder of \(inner.split!) inside that of \(outer.split!), kept in \(inner.split!)",
          in: inner.path)
      }
    }
    let places = folders.flatMap { Self.places(in: $0.path, $0.split, tree) }
    let all = try tree.images(in: places, kinds: ["txt"], warnings) + listed
    let known = Set(all.map(\.path))
    for path in tree.files(in: "", kinds: ImageKind.allExtensions) where !known.contains(path) {
      warnings.note("image in no list or folder of the splits left out", in: path)
    }
    return all
  }

  /// The default folders of images: CVAT's folders of the splits, or those of the usual
  /// names.
  private static func usualPlaces(in tree: DataTree) -> [ImagePlace] {
    let parts = tree.folders(in: "").filter { folder in
      let name = folder.lowercased()
      return name.hasPrefix("obj_") && name.hasSuffix("_data") && Split(named: name) != nil
    }
    if parts.count > 1 {
      return parts.map {
        ImagePlace(images: $0, labels: labels(of: $0, tree), split: Split(named: $0))
      }
    }
    return tree.places(images: ["images", "obj_train_data", ""], labels: ["labels"]).map { place in
      var place = place
      place.labels = place.labels ?? labels(of: place.images, tree)
      return place
    }
  }

  /// A folder of images; or those named `images` in it, which have labels of their own, and what
  /// else is in it.
  private static func places(
    in folder: String, _ split: Split?, _ tree: DataTree
  ) -> [ImagePlace] {
    let areImages = { (path: String) in path.lowercased().split(separator: "/").last == "images" }
    let isBelow = folder.lowercased().split(separator: "/").contains("images")
    let inner = tree.folders.filter { path in
      !isBelow && areImages(path) && (folder.isEmpty || path.hasPrefix(folder + "/"))
    }
    return (inner + [folder]).map {
      ImagePlace(images: $0, labels: labels(of: $0, tree), split: split)
    }
  }

  /// The folder or list of an entry in `data.yaml`, relative to the first of some folders in which
  /// it exists. Because tools write paths of other machines and one `..` too many, the longest
  /// existing tail is used.
  private static func locate(_ written: String, _ bases: [String], _ tree: DataTree) -> String? {
    let whole = written.replacing("\\", with: "/")
    var tail = whole.split(separator: "/").filter { $0 != "." && $0 != ".." }.map(String.init)[...]
    // `.` is the folder itself.
    if tail.isEmpty, whole.hasPrefix("."), !whole.contains("..") {
      return tree.folder(bases.filter { !$0.hasPrefix("/") && !$0.contains("..") })
    }
    while !tail.isEmpty {
      let text = tail.joined(separator: "/")
      for base in bases where !base.hasPrefix("/") && !base.contains("..") {
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
    listedIn list: String, _ split: Split, _ path: String, _ tree: DataTree,
    _ warnings: WarningLog
  ) throws -> [FoundImage] {
    let lines = try TextFile.lines(of: tree.path(list))
    if lines.isEmpty { warnings.note("list of \(split) without an image", in: list) }
    var labelFolders: [String: String?] = [:]
    return lines.compactMap { line in
      guard let path = locate(line, [FileName.parent(of: list), path, ""], tree),
        tree.hasFile(path)
      else {
        warnings.note("listed image that is not there", in: "\(list): \(line)")
        return nil
      }
      let parent = FileName.parent(of: path)
      let labelFolder = labelFolders[parent] ?? labels(of: parent, tree)
      labelFolders[parent] = .some(labelFolder)
      let label = labelFolder.flatMap { folder in
        tree.file(["\(folder)/\(FileName.stem(of: path)).txt"])
      }
      return FoundImage(
        name: FileName.stem(of: path), path: path, split: split, label: label)
    }
  }

  /// The object of a line of a label file.
  ///
  /// - Parameter keypoints: How many numbers of key points may follow a box; nil for none.
  ///
  /// Errors: throws `ContentError` for a line of another form or a class without a name.
  static func object(
    _ text: Substring, _ names: [String], width: Int, height: Int, _ path: String,
    keypoints: Int? = nil
  ) throws -> DrawnObject {
    let (width, height) = (Double(width), Double(height))
    let line = LabelLine(text)
    guard let line, line.isBox(keypoints) || line.isPolygon(keypoints) else {
      throw ContentError(
        path: path,
        expected: keypoints.map { "lines 'class x y w h' and \($0) numbers of key points" }
          ?? "lines 'class x y w h' or 'class x1 y1 x2 y2 x3 y3 …'",
        received: "'\(text.prefix(60))'"
          + (line?.looksLikePose == true ? " (key points need kpt_shape in data.yaml)" : ""))
    }
    let (label, n) = (line.label, line.numbers)
    guard names.indices.contains(label) else {
      throw ContentError(
        path: path, expected: "classes 0…\(names.count - 1)", received: "class \(label)")
    }
    guard line.isPolygon(keypoints) else {
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

/// A line of a label file: a class, then numbers.
private struct LabelLine {
  var label: Int
  var numbers: [Double]

  /// Nil for any other line.
  init?(_ text: Substring) {
    let parts = text.split(whereSeparator: \.isWhitespace)
    let numbers = parts.dropFirst().compactMap { Double($0) }
    guard let label = parts.first.flatMap({ WholeNumber.read($0) }),
      numbers.count == parts.count - 1,
      numbers.allSatisfy({ abs($0) < 1e6 })
    else { return nil }
    (self.label, self.numbers) = (label, numbers)
  }

  /// A quick test whether a line may have more numbers than a box.
  static func mayBeLong(_ line: String) -> Bool {
    line.utf8.split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }.count > 5
      || line.utf8.contains { $0 >= 0x80 }
  }

  /// Whether it is a box, followed by this many numbers of key points if there can be any.
  func isBox(_ keypoints: Int?) -> Bool {
    numbers.count == 4 || keypoints.map { numbers.count == 4 + $0 } == true
  }

  func isPolygon(_ keypoints: Int?) -> Bool {
    keypoints == nil && numbers.count >= 6 && numbers.count % 2 == 0 && !looksLikePose
  }

  /// Whether points of x, y and a visibility of 0, 1 or 2 follow a box; 2 is not a coordinate.
  var looksLikePose: Bool {
    guard numbers.count > 4, (numbers.count - 4) % 3 == 0 else { return false }
    let visibilities = stride(from: 6, to: numbers.count, by: 3).map { numbers[$0] }
    return visibilities.allSatisfy([0, 1, 2].contains) && visibilities.contains(2)
  }
}
