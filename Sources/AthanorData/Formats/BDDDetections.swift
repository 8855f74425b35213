import AthanorCore
import AthanorVision

/// The boxes of BDD100K's JSON files, packed: one number for the class and four for the box each.
///
/// A file is a list of images, `[{name, labels: [{category, box2d: {x1, y1, x2, y2}}]}]`; the
/// labels may also be the `objects` of its one item of `frames`. An image that is listed without
/// labels has no object; one that is not listed is not labelled. Labels without a box (lanes,
/// drivable areas) are left out.
struct BDDDetections: Sendable {
  /// The classes in their order: those of the release, then any others by name.
  private(set) var names: [String]
  private var labels: [UInt16] = []
  /// x1, y1, x2, y2 a box, in pixels, as written.
  private var corners: [Double] = []
  /// The boxes of each item; nil where no file lists it.
  private var ranges: [Range<Int32>?]
  /// The file that lists an item, by index into `files`.
  private var sources: [UInt8]
  private let files: [String]

  private static let later = [
    "pedestrian", "rider", "car", "truck", "bus", "train", "motorcycle", "bicycle",
    "traffic light", "traffic sign",
  ]
  private static let earlier = [
    "person", "rider", "car", "truck", "bus", "train", "motor", "bike", "traffic light",
    "traffic sign",
  ]

  /// Errors: throws `FileError`, `JSONError` for any other file.
  init(
    _ files: [String], isLater: Bool, _ items: [Survey.Item], _ warnings: WarningLog
  ) throws {
    self.files = files
    names = isLater ? Self.later : Self.earlier
    ranges = [Range<Int32>?](repeating: nil, count: items.count)
    sources = [UInt8](repeating: 0, count: items.count)
    var indices = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0) })
    let index = NameIndex(items.map(\.name))
    for (source, file) in files.enumerated() {
      // An image of the file's own split is preferred to one of the same name in another.
      let split = Split(named: FileName.stem(of: file))
      let own = items.indices.filter { items[$0].split == split }
      let ownIndex = NameIndex(own.map { items[$0].name })
      var (strangers, repeated, other) = (0, 0, 0)
      var cursor = JSONCursor(try JSONText(contentsOf: file))
      try cursor.array { _, frame in
        let start = labels.count
        let whole = frame
        var name: String?
        try frame.uniqueObject { key, value in
          switch key {
          case "name": name = try value.string()
          case "labels": other += try self.labels(&value, &indices)
          case "frames":
            // Files of the first release for each image wrap the labels in a frame.
            try value.array { index, frame in
              guard index == 0 else {
                throw frame.error(expected: "one frame an image", received: "more")
              }
              try frame.object { key, value in
                if key == "objects" { other += try self.labels(&value, &indices) }
              }
            }
          default: break
          }
        }
        guard let name else {
          throw whole.error(expected: "an image with a name", received: "none")
        }
        guard let item = ownIndex.index(of: name).map({ own[$0] }) ?? index.index(of: name) else {
          strangers += 1
          labels.removeLast(labels.count - start)
          corners.removeLast(corners.count - 4 * start)
          return
        }
        if ranges[item] != nil { repeated += 1 }
        ranges[item] = Int32(start)..<Int32(labels.count)
        sources[item] = UInt8(clamping: source)
      }
      try cursor.end()
      warnings.note("label without a box left out", in: file, count: other)
      warnings.note("labels of an image that is not there left out", in: file, count: strangers)
      warnings.note("image listed twice, the later counts", in: file, count: repeated)
    }
    // Classes beyond the release's follow in an order that does not depend on the images'.
    let standard = isLater ? Self.later.count : Self.earlier.count
    let order = Array(0..<standard) + (standard..<names.count).sorted { names[$0] < names[$1] }
    var positions = [UInt16](repeating: 0, count: names.count)
    for (position, old) in order.enumerated() { positions[old] = UInt16(position) }
    names = order.map { names[$0] }
    for box in labels.indices { labels[box] = positions[Int(labels[box])] }
  }

  /// Reads an image's labels; returns how many have no box.
  private mutating func labels(
    _ value: inout JSONCursor, _ indices: inout [String: Int]
  ) throws -> Int {
    if try value.isNull() { return 0 }
    var other = 0
    try value.array { _, label in
      if try !self.label(&label, &indices) { other += 1 }
    }
    return other
  }

  /// Reads a label; returns false for one without a box.
  private mutating func label(
    _ value: inout JSONCursor, _ indices: inout [String: Int]
  ) throws -> Bool {
    let whole = value
    var category: String?
    var box: [Double]?
    try value.object { key, value in
      switch key {
      case "category": category = ClassName.trimmed(try value.string())
      case "box2d":
        if try value.isNull() { return }
        let whole = value
        var found = [Double](repeating: .nan, count: 4)
        try value.object { key, value in
          switch key {
          case "x1": found[0] = try value.double()
          case "y1": found[1] = try value.double()
          case "x2": found[2] = try value.double()
          case "y2": found[3] = try value.double()
          default: break
          }
        }
        guard found.allSatisfy(\.isFinite) else {
          throw whole.error(expected: "x1, y1, x2 and y2", received: "\(found)")
        }
        box = found
      default: break
      }
    }
    guard let box else { return false }
    guard let category, !category.isEmpty else {
      throw whole.error(expected: "a label with a category", received: "none")
    }
    if indices[category] == nil {
      guard names.count < 254 else {
        throw whole.error(expected: "at most 254 categories", received: "more")
      }
      indices[category] = names.count
      names.append(category)
    }
    labels.append(UInt16(indices[category]!))
    corners += box
    return true
  }

  func file(of item: Int) -> String? { ranges[item] == nil ? nil : files[Int(sources[item])] }

  func objects(of item: Int) -> [DrawnObject]? {
    guard let range = ranges[item] else { return nil }
    return range.map { index in
      let box = Int(index)
      let c = Array(corners[4 * box..<4 * box + 4])
      return DrawnObject(name: names[Int(labels[box])], box: (c[0], c[1], c[2], c[3]))
    }
  }
}
