import AthanorCore
import AthanorVision

/// A file of `Annotations/`: the image's size and its boxes, as Pascal VOC writes them.
///
/// VOC counts pixels from 1 and includes the last: (xmin, ymin, xmax, ymax) is the continuous box
/// (xmin − 1, ymin − 1, xmax, ymax). A box whose corners coincide in whole numbers is a click, not
/// a box of one pixel, and has no area; `11.0` twice is a box of one pixel.
struct VOCAnnotation: Sendable {
  struct Object: Sendable {
    var name: String
    var difficult: Bool
    /// Continuous corners x1, y1, x2, y2.
    var corners: (Float, Float, Float, Float)
  }

  var objects: [Object]
  /// The size of the image that was annotated.
  var size = StatedSize()
  /// Parts of objects that are not read, by kind.
  var skipped: [String: Int] = [:]
  /// The file name of the image in the annotation.
  var imageName: String?

  /// Throws `FileError`, or `ContentError` for any other file.
  init(contentsOf path: String) throws {
    let root = try XMLElement(contentsOf: path)
    guard root.name == "annotation" else {
      throw ContentError(path: path, expected: "<annotation>", received: "<\(root.name)>")
    }
    imageName = root.value("filename")
    if let size = root.first("size") {
      self.size = try StatedSize(
        width: size.stated("width"), height: size.stated("height"), in: path)
    }
    for object in root.all("object") {
      for (kind, count) in [
        ("part of an object left out", object.all("part").count),
        ("second box of an object left out", object.all("bndbox").count - 1),
        ("polygon of an object left out", object.all("polygon").count),
      ] where count > 0 { skipped[kind, default: 0] += count }
    }
    objects = try root.all("object").map { object in
      guard let name = object.value("name"), !name.isEmpty else {
        throw ContentError(path: path, expected: "<name> in every <object>", received: "none")
      }
      guard let box = object.first("bndbox") else {
        throw ContentError(path: path, expected: "<bndbox> in object '\(name)'", received: "none")
      }
      let values = try ["xmin", "ymin", "xmax", "ymax"].map { key in
        let text = box.value(key)
        guard let value = text.flatMap(Double.init), abs(value) < 1e9 else {
          throw ContentError(
            path: path, expected: "a number in <\(key)> of object '\(name)'",
            received: text.map { "'\($0)'" } ?? "nothing")
        }
        return value
      }
      let isClick =
        values[0] == values[2] && values[1] == values[3]
        && box.value("xmin")?.contains(".") == false
      return Object(
        name: name, difficult: ["1", "true"].contains(object.value("difficult")?.lowercased()),
        corners: isClick
          ? (Float(values[0]), Float(values[1]), Float(values[0]), Float(values[1]))
          : (
            Float(values[0] - 1), Float(values[1] - 1), Float(values[2]), Float(values[3])
          ))
    }
  }

  /// The XML of an annotation from which the given boxes are read back exactly.
  static func text(
    folder: String, file: String, width: Int, height: Int, hasMask: Bool, boxes: [BoundingBox],
    classes: [String]
  ) -> String {
    // Whole numbers for whole corners, so that boxes of whole pixels stay so; otherwise the fewest
    // digits from which the corner is read back.
    func number(_ corner: Float, plus offset: Double = 0) -> String {
      if corner == corner.rounded(), abs(corner) < 1e7 { return "\(Int(corner) + Int(offset))" }
      let short = "\(corner + Float(offset))"
      let isExact = Double(short).map { Float($0 - offset) } == corner
      return isExact ? short : "\(Double(corner) + offset)"
    }
    var text = """
      <annotation>
        <folder>\(escapedXML(folder))</folder>
        <filename>\(escapedXML(file))</filename>
        <size>
          <width>\(width)</width>
          <height>\(height)</height>
          <depth>3</depth>
        </size>
        <segmented>\(hasMask ? 1 : 0)</segmented>

      """
    for box in boxes {
      // Coinciding whole corners would be read as a click.
      let isPixel = box.x1 + 1 == box.x2 && box.y1 + 1 == box.y2
      let fraction = isPixel && box.x1 == box.x1.rounded() && box.y1 == box.y1.rounded() ? ".0" : ""
      text += """
          <object>
            <name>\(escapedXML(classes[box.label]))</name>
            <pose>Unspecified</pose>
            <truncated>0</truncated>
            <difficult>0</difficult>
            <bndbox>
              <xmin>\(number(box.x1, plus: 1))\(fraction)</xmin>
              <ymin>\(number(box.y1, plus: 1))\(fraction)</ymin>
              <xmax>\(number(box.x2))\(fraction)</xmax>
              <ymax>\(number(box.y2))\(fraction)</ymax>
            </bndbox>
          </object>

        """
    }
    return text + "</annotation>\n"
  }
}
