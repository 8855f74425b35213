import AthanorCore
import AthanorVision
import Foundation

/// YOLO's layout: a text file an image, a line an object, coordinates as shares of the image.
///
/// A line is `class x y w h` (centre and size), or `class x1 y1 x2 y2 …`, a polygon, which gives a
/// mask too. An image without a label file shows no object. Class names come from the `names:` of a
/// `data.yaml` or from `classes.txt`.
public struct YOLOSource: Registered, DataSource {
  public static let name = "yolo"
  public static let summary = "YOLO text labels: boxes, and masks where lines are polygons"
  public static let source = "Ultralytics' data set formats, detect and segment"

  public struct Options: Codable, Sendable, DefaultInitializable {
    public var path = ""
    /// The folder of a split's images and of its labels, `{split}` standing for its name.
    public var images = "images/{split}"
    public var labels = "labels/{split}"
    /// The class names by index. Empty: those of the file `names`.
    public var classes: [String] = []
    /// Where names are: a YAML file with `names:`, or one name a line. Empty: the first of
    /// `data.yaml`, `config.yaml`, `classes.txt`.
    public var names = ""

    public init() {}
  }

  let options: Options

  public init(_ options: Options) { self.options = options }

  public var folders: [String]? { [options.path] }

  /// A class number and its numbers from 0 to 1.
  struct Line: Sendable {
    var label: Int
    var numbers: [Double]
  }

  public func splits() throws -> [Split] {
    let folder = try DataFolder(options.path)
    return Split.allCases.filter { folder.hasFolder(place(options.images, $0)) }
  }

  private func place(_ pattern: String, _ split: Split) -> String {
    pattern.replacing("{split}", with: "\(split)")
  }

  public func open(_ split: Split) throws -> any Dataset {
    let folder = try DataFolder(options.path)
    let place = place(options.images, split)
    let images = try folder.images(in: place)
    guard !images.isEmpty else {
      throw DatasetError(
        path: folder.path(place), expected: "images", received: "an empty folder")
    }
    let names = try classNames(folder)
    let list = images.keys.sorted()
    // Polygons anywhere make a data set with masks, so that all splits agree.
    var lines: [String: [Line]] = [:]
    var hasPolygons = false
    for each in try splits() {
      let labels = self.place(options.labels, each)
      guard folder.hasFolder(labels) else { continue }
      for file in try folder.list(labels) where file.hasSuffix(".txt") {
        let read = try Self.lines(of: folder.path("\(labels)/\(file)"), names)
        hasPolygons = hasPolygons || read.contains { $0.numbers.count > 4 }
        if each == split { lines[DataFolder.stem(of: file)] = read }
      }
    }
    guard !hasPolygons || names.count < 254 else {
      throw DatasetError(
        path: folder.root, expected: "at most 253 classes with polygons",
        received: "\(names.count)")
    }
    let classes = DataClasses(
      segmentation: hasPolygons ? ["background"] + names : [], detection: names,
      categoryIDs: Array(names.indices))
    let (warnings, masked, objects) = (WarningLog(), hasPolygons, lines)
    return ListedDataset(classes, list, warnings) { index in
      let stem = list[index]
      let image = try Image(contentsOf: images[stem]!, as: .color)
      let (width, height) = (Double(image.width), Double(image.height))
      var mask = Image(width: image.width, height: image.height, channels: 1)
      var boxes: [BoundingBox] = []
      for line in objects[stem] ?? [] {
        let n = line.numbers
        var extent = (
          (n[0] - n[2] / 2) * width, (n[1] - n[3] / 2) * height, (n[0] + n[2] / 2) * width,
          (n[1] + n[3] / 2) * height
        )
        if n.count > 4 {
          let outline = Outline.polygon(
            stride(from: 0, to: n.count, by: 2).map {
              Point(x: n[$0] * width, y: n[$0 + 1] * height)
            })
          mask.fill(outline, with: UInt8(line.label + 1))
          extent = outline.extent!
        }
        boxes.append(
          BoundingBox(
            x1: Float(extent.0), y1: Float(extent.1), x2: Float(extent.2), y2: Float(extent.3),
            label: line.label))
      }
      return try Sample(name: stem, image: image, mask: masked ? mask : nil, boxes: boxes)
        .checked(classes, file: "\(stem).txt", warnings)
    }
  }

  private static func lines(of path: String, _ names: [String]) throws -> [Line] {
    try DataFolder.lines(of: path).map { text in
      let parts = text.split(whereSeparator: \.isWhitespace)
      let numbers = parts.dropFirst().compactMap { Double($0) }
      guard let label = parts.first.flatMap({ Int($0) }), numbers.count == parts.count - 1,
        numbers.allSatisfy({ abs($0) < 1e6 }),
        numbers.count == 4 || (numbers.count >= 6 && numbers.count % 2 == 0)
      else {
        throw DatasetError(
          path: path, expected: "lines 'class x y w h' or 'class x1 y1 x2 y2 x3 y3 …'",
          received: "'\(text.prefix(60))'")
      }
      guard names.indices.contains(label) else {
        throw DatasetError(
          path: path, expected: "classes 0…\(names.count - 1)", received: "class \(label)")
      }
      return Line(label: label, numbers: numbers)
    }
  }

  private func classNames(_ folder: DataFolder) throws -> [String] {
    if !options.classes.isEmpty { return options.classes }
    let candidates =
      options.names.isEmpty ? ["data.yaml", "config.yaml", "classes.txt"] : [options.names]
    guard let file = candidates.first(where: folder.hasFile) else {
      throw DatasetError(
        path: folder.root, expected: "class names in \(candidates.joined(separator: " or "))",
        received: "no such file")
    }
    let path = folder.path(file)
    if file.hasSuffix(".txt") { return try DataFolder.lines(of: path) }
    return try Self.names(inYAML: try TextFile.read(path), file: path)
  }

  /// The `names:` of a data file: a block of `0: person` or `- person`, or `[person, car]`. Numbers
  /// that are left out become classes of that number's name.
  static func names(inYAML text: String, file: String) throws -> [String] {
    func plain(_ text: some StringProtocol) -> String {
      text.trimmingCharacters(in: .whitespaces).trimmingCharacters(in: .init(charactersIn: "'\""))
    }
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    guard let start = lines.firstIndex(where: { $0.hasPrefix("names:") }) else {
      throw DatasetError(path: file, expected: "the key 'names'", received: "none")
    }
    let rest = plain(lines[start].dropFirst(6))
    if rest.hasPrefix("["), rest.hasSuffix("]") {
      return rest.dropFirst().dropLast().split(separator: ",").map(plain)
    }
    var numbered: [Int: String] = [:]
    for line in lines[(start + 1)...] {
      let entry = plain(line)
      if entry.isEmpty || entry.hasPrefix("#") { continue }
      if entry.hasPrefix("- ") {
        numbered[numbered.count] = plain(entry.dropFirst(2))
      } else if line.hasPrefix(" "), let colon = entry.firstIndex(of: ":"),
        let number = Int(entry[..<colon]), (0..<254).contains(number)
      {
        numbered[number] = plain(entry[entry.index(after: colon)...])
      } else {
        break
      }
    }
    guard let last = numbered.keys.max() else {
      throw DatasetError(path: file, expected: "names under 'names'", received: "none")
    }
    return (0...last).map { numbered[$0] ?? "\($0)" }
  }
}
