import AthanorCore
import AthanorVision

/// The content of a COCO instances file.
struct COCOFile: Sendable {
  struct Picture: Decodable, Sendable {
    var id: Int
    var file_name: String
    var width: Int
    var height: Int
  }

  struct Category: Decodable, Sendable {
    var id: Int
    var name: String
  }

  struct Annotation: Decodable, Sendable {
    var image_id: Int
    var category_id: Int
    /// x, y, width, height.
    var bbox: [Double]
    var iscrowd: Int?
    var segmentation: Segmentation?
  }

  /// Polygons as flat lists of x, y, or the run lengths of a bitmap in column order.
  enum Segmentation: Decodable, Sendable {
    case polygons([[Double]])
    case runs(height: Int, width: Int, counts: [Int])

    private struct RunLengths: Decodable {
      var size: [Int]
      var counts: Counts
    }

    private enum Counts: Decodable {
      case plain([Int])
      case packed(String)

      init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        if let text = try? value.decode(String.self) {
          self = .packed(text)
        } else {
          self = .plain(try value.decode([Int].self))
        }
      }
    }

    init(from decoder: any Decoder) throws {
      let value = try decoder.singleValueContainer()
      if let polygons = try? value.decode([[Double]].self) {
        self = .polygons(polygons)
        return
      }
      let runs = try value.decode(RunLengths.self)
      guard runs.size.count == 2 else {
        throw DecodingError.dataCorruptedError(
          in: value, debugDescription: "a size of \(runs.size.count) numbers")
      }
      let counts =
        switch runs.counts {
        case .plain(let counts): counts
        case .packed(let text): Self.unpacked(text)
        }
      self = .runs(height: runs.size[0], width: runs.size[1], counts: counts)
    }

    /// Run lengths from pycocotools' text: six bits a character, 5 of them value, from the third
    /// run on as differences to the last but one.
    static func unpacked(_ text: String) -> [Int] {
      var counts: [Int] = []
      var (value, shift) = (0, 0)
      for byte in text.utf8 {
        let bits = Int(byte) - 48
        if shift < 60 { value |= (bits & 0x1F) << shift }
        shift += 5
        if bits & 0x20 != 0 { continue }
        if bits & 0x10 != 0, shift < 60 { value |= -1 << shift }
        if counts.count > 2 { value &+= counts[counts.count - 2] }
        counts.append(value)
        (value, shift) = (0, 0)
      }
      return counts
    }
  }

  private struct Content: Decodable {
    var images: [Picture]
    var annotations: [Annotation]
    var categories: [Category]
  }

  var images: [Picture]
  var categories: [Category]
  /// By image id, in order of the file.
  var annotations: [Int: [Annotation]]

  /// Throws `FileError`, or `DatasetError` for what is no instances file.
  init(contentsOf path: String) throws {
    let content = try decodeJSON(Content.self, from: path)
    guard !content.images.isEmpty else {
      throw DatasetError(path: path, expected: "images", received: "an empty list")
    }
    for annotation in content.annotations where annotation.bbox.count != 4 {
      throw DatasetError(
        path: path, expected: "four numbers in every bbox", received: "\(annotation.bbox)")
    }
    guard Set(content.categories.map(\.id)).count == content.categories.count,
      content.categories.count < 254
    else {
      throw DatasetError(
        path: path, expected: "at most 253 categories of different ids",
        received: "\(content.categories.count)")
    }
    images = content.images
    categories = content.categories
    annotations = Dictionary(grouping: content.annotations, by: \.image_id)
  }
}

extension COCOFile.Annotation {
  /// The regions to paint; none where the annotation is a box alone.
  func outlines(width: Int, height: Int, _ path: String) throws -> [Outline] {
    switch segmentation {
    case nil: return []
    case .polygons(let polygons):
      return polygons.map { flat in
        .polygon(
          stride(from: 0, to: flat.count - 1, by: 2).map { Point(x: flat[$0], y: flat[$0 + 1]) })
      }
    case .runs(let rows, let columns, let counts):
      guard rows == height, columns == width,
        counts.allSatisfy({ (0...width * height).contains($0) }),
        counts.reduce(0, { $0 &+ $1 }) == width * height
      else {
        throw DatasetError(
          path: path, expected: "run lengths over \(width)×\(height) pixels in image \(image_id)",
          received: "\(columns)×\(rows), runs of \(counts.reduce(0, { $0 &+ $1 }))")
      }
      var bitmap = Image(width: width, height: height, channels: 1)
      var position = 0
      for (index, count) in counts.enumerated() {
        if index % 2 == 1 {
          for p in position..<(position + count) {
            bitmap.pixels[p % height * width + p / height] = 1
          }
        }
        position += count
      }
      return [.bitmap(bitmap, x: 0, y: 0)]
    }
  }
}
