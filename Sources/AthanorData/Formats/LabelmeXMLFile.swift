import AthanorCore
import AthanorVision

/// What MIT's LabelMe saves of an image: polygons and masks with names.
struct LabelmeXMLFile: Sendable {
  struct Object: Sendable {
    enum Region: Sendable {
      case polygon([Point])
      /// A box drawn as such: nothing is said of its pixels.
      case box([Point])
      /// A PNG in `Masks/` whose set pixels are the object's.
      case mask(String)
    }

    var name: String
    var region: Region
  }

  var objects: [Object] = []
  /// What has no area, and what was deleted, by kind.
  var skipped: [String: Int] = [:]
  var imageName: String?
  var size: (width: Int, height: Int)?

  /// Errors: throws `FileError`, `DatasetError` for what is no such file.
  init(contentsOf path: String) throws {
    let root = try XMLElement(contentsOf: path)
    guard root.name == "annotation" else {
      throw DatasetError(path: path, expected: "<annotation>", received: "<\(root.name)>")
    }
    imageName = root.value("filename").flatMap { $0.isEmpty ? nil : $0 }
    if let size = root.first("imagesize"), let height = size.value("nrows").flatMap(Int.init),
      let width = size.value("ncols").flatMap(Int.init), width > 0, height > 0
    {
      self.size = (width, height)
    }
    for element in root.all("object") {
      if element.value("deleted") == "1" {
        skipped["deleted object left out", default: 0] += 1
        continue
      }
      guard let name = element.value("name"), !name.isEmpty else {
        throw DatasetError(path: path, expected: "<name> in every <object>", received: "none")
      }
      if let region = try Self.region(of: element, name, path) {
        objects.append(Object(name: name, region: region))
      } else {
        skipped["object without area left out", default: 0] += 1
      }
    }
  }

  /// The region of an object; nil for a point or a line.
  private static func region(
    of object: XMLElement, _ name: String, _ path: String
  ) throws -> Object.Region? {
    if let mask = object.first("segm")?.value("mask"), !mask.isEmpty { return .mask(mask) }
    guard let polygon = object.first("polygon") else {
      throw DatasetError(
        path: path, expected: "<polygon> or <segm> in object '\(name)'", received: "neither")
    }
    let points = try polygon.all("pt").map { point in
      let numbers = try ["x", "y"].map { key in
        let text = point.value(key)
        guard let value = text.flatMap(Double.init), abs(value) < 1e9 else {
          throw DatasetError(
            path: path, expected: "a number in <\(key)> of object '\(name)'",
            received: text.map { "'\($0)'" } ?? "nothing")
        }
        return value
      }
      return Point(x: numbers[0], y: numbers[1])
    }
    guard points.count > 2 else { return nil }
    return object.value("type") == "bounding_box" ? .box(points) : .polygon(points)
  }

  /// Whether an XML file is LabelMe's rather than Pascal VOC's.
  static func isOne(_ path: String) -> Bool {
    guard let root = try? XMLElement(contentsOf: path), root.name == "annotation" else {
      return false
    }
    return root.first("imagesize")?.first("nrows") != nil
      || root.all("object").contains {
        $0.first("segm") != nil || $0.first("polygon")?.first("pt") != nil
      }
  }
}
