/// The outline of a COCO annotation.
public enum COCOSegmentation: Equatable, Sendable {
  /// Only a box.
  case none
  /// Flat lists of x, y; at least three points each.
  case polygons([[Double]])
  /// Lengths of runs of a bitmap, column after column, of 0 and 1 in turn, beginning with 0. They
  /// are not negative and add up to `height` · `width`.
  case runs(height: Int, width: Int, counts: [Int])

  /// Reads null, polygons (flat lists, or lists of points), or run lengths (a list, or pycocotools'
  /// text). Polygons of less than three points are left out.
  public init(_ cursor: inout JSONCursor) throws {
    var leftOut = 0
    try self.init(&cursor, leftOut: &leftOut)
  }

  /// As above; `leftOut` becomes the number of polygons left out.
  init(_ cursor: inout JSONCursor, leftOut: inout Int) throws {
    switch cursor.kind {
    case .null:
      _ = try cursor.isNull()
      self = .none
    case .array:
      let all = try Self.polygons(&cursor)
      let polygons = all.filter { $0.count >= 6 }
      leftOut = all.count - polygons.count
      self = polygons.isEmpty ? .none : .polygons(polygons)
    case .object: self = try Self.runs(&cursor)
    default: throw cursor.error(expected: "polygons or run lengths")
    }
  }

  private static func polygons(_ cursor: inout JSONCursor) throws -> [[Double]] {
    /// Numbers in the outer list itself: one polygon without a list around it.
    var flat: [Double] = []
    var lists: [[Double]] = []
    let start = cursor.offset
    try cursor.array { _, item in
      if item.kind == .number {
        flat.append(try item.double())
      } else {
        lists.append(try list(&item))
      }
    }
    guard flat.isEmpty || lists.isEmpty, flat.count % 2 == 0 else {
      throw cursor.error(
        expected: "lists of x, y", received: "\(flat.count) numbers and \(lists.count) lists",
        at: start)
    }
    // [[x, y], [x, y], …] is a polygon of points, not many of one point.
    if lists.count > 1, lists.allSatisfy({ $0.count == 2 }) { return [lists.flatMap(\.self)] }
    return flat.isEmpty ? lists : [flat]
  }

  /// x, y, x, y … or [x, y], [x, y] …
  private static func list(_ cursor: inout JSONCursor) throws -> [Double] {
    var numbers: [Double] = []
    let start = cursor.offset
    try cursor.array { _, item in
      if item.kind != .array { return numbers.append(try item.double()) }
      let start = item.offset
      let before = numbers.count
      try item.array { _, number in numbers.append(try number.double()) }
      guard numbers.count == before + 2 else {
        throw item.error(
          expected: "x and y", received: "\(numbers.count - before) numbers", at: start)
      }
    }
    guard numbers.count % 2 == 0 else {
      throw cursor.error(
        expected: "as many x as y", received: "\(numbers.count) numbers", at: start)
    }
    return numbers
  }

  private static func runs(_ cursor: inout JSONCursor) throws -> COCOSegmentation {
    let start = cursor.offset
    var size: [Int] = []
    var counts: [Int]?
    try cursor.object { key, value in
      switch key {
      case "size": try value.array { _, side in size.append(try side.integer()) }
      case "counts":
        if value.kind == .string {
          let start = value.offset
          counts = unpacked(try value.string())
          if counts == nil {
            throw value.error(
              expected: "run lengths packed by pycocotools", received: "other text", at: start)
          }
        } else {
          var list: [Int] = []
          try value.array { _, count in list.append(try count.integer()) }
          counts = list
        }
      default: break
      }
    }
    guard size.count == 2, size.allSatisfy({ $0 >= 0 }) else {
      throw cursor.error(
        expected: "height and width", received: "\(size)", at: start, key: "size")
    }
    guard let counts else {
      throw cursor.error(
        expected: "run lengths", received: "nothing", at: start, key: "counts")
    }
    let (pixels, isTooLarge) = size[0].multipliedReportingOverflow(by: size[1])
    var left = isTooLarge ? -1 : pixels
    for count in counts where left >= 0 { left = count >= 0 ? left - min(count, left + 1) : -1 }
    guard left == 0 else {
      throw cursor.error(
        expected: "run lengths that add up to \(size[0])·\(size[1]) pixels",
        received: left > 0 ? "\(left) less" : "more, or a negative one", at: start, key: "counts")
    }
    return .runs(height: size[0], width: size[1], counts: counts)
  }

  /// Run lengths from pycocotools' text: six bits per character, 5 of them value, from the third
  /// run on as differences to the last but one. `nil` for other text.
  static func unpacked(_ text: String) -> [Int]? {
    var counts: [Int] = []
    var (value, shift) = (0, 0)
    for byte in text.utf8 {
      guard byte >= 48, byte < 112, shift < 60 else { return nil }
      let bits = Int(byte) - 48
      value |= (bits & 0x1F) << shift
      shift += 5
      if bits & 0x20 != 0 { continue }
      if bits & 0x10 != 0 { value |= -1 << shift }
      if counts.count > 2 { value &+= counts[counts.count - 2] }
      counts.append(value)
      (value, shift) = (0, 0)
    }
    return shift == 0 ? counts : nil
  }
}

extension COCOSegmentation {
  /// x, y, width and height around it; `nil` where nothing is set.
  public var extent: (x: Double, y: Double, width: Double, height: Double)? {
    switch self {
    case .none: return nil
    case .polygons(let polygons):
      var (left, top) = (Double.infinity, Double.infinity)
      var (right, bottom) = (-Double.infinity, -Double.infinity)
      for polygon in polygons {
        for i in stride(from: 0, to: polygon.count - 1, by: 2) {
          (left, right) = (min(left, polygon[i]), max(right, polygon[i]))
          (top, bottom) = (min(top, polygon[i + 1]), max(bottom, polygon[i + 1]))
        }
      }
      return (left, top, right - left, bottom - top)
    case .runs(let height, _, let counts):
      var (left, top, right, bottom) = (Int.max, Int.max, -1, -1)
      var position = 0
      for (index, count) in counts.enumerated() {
        if index % 2 == 1, count > 0 {
          let last = position + count - 1
          let isOneColumn = position / height == last / height
          left = min(left, position / height)
          right = max(right, last / height)
          top = min(top, isOneColumn ? position % height : 0)
          bottom = max(bottom, isOneColumn ? last % height : height - 1)
        }
        position += count
      }
      guard right >= 0 else { return nil }
      return (Double(left), Double(top), Double(right - left + 1), Double(bottom - top + 1))
    }
  }

  /// Square pixels: for polygons by the shoelace formula, summed; for runs the number of
  /// set pixels.
  public var area: Double? {
    switch self {
    case .none: return nil
    case .polygons(let polygons):
      return polygons.reduce(0) { sum, polygon in
        var twice = 0.0
        var (x, y) = (polygon[polygon.count - 2], polygon[polygon.count - 1])
        for i in stride(from: 0, to: polygon.count - 1, by: 2) {
          twice += x * polygon[i + 1] - polygon[i] * y
          (x, y) = (polygon[i], polygon[i + 1])
        }
        return sum + abs(twice) / 2
      }
    case .runs(_, _, let counts):
      return Double(stride(from: 1, to: counts.count, by: 2).reduce(0) { $0 + counts[$1] })
    }
  }
}
