import AthanorCore
import AthanorVision

/// CVAT for images 1.1: one XML file for many images.
///
/// Polygons, ellipses and masks are painted in the order of `z_order` and have a box each; a box
/// has unknown pixels. Where a file has only boxes there are no masks. The classes are the task's
/// labels in their order; `subset` is the split. Polylines, points, cuboids, skeletons and tags are
/// left out and counted, the pixels around them ignored. Images that are not in the folder are left
/// out too.
public struct CVATLayout: Layout {
  public static let name = "cvat_xml"
  public static let summary = "CVAT for images 1.1: masks and boxes from shapes"
  public static let source = "cvat.ai, CVAT for images export"
  public static let onDisk = [
    "annotations.xml      shapes of all images, with their subsets",
    "images/              images, in folders by subset and name (or beside the XML file)",
  ]

  public typealias Own = NoOptions

  public let options: LayoutOptions<NoOptions>
  public let surveyed = Once<SurveyedData>()

  public init(_ options: LayoutOptions<NoOptions>) { self.options = options }

  public static func recognise(_ tree: DataTree) throws -> Recognition {
    guard let first = files(in: tree).first else { return .no }
    return tree.files(in: "", kinds: ImageKind.allExtensions).isEmpty
      ? .near("\(first) without images (export them too, or put them into images/)") : .yes([])
  }

  /// The XML files whose root is `annotations`.
  private static func files(in tree: DataTree) -> [String] {
    tree.files(in: "", kinds: ["xml"]).filter { path in
      guard let file = try? InputFile(tree.path(path)),
        let start = try? file.read(min(file.size, 1024), at: 0)
      else { return false }
      return String(decoding: start, as: UTF8.self).contains("<annotations")
    }
  }

  /// An image of a file, by its position in it.
  private struct Entry: Sendable {
    var file: String
    var range: Range<Int>
  }

  public func survey(_ tree: DataTree, _ warnings: WarningLog) throws -> Survey {
    let files = Self.files(in: tree)
    guard let first = files.first else {
      throw ContentError(
        path: tree.path("annotations.xml"), expected: "CVAT's <annotations>",
        received: "no such file")
    }
    let index = ImageIndex(tree)
    var (items, entries) = ([Survey.Item](), [Entry]())
    var paths: [String] = []
    var names = CVATNames()
    var hasRegions = false
    for file in files {
      let path = tree.path(file)
      let own = Split.parted(file).split ?? Split(named: FileName.stem(of: file))
      names.declared = []
      _ = try XMLElement.readChildren(ofRootIn: path) { element, range in
        switch element.name {
        case "meta": names.declare(in: element)
        case "track":
          throw ContentError(
            path: path, expected: "CVAT for images", received: "tracks (CVAT for video)")
        case "image":
          let image = try CVATImage(element, path)
          try names.use(image.labels, path)
          hasRegions = hasRegions || image.hasRegions
          guard let found = try Self.find(image, file, tree, index) else {
            warnings.note("image that is not there left out", in: image.name)
            return
          }
          paths.append(found)
          items.append(
            Survey.Item(
              name: FileName.withoutKind(image.name), image: tree.path(found),
              split: image.subset.flatMap(Split.init(named:)) ?? own))
          entries.append(Entry(file: path, range: range))
        default: break
        }
      }
    }
    guard !items.isEmpty else {
      throw ContentError(
        path: tree.path(first), expected: "its images beside it or in images/", received: "none")
    }
    tree.noteUnlisted(Set(paths), warnings)
    let listed = names.all
    var classes = FoundClasses(boxes: listed, file: tree.path(first))
    if hasRegions {
      let hasBackground = listed.contains(where: ClassName.isBackground)
      classes.masks = (hasBackground ? [] : ["background"]) + listed
    }
    classes.colors = names.colors
    let found = entries
    return Survey(items, classes) { [hasRegions] table in
      { item, image in
        let entry = found[item]
        let bytes = try InputFile(entry.file).read(entry.range.count, at: entry.range.lowerBound)
        let content = try CVATImage(XMLElement.parse(bytes, file: entry.file), entry.file)
        try content.size().check(image, entry.file, of: content.name)
        for (kind, count) in content.skipped {
          warnings.note("shape of type '\(kind)' left out", in: content.name, count: count)
        }
        return try Labels(
          of: content.objects(), width: image.width, height: image.height, table,
          paints: hasRegions, file: entry.file)
      }
    }
  }

  /// The file of an image: below `images/` or beside the XML file, in its subset's folder or not.
  private static func find(
    _ image: CVATImage, _ file: String, _ tree: DataTree, _ index: ImageIndex
  ) throws -> String? {
    let parent = FileName.parent(of: file)
    for folder in ["images", "", "data"] {
      for subset in [image.subset, nil] {
        let parts = [parent, folder, subset ?? ""].filter { !$0.isEmpty }
        let path = try tree.resolve(
          image.name, in: parts.joined(separator: "/"), writtenIn: tree.path(file))
        if let found = tree.file([path]) { return found }
      }
    }
    return index.find(FileName.last(of: image.name), of: image.name)
  }
}

/// The class names of CVAT files.
private struct CVATNames {
  /// The labels of the current file.
  var declared: [String] = []
  private var listed: [String] = []
  private var used = Set<String>()
  private(set) var colors: [String: [UInt8]] = [:]

  /// Adds the labels of a task, job or project; parts of skeletons are not labels.
  mutating func declare(in meta: XMLElement) {
    for child in meta.children {
      guard child.name == "labels" else {
        declare(in: child)
        continue
      }
      for label in child.all("label") where label.value("parent")?.isEmpty ?? true {
        guard let name = label.value("name"), !name.isEmpty else { continue }
        declared.append(name)
        if !listed.contains(name) { listed.append(name) }
        if let color = label.value("color").flatMap({ MaskCoding.RGB(hex: $0) }) {
          colors[ClassName.key(name)] = color.bytes
        }
      }
    }
  }

  /// Errors: throws `ContentError` for a name that is not in the file's list.
  mutating func use(_ names: Set<String>, _ path: String) throws {
    if !declared.isEmpty, let stranger = names.subtracting(declared).min() {
      throw ContentError.unknownClass(stranger, in: path, known: declared)
    }
    used.formUnion(names)
  }

  /// The listed ones in order, then the others.
  var all: [String] { listed + used.subtracting(listed).sorted() }
}
