import AthanorCore
import AthanorVision

/// A file of MIT's LabelMe: the named polygons and masks of an image.
struct LabelmeXMLFile: Sendable {
  struct Object: Sendable {
    enum Region: Sendable {
      case polygon([Point])
      /// A box drawn as such: its pixels are unknown.
      case box([Point])
      /// A point or a line, which has no area.
      case line([Point])
      /// A PNG in `Masks/` whose set pixels are the object's.
      case mask(String)
    }

    var name: String
    var region: Region
  }

  var objects: [Object] = []
  /// Shapes without area and deleted ones, by kind.
  var skipped: [String: Int] = [:]
  var imageName: String?
  var size = StatedSize()

  /// Errors: throws `FileError`, `ContentError` for any other file.
  init(contentsOf path: String) throws {
    let root = try XMLElement(contentsOf: path)
    guard root.name == "annotation" else {
      throw ContentError(path: path, expected: "<annotation>", received: "<\(root.name)>")
    }
    imageName = root.value("filename").flatMap { $0.isEmpty ? nil : $0 }
    if let size = root.first("imagesize") {
      self.size = try StatedSize(
        width: size.stated("ncols"), height: size.stated("nrows"), in: path)
    }
    for element in root.all("object") {
      if element.value("deleted") == "1" {
        skipped["deleted object left out", default: 0] += 1
        continue
      }
      guard let name = element.value("name"), !name.isEmpty else {
        throw ContentError(path: path, expected: "<name> in every <object>", received: "none")
      }
      let region = try Self.region(of: element, name, path)
      if case .line = region { skipped["object without area left out", default: 0] += 1 }
      objects.append(Object(name: name, region: region))
    }
  }

  private static func region(
    of object: XMLElement, _ name: String, _ path: String
  ) throws -> Object.Region {
    if let mask = object.first("segm")?.value("mask"), !mask.isEmpty { return .mask(mask) }
    guard let polygon = object.first("polygon") else {
      throw ContentError(
        path: path, expected: "<polygon> or <segm> in object '\(name)'", received: "neither")
    }
    let points = try polygon.all("pt").map { point in
      let numbers = try ["x", "y"].map { key in
        let text = point.value(key)
        guard let value = text.flatMap(Double.init), abs(value) < 1e9 else {
          throw ContentError(
            path: path, expected: "a number in <\(key)> of object '\(name)'",
            received: text.map { "'\($0)'" } ?? "nothing")
        }
        return value
      }
      return Point(x: numbers[0], y: numbers[1])
    }
    guard points.count > 2 else { return .line(points) }
    return object.value("type") == "bounding_box" ? .box(points) : .polygon(points)
  }

  /// The names of shapes with an area.
  var classNames: [String] {
    objects.compactMap { object in
      if case .line = object.region { return nil }
      return ClassName.trimmed(object.name)
    }
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
