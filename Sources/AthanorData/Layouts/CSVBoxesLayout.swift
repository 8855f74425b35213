import AthanorCore
import AthanorVision

/// Tables with a box per row, as Roboflow exports them and TensorFlow's tutorials use.
///
/// The heading names the columns, in any order: filename, class, xmin, ymin, xmax, ymax; width and
/// height must be the image's. Corners are continuous and kept as written. A row without
/// class and corners marks an image without objects; an image in no row is unlabelled.
public struct CSVBoxesLayout: Layout {
  public static let name = "csv_boxes"
  public static let summary = "CSV tables with a box a row: boxes only"
  public static let source = "Roboflow's TensorFlow CSV export"
  public static let onDisk = [
    "train/_annotations.csv    filename,width,height,class,xmin,ymin,xmax,ymax",
    "train/x.jpg               images beside it, or in images/; valid/, test/ likewise",
    "annotations.csv           or one table, or train.csv beside val.csv",
  ]

  public typealias Own = NoOptions

  public let options: LayoutOptions<NoOptions>
  public let surveyed = Once<SurveyedData>()

  public init(_ options: LayoutOptions<NoOptions>) { self.options = options }

  private static let fileNames = [
    "filename", "file_name", "image", "image_name", "image_path", "path",
  ]
  private static let classNames = ["class", "label", "class_name", "name"]
  private static let corners = [
    ["xmin", "x_min", "x1"], ["ymin", "y_min", "y1"], ["xmax", "x_max", "x2"],
    ["ymax", "y_max", "y2"],
  ]

  public static func recognise(_ tree: DataTree) throws -> Recognition {
    let tables = tables(in: tree)
    guard let first = tables.first else {
      let named = tree.files(in: "", kinds: ["csv"]).first {
        FileName.last(of: $0).lowercased().contains("annotations")
      }
      return named.map {
        .near("\($0) without the columns filename, class, xmin, ymin, xmax, ymax")
      }
        ?? .no
    }
    return tree.files(in: "", kinds: ImageKind.allExtensions).isEmpty
      ? .near("\(first) without images") : .yes([])
  }

  private static func tables(in tree: DataTree) -> [String] {
    tree.files(in: "", kinds: ["csv"]).filter { path in
      let heading = (try? CSVTable.heading(of: tree.path(path))) ?? []
      return ([fileNames, classNames] + corners).allSatisfy { $0.contains(where: heading.contains) }
    }
  }

  public func survey(_ tree: DataTree, _ warnings: WarningLog) throws -> Survey {
    let tables = Self.tables(in: tree)
    guard !tables.isEmpty else {
      throw ContentError(
        path: tree.root,
        expected: "a .csv file with the columns filename, class, xmin, ymin, xmax, ymax",
        received: "none")
    }
    let index = ImageIndex(tree)
    var items: [Survey.Item] = []
    var labels: [ImageRows?] = []
    var indices: [String: Int] = [:]
    var missing: String?
    for table in tables {
      let path = tree.path(table)
      let split =
        Split.parted(table).split ?? Split(named: FileName.stem(of: table))
      for (name, rows) in try Self.rows(of: CSVTable(contentsOf: path)) {
        guard let image = index.find(name, of: table) ?? index.find(tail: name, of: split) else {
          missing = missing ?? name
          _ = try tree.resolve(name, in: FileName.parent(of: table), writtenIn: path)
          warnings.note("image that is not there left out", in: name)
          continue
        }
        if let item = indices[image] {
          guard items[item].split == split else {
            throw ContentError(
              path: path, expected: "each image in one split", received: "'\(image)' in two")
          }
          labels[item]?.objects += rows.objects
          labels[item]?.sizes += rows.sizes
          continue
        }
        indices[image] = items.count
        items.append(Self.item(image, split, tree))
        labels.append(rows)
      }
    }
    if items.isEmpty, let missing {
      throw ContentError(
        path: tree.path(tables[0]), expected: "its images beside it or in a folder of their split",
        received: "no '\(missing)' there")
    }
    let folders = Set(tables.map { FileName.parent(of: $0) })
    let splits = Set(items.map(\.split))
    for image in index.all where indices[image] == nil {
      let split = Split.parted(image).split
      // An image beside a table that does not name it, of its split, or in a data set of one table.
      guard
        folders.contains(FileName.parent(of: image)) || tables.count == 1
          || (split != nil && splits.contains(split))
      else {
        warnings.note("image beside no table left out", in: image)
        continue
      }
      items.append(Self.item(image, split, tree))
      labels.append(nil)
    }
    let names = Set(labels.flatMap { $0?.objects.map(\.name) ?? [] }).sorted()
    let found = labels
    return Survey(items, FoundClasses(boxes: names, file: tree.path(tables[0]))) { [items] table in
      { item, image in
        guard let rows = found[item] else { return Labels(file: items[item].image) }
        for (size, position) in rows.sizes {
          try size.check(image, position, of: items[item].image)
        }
        return Labels(
          of: rows.objects, width: image.width, height: image.height, table, paints: false,
          file: rows.file)
      }
    }
  }

  private static func item(_ image: String, _ split: Split?, _ tree: DataTree) -> Survey.Item {
    Survey.Item(
      name: Split.parted(FileName.withoutKind(image)).name, image: tree.path(image), split: split)
  }

  /// The rows of one image.
  private struct ImageRows: Sendable {
    var objects: [DrawnObject] = []
    /// The image's sizes according to the rows, each once, and their positions.
    var sizes: [(size: StatedSize, position: String)] = []
    var file: String
  }

  /// The rows by their images, in the order of the table.
  private static func rows(of table: CSVTable) throws -> [(String, ImageRows)] {
    let (file, name) = (table.column(fileNames)!, table.column(classNames)!)
    let columns = corners.map { table.column($0)! }
    let (width, height) = (table.column(["width"]), table.column(["height"]))
    var found: [(String, ImageRows)] = []
    var order: [String: Int] = [:]
    for (row, line) in zip(table.rows, table.lines) {
      let image = row[file]
      guard !image.isEmpty else {
        throw ContentError(
          path: "\(table.file):\(line)", expected: "a file name", received: "nothing")
      }
      if order[image] == nil {
        order[image] = found.count
        found.append((image, ImageRows(file: table.file)))
      }
      let size = try StatedSize(
        width: width.map { row[$0] }, height: height.map { row[$0] }, in: "\(table.file):\(line)")
      if !found[order[image]!].1.sizes.contains(where: { $0.size == size }) {
        found[order[image]!].1.sizes.append((size, "\(table.file):\(line)"))
      }
      let numbers = columns.map { Double(row[$0]) }
      if row[name].isEmpty, columns.allSatisfy({ row[$0].isEmpty }) { continue }
      guard numbers.allSatisfy({ $0.map { abs($0) < 1e9 } == true }), !row[name].isEmpty else {
        throw ContentError(
          path: "\(table.file):\(line)",
          expected: "a class and four numbers xmin, ymin, xmax, ymax",
          received: "'\(row[name])' and \(columns.map { "'\(row[$0])'" }.joined(separator: ", "))")
      }
      found[order[image]!].1.objects.append(
        DrawnObject(
          name: row[name], box: (numbers[0]!, numbers[1]!, numbers[2]!, numbers[3]!)))
    }
    return found
  }
}
