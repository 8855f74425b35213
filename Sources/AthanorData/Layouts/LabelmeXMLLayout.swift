import AthanorCore
import AthanorVision

/// MIT LabelMe's XML files, their images and masks in folders of the same subfolders.
///
/// Polygons and masks are painted in the order of the file and have a box each; a box drawn as such
/// has unknown pixels. Deleted objects, points and lines are left out and counted.
public struct LabelmeXMLLayout: Layout {
  public static let name = "labelme_xml"
  public static let summary = "MIT LabelMe's XML: masks and boxes from polygons and masks"
  public static let source = "Russell et al. 2008, labelme.csail.mit.edu"
  public static let onDisk = [
    "Annotations/PART/x.xml     polygons, or names of masks",
    "Images/PART/x.jpg          images (or beside the XML files)",
    "Masks/PART/x_mask_1.png    masks of objects",
  ]

  public typealias Own = NoOptions

  public let options: LayoutOptions<NoOptions>
  public let surveyed = Once<SurveyedData>()

  public init(_ options: LayoutOptions<NoOptions>) { self.options = options }

  public static func recognise(_ tree: DataTree) throws -> Recognition {
    let files = tree.files(in: "", kinds: ["xml"]).prefix(8)
    guard files.contains(where: { LabelmeXMLFile.isOne(tree.path($0)) }) else { return .no }
    return tree.files(in: "", kinds: ImageKind.allExtensions).isEmpty
      ? .near("\(files[0]) without images (Images/)") : .yes([])
  }

  public func survey(_ tree: DataTree, _ warnings: WarningLog) throws -> Survey {
    let xml = tree.files(in: "", kinds: ["xml"])
    // A file that cannot be read is an error of its sample only.
    let read = try concurrently(xml) { path in
      Result { try LabelmeXMLFile(contentsOf: tree.path(path)) }
    }
    let index = ImageIndex(tree)
    var items: [Survey.Item] = []
    var files: [String] = []
    var names = Set<String>()
    for (path, content) in zip(xml, read) {
      let content = try? content.get()
      let written = content?.imageName
      guard let image = try Self.image(written, of: path, tree) ?? index.find(written, of: path)
      else {
        warnings.note("annotation without its image left out", in: path)
        continue
      }
      let below = Self.replacing("Annotations", with: "", in: path) ?? path
      let (split, name) = Split.parted(FileName.withoutKind(below))
      items.append(Survey.Item(name: name, image: tree.path(image), split: split))
      files.append(path)
      names.formUnion(content?.classNames ?? [])
    }
    guard !items.isEmpty else { throw noImages(in: tree) }
    let used = Set(items.map(\.image))
    let isMask = Set(tree.folder(["Masks"]).map { tree.files(in: $0) } ?? [])
      .union(tree.folder(["Scribbles"]).map { tree.files(in: $0) } ?? [])
    let unlabelled = index.all.filter { !used.contains(tree.path($0)) && !isMask.contains($0) }
    warnings.note(
      "image without an XML file left out", in: unlabelled.first ?? "", count: unlabelled.count)
    let sorted = names.filter { !ClassName.isBackground($0) && !ClassName.isVoid($0) }.sorted()
    let classes = FoundClasses(masks: ["background"] + sorted, boxes: sorted, file: tree.root)
    return Survey(items, classes) { [files] table in
      { item, image in
        let path = files[item]
        let content = try LabelmeXMLFile(contentsOf: tree.path(path))
        try content.size.check(image, tree.path(path))
        for (kind, count) in content.skipped { warnings.note(kind, in: path, count: count) }
        let objects = try content.objects.map { object -> DrawnObject in
          var drawn = DrawnObject(name: ClassName.trimmed(object.name))
          switch object.region {
          case .polygon(let points): drawn.outlines = [.polygon(points)]
          case .box(let points): drawn.box = Outline.polygon(points).extent
          case .line(let points): return .unread(points)
          case .mask(let file):
            drawn.outlines = [try Self.mask(file, of: path, like: image, tree)]
          }
          return drawn
        }
        return Labels(
          of: objects, width: image.width, height: image.height, table, paints: true,
          file: tree.path(path))
      }
    }
  }

  /// The path with one of its folders, named in any case, replaced by another or removed.
  private static func replacing(_ folder: String, with other: String, in path: String) -> String? {
    var parts = path.split(separator: "/").map(String.init)
    guard
      let place = parts.dropLast().firstIndex(where: { $0.lowercased() == folder.lowercased() })
    else { return nil }
    if other.isEmpty { parts.remove(at: place) } else { parts[place] = other }
    return parts.joined(separator: "/")
  }

  /// The image in the folder of images that mirrors the annotation's.
  private static func image(_ name: String?, of path: String, _ tree: DataTree) throws -> String? {
    guard let mirrored = replacing("Annotations", with: "Images", in: path) else { return nil }
    let folder = FileName.parent(of: mirrored)
    if let name {
      let place = tree.folder([folder]) ?? folder
      let file = try tree.resolve(name, in: place, writtenIn: tree.path(path))
      if let found = tree.file([file]) { return found }
    }
    let stem = FileName.withoutKind(mirrored)
    return tree.file(ImageKind.allExtensions.sorted().map { "\(stem).\($0)" })
  }

  /// The set pixels of an object's mask file: those that are not black.
  private static func mask(
    _ name: String, of path: String, like image: Image, _ tree: DataTree
  ) throws -> Outline {
    let mirrored = replacing("Annotations", with: "Masks", in: path) ?? path
    let file = try tree.resolve(name, in: FileName.parent(of: mirrored), writtenIn: tree.path(path))
    guard let found = tree.file([file]) else {
      throw ContentError(
        path: tree.path(path), expected: "the mask \(file)", received: "no such file")
    }
    let stored = try LabelImage(contentsOf: tree.path(found))
    guard (stored.width, stored.height) == (image.width, image.height) else {
      throw ContentError(
        path: tree.path(found),
        expected: "a mask of the image's size \(image.width)×\(image.height)",
        received: "\(stored.width)×\(stored.height)")
    }
    var bitmap = Image(width: stored.width, height: stored.height, channels: 1)
    switch stored {
    case .palette(let values, _), .gray(let values):
      for i in values.pixels.indices where values.pixels[i] != 0 { bitmap.pixels[i] = 1 }
    case .gray16(let values):
      for i in values.pixels.indices where values.pixels[i] != 0 { bitmap.pixels[i] = 1 }
    case .color(let colors):
      for i in bitmap.pixels.indices
      where colors.pixels[(3 * i)..<(3 * i + 3)].contains(where: { $0 != 0 }) {
        bitmap.pixels[i] = 1
      }
    }
    return .bitmap(bitmap, x: 0, y: 0)
  }
}
