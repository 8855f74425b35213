import AthanorCore
import AthanorVision

/// labelme's JSON files, beside their images or in a folder of their own.
///
/// Polygons, rectangles, circles and masks are painted into a mask, later shapes over earlier ones,
/// and each object has a box; shapes of one label and `group_id` are one object. `__ignore__` is
/// painted 255. Shapes of other types (lines, points) are left out and counted, the pixels around
/// them ignored. The image is at `imagePath`, has the name of the JSON file, or is embedded in
/// it (`imageData`).
public struct LabelmeLayout: Layout {
  public static let name = "labelme"
  public static let summary = "labelme JSON files: masks and boxes from shapes"
  public static let source = "Wada, labelme (file format 3 to 6)"
  public static let onDisk = [
    "x.json, x.jpg        labelme's file beside its image, in subfolders too",
    "jsons/, photos/      or in folders of their own: imagePath says where (give the folder above)",
    "train.txt, …         lists of the splits, or a subfolder a split",
    "labels.txt           the classes in their order, a name a line; need not be there",
  ]

  public typealias Own = NoOptions

  public let options: LayoutOptions<NoOptions>
  public let surveyed = Once<SurveyedData>()

  public init(_ options: LayoutOptions<NoOptions>) { self.options = options }

  public static func recognise(_ tree: DataTree) throws -> Recognition {
    let files = tree.files(in: "", kinds: ["json"])
    return files.prefix(8).contains { LabelmeFile.isOne(tree.path($0)) } ? .yes([]) : .no
  }

  public func survey(_ tree: DataTree, _ warnings: WarningLog) throws -> Survey {
    let candidates = tree.files(in: "", kinds: ["json"])
    let read = try concurrently(candidates) { path -> (path: String, Result<Head, any Error>)? in
      do {
        return (path, .success(Head(try LabelmeFile(contentsOf: tree.path(path)))))
      } catch let error as ContentError where error.expected == "the key 'shapes'" {
        return nil
      } catch {
        return (path, .failure(error))
      }
    }
    let files = read.compactMap { $0 }
    if files.count < candidates.count {
      warnings.note(
        "JSON file that is not labelme's left out",
        in: zip(candidates, read).first { $0.1 == nil }?.0 ?? "",
        count: candidates.count - files.count)
    }
    guard !files.isEmpty else {
      throw ContentError(
        path: tree.root, expected: "labelme .json files", received: "none in the folder")
    }
    let images = ImageIndex(tree)
    let drawn = Set(files.flatMap { (try? $0.1.get().labels) ?? [] })
    let listed = try Self.listed(in: tree)
    let names = listed + drawn.subtracting(listed).sorted()
    var used = Set<String>()
    let sources = files.map { path, head -> String? in
      let found = images.find((try? head.get())?.imagePath, of: path)
      if let found { used.insert(found) }
      return found
    }
    let unlabelled = images.all.filter { !used.contains($0) }
    warnings.note(
      "image without a JSON file left out", in: unlabelled.first ?? "", count: unlabelled.count)
    for path in tree.files where ImageKind.knownButNotRead.contains(FileName.kind(of: path)) {
      warnings.note(
        "image of a kind that is not read left out (.\(FileName.kind(of: path)))", in: path)
    }
    var items = zip(files, sources).map { file, source -> Survey.Item in
      let (split, name) = Split.parted(FileName.withoutKind(file.path))
      return Survey.Item(name: name, image: tree.path(source ?? file.path), split: split)
    }
    var paths = files.map { tree.path($0.path) }
    // Lists distinguish equal names by their folders.
    let shortNames = Dictionary(
      zip(paths, items.map(\.name)), uniquingKeysWith: { first, _ in first })
    let lists = SplitLists(in: tree)
    if !lists.isEmpty {
      for (index, file) in files.enumerated() {
        items[index].name = FileName.withoutKind(file.path)
      }
      let order = Dictionary(
        zip(items.map(\.name), paths), uniquingKeysWith: { first, _ in first })
      items = try lists.divide(items, warnings)
      paths = items.map { order[$0.name]! }
      for index in items.indices { items[index].name = shortNames[paths[index]]! }
    }
    let jsonFiles = paths
    var classes = FoundClasses(masks: ["background"] + names, boxes: names, file: tree.root)
    for (path, head) in files {
      for label in (try? head.get().labels) ?? [] where classes.examples[label] == nil {
        classes.examples[label] = tree.path(path)
      }
    }
    return Survey(
      items, classes,
      image: { [items] item in
        let source = items[item].image
        if ImageKind.allExtensions.contains(FileName.kind(of: source)) {
          return try Image(contentsOf: source, as: .color)
        }
        if let embedded = try LabelmeFile.embeddedImage(in: source) { return embedded }
        throw try missingImage(of: source)
      }
    ) { table in
      { item, image in
        let path = jsonFiles[item]
        let file = try LabelmeFile(contentsOf: path)
        try file.size.check(image, path)
        for (type, count) in file.skipped {
          warnings.note(
            "shape of type '\(type)' left out", in: FileName.last(of: path), count: count)
        }
        return Labels(
          of: file.objects, width: image.width, height: image.height, table, paints: true,
          file: path)
      }
    }
  }

  /// The classes of `labels.txt`, labelme's own list, in its order.
  private static func listed(in tree: DataTree) throws -> [String] {
    guard let file = tree.file(["labels.txt"]) else { return [] }
    return try TextFile.lines(of: tree.path(file)).filter {
      !ClassName.isBackground($0) && $0 != "__ignore__"
    }
  }

  /// What is wrong with a file that has no image: mostly the folder above is meant.
  private func missingImage(of path: String) throws -> ContentError {
    let named = try LabelmeFile(contentsOf: path).imagePath ?? ""
    let parent = FileName.parent(of: options.path)
    let leaves = named.replacing("\\", with: "/").split(separator: "/").first == ".."
    return ContentError(
      path: path, expected: "the image '\(named)' beside it, or imageData in it",
      received: leaves
        ? "a path that leaves the data folder (give the folder that holds both, "
          + "\(parent.isEmpty ? ".." : parent))"
        : "neither")
  }

  /// The part of a file that is stored until its sample is read.
  private struct Head: Sendable {
    var labels: Set<String>
    var imagePath: String?

    init(_ file: LabelmeFile) {
      labels = file.labels
      imagePath = file.imagePath
    }
  }
}
