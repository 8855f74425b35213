import AthanorCore
import AthanorVision

/// The pixels of one object.
struct ObjectRegion: Sendable {
  /// The value that its pixels have.
  var value: Int
  /// Continuous: the right and lower edges are after the last pixel.
  var left: Int
  var top: Int
  var right: Int
  var bottom: Int
  /// Pixels.
  var area = 0
  /// The set pixels of its box.
  var bitmap = Image(width: 0, height: 0, channels: 1)

  /// The region as the object of a class.
  func drawn(_ name: String) -> DrawnObject {
    DrawnObject(
      name: name, outlines: [.bitmap(bitmap, x: left, y: top)],
      box: (Double(left), Double(top), Double(right), Double(bottom)), area: Double(area))
  }

  /// The connected parts of the region as crowds of a class: where many objects have one
  /// number, it is unknown which pixels belong together.
  func crowds(_ name: String) -> [DrawnObject] {
    let (labels, parts) = bitmap.connectedComponents()
    return parts.indices.dropFirst().map { number in
      let part = parts[number]
      let (width, height) = (Int(part.width), Int(part.height))
      var own = Image(width: width, height: height, channels: 1)
      for y in 0..<height {
        for x in 0..<width {
          let pixel = (y + Int(part.top)) * bitmap.width + x + Int(part.left)
          own.pixels[y * width + x] = labels[pixel] == Int32(number) ? 1 : 0
        }
      }
      let (x, y) = (left + Int(part.left), top + Int(part.top))
      return DrawnObject(
        name: name, outlines: [.bitmap(own, x: x, y: y)],
        box: (Double(x), Double(y), Double(x + width), Double(y + height)),
        area: Double(part.area), isCrowd: true)
    }
  }
}

/// Images whose values are numbers of objects.
enum NumberedObjects {
  /// The values of a mask file, row by row.
  static func read(_ path: String) throws -> (width: Int, height: Int, values: [UInt16]) {
    switch try StoredMask(contentsOf: path) {
    case .values(let image, _), .equalChannels(let image):
      (image.width, image.height, image.pixels.map(UInt16.init))
    case .wide(let image): (image.width, image.height, image.pixels)
    case .color:
      throw ContentError(
        path: path, expected: "a number an object", received: "an RGB image")
    }
  }

  /// The region of each value that is an object, by ascending value.
  ///
  /// Errors: throws `ContentError` where the boxes of the values together are more than 64 times
  /// the image, as in noise.
  static func regions<Value: FixedWidthInteger>(
    of values: [Value], width: Int, in path: String, where isObject: (Int) -> Bool
  ) throws -> [ObjectRegion] {
    var regions: [ObjectRegion] = []
    var regionIndices: [Value: Int] = [:]
    var (last, region) = (values.first ?? 0, -1)
    for (pixel, value) in values.enumerated() {
      if value != last || pixel == 0 {
        last = value
        if let known = regionIndices[value] {
          region = known
        } else {
          region = isObject(Int(value)) ? regions.count : -1
          regionIndices[value] = region
          let (y, x) = pixel.quotientAndRemainder(dividingBy: width)
          if region >= 0 {
            regions.append(
              ObjectRegion(value: Int(value), left: x, top: y, right: x, bottom: y))
          }
        }
      }
      guard region >= 0 else { continue }
      let (y, x) = pixel.quotientAndRemainder(dividingBy: width)
      regions[region].left = min(regions[region].left, x)
      regions[region].right = max(regions[region].right, x + 1)
      regions[region].bottom = y + 1
      regions[region].area += 1
    }
    let area = regions.reduce(0) { $0 + ($1.right - $1.left) * ($1.bottom - $1.top) }
    guard area <= 64 * max(values.count, 1 << 16) else {
      throw ContentError(
        path: path, expected: "a number an object",
        received: "\(regions.count) numbers strewn over the image")
    }
    for index in regions.indices {
      let region = regions[index]
      let (columns, rows) = (region.right - region.left, region.bottom - region.top)
      var bitmap = Image(width: columns, height: rows, channels: 1)
      for y in 0..<rows {
        let start = (region.top + y) * width + region.left
        for x in 0..<columns where Int(values[start + x]) == region.value {
          bitmap.pixels[y * columns + x] = 1
        }
      }
      regions[index].bitmap = bitmap
    }
    return regions.sorted { $0.value < $1.value }
  }
}
