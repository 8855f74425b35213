import AthanorCore
import AthanorVision

/// The files of the items' depth and normals: maps of numbers that need no class table.
struct DenseLabels: Sendable {
  /// By item; nil where it has none.
  var depth: [String?] = []
  var normals: [String?] = []
  /// The divisor of stored depths.
  var depthScale = 1.0

  static let kinds = ["npy", "png", "tif", "tiff"]

  /// The names of their folders.
  static let depthFolders = ["depth", "depths", "depth_map", "depth_maps", "disparity"]
  static let normalFolders = ["normals", "normal", "surface_normals"]

  /// Reads the maps of an item.
  ///
  /// Errors: throws `ContentError` for a map of another size than the image.
  func read(
    _ item: Int, _ image: Image, into labels: inout Labels, _ warnings: WarningLog
  ) throws {
    if let path = depth.isEmpty ? nil : depth[item] {
      var map = try Self.depth(path, dividedBy: depthScale).checked(like: image, path)
      map.forget(warnings, path) { !($0.isFinite && $0 >= 0) }
      labels.depth = map
    }
    if let path = normals.isEmpty ? nil : normals[item] {
      var map = try Self.normals(path).checked(like: image, path)
      map.forget(warnings, path) { !$0.isFinite }
      labels.normals = map
    }
  }

  /// The depth in a file, NumPy or gray of 8 or 16 bits.
  static func depth(_ path: String, dividedBy scale: Double) throws -> DenseMap {
    let (width, height, stored): (Int, Int, [Float])
    if FileName.kind(of: path) == "npy" {
      let map = try ArrayMap(contentsOf: path, channels: 1)
      (width, height, stored) = (map.width, map.height, map.values)
    } else {
      switch try LabelImage(contentsOf: path) {
      case .gray(let image):
        (width, height, stored) = (image.width, image.height, image.pixels.map(Float.init))
      case .gray16(let image):
        (width, height, stored) = (image.width, image.height, image.pixels.map(Float.init))
      case .palette, .color:
        throw ContentError(
          path: path, expected: "depth as gray of 8 or 16 bits, or .npy", received: "colours")
      }
    }
    return DenseMap(
      width: width, height: height, channels: 1,
      values: scale == 1 ? stored : stored.map { Float(Double($0) / scale) })
  }

  /// The numbers in a NumPy file, `[H, W]` or `[H, W, C]`.
  static func map(_ path: String) throws -> DenseMap {
    let array = try NumPyFile.read(path)
    let shape = array.shape
    guard shape.count == 2 || shape.count == 3, array.count > 0 else {
      throw ContentError(
        path: path, expected: "an array of shape [height, width] or [height, width, channels]",
        received: "\(shape)")
    }
    return DenseMap(
      width: shape[1], height: shape[0], channels: shape.count == 3 ? shape[2] : 1,
      values: array.floats())
  }

  /// The normals in a file. NumPy files contain vectors. Colours v mean 2 · v / 255 − 1, scaled to
  /// length 1 because of the rounding to 8 bits; black and middle gray mean unknown.
  static func normals(_ path: String) throws -> DenseMap {
    if FileName.kind(of: path) == "npy" {
      let map = try ArrayMap(contentsOf: path, channels: 3)
      if let worst = map.values.first(where: { abs($0) > 1.01 }) {
        throw ContentError(
          path: path, expected: "vectors of length 1: components in −1…1", received: "\(worst)")
      }
      return DenseMap(
        width: map.width, height: map.height, channels: 3, values: map.values)
    }
    guard case .color(let image) = try LabelImage(contentsOf: path) else {
      throw ContentError(
        path: path, expected: "normals as RGB, or .npy", received: "an image of one channel")
    }
    var values = [Float](repeating: 0, count: image.pixels.count)
    for start in stride(from: 0, to: values.count, by: 3) {
      let color = image.pixels[start..<start + 3]
      let vector = color.map { 2 * Float($0) / 255 - 1 }
      let length = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
      guard length > 0.02, color.contains(where: { $0 != 0 }) else { continue }
      for c in 0..<3 { values[start + c] = vector[c] / length }
    }
    return DenseMap(width: image.width, height: image.height, channels: 3, values: values)
  }
}

extension DenseMap {
  /// Sets invalid values to 0, unknown, and counts them.
  fileprivate mutating func forget(
    _ warnings: WarningLog, _ path: String, where isNone: (Float) -> Bool
  ) {
    var count = 0
    for i in values.indices where isNone(values[i]) {
      values[i] = 0
      count += 1
    }
    warnings.note(
      "value of no meaning (NaN, infinite, negative) taken for unknown", in: path, count: count)
  }

  fileprivate func checked(like image: Image, _ path: String) throws -> DenseMap {
    guard width == image.width, height == image.height else {
      throw ContentError(
        path: path, expected: "a map of the image's size \(image.width)×\(image.height)",
        received: "\(width)×\(height)")
    }
    return self
  }
}

extension Survey {
  /// The survey with a further map of numbers for each pixel.
  ///
  /// - Parameter maps: The file of each item; nil where it has none. At least one item has one.
  func adding(_ name: String, maps: [String?]) -> Survey {
    var survey = self
    // All maps of a label have the same number of channels: that of the first that can be read.
    let first = maps.lazy.compactMap { path -> (path: String, channels: Int)? in
      guard let path, let map = try? DenseLabels.map(path) else { return nil }
      return (path, map.channels)
    }.first
    survey.classes.further[name] = LabelClasses(.map, channels: first?.channels)
    let reader = survey.reader
    survey.reader = { table in
      let read = try reader(table)
      return { item, image in
        var labels = try read(item, image)
        guard let path = maps[item] else { return labels }
        let map = try DenseLabels.map(path)
        if let first, first.channels != map.channels {
          throw ContentError(
            path: path, expected: "\(first.channels) numbers a pixel, as \(first.path) has",
            received: "\(map.channels)")
        }
        labels.further[name] = .map(map)
        return labels
      }
    }
    return survey
  }

  /// The survey with depth and normals in addition.
  func adding(_ dense: DenseLabels, _ warnings: WarningLog) -> Survey {
    guard dense.depth.contains(where: { $0 != nil }) || dense.normals.contains(where: { $0 != nil })
    else { return self }
    var survey = self
    survey.classes.numbers =
      (dense.depth.contains { $0 != nil } ? [.depth] : [])
      + (dense.normals.contains { $0 != nil } ? [.normals] : [])
    let reader = survey.reader
    survey.reader = { table in
      let read = try reader(table)
      return { item, image in
        var labels = try read(item, image)
        try dense.read(item, image, into: &labels, warnings)
        return labels
      }
    }
    return survey
  }
}
