import AthanorCore

/// A file of `Annotations/`: the image's size and its boxes, as Pascal VOC writes them.
///
/// VOC counts pixels from 1 and includes the last: (xmin, ymin, xmax, ymax) is the continuous box
/// (xmin − 1, ymin − 1, xmax, ymax). A box whose corners coincide is a click, not a box of one
/// pixel, and is given no area.
struct VOCAnnotation: Sendable {
  struct Object: Sendable {
    var name: String
    var difficult: Bool
    /// Continuous corners x1, y1, x2, y2.
    var corners: (Float, Float, Float, Float)
  }

  var objects: [Object]

  /// Throws `FileError`, or `DatasetError` for what is no VOC annotation.
  init(contentsOf path: String) throws {
    let root = try XMLElement(contentsOf: path)
    guard root.name == "annotation" else {
      throw DatasetError(path: path, expected: "<annotation>", received: "<\(root.name)>")
    }
    objects = try root.all("object").map { object in
      guard let name = object.value("name"), !name.isEmpty else {
        throw DatasetError(path: path, expected: "<name> in every <object>", received: "none")
      }
      guard let box = object.first("bndbox") else {
        throw DatasetError(path: path, expected: "<bndbox> in object '\(name)'", received: "none")
      }
      let values = try ["xmin", "ymin", "xmax", "ymax"].map { key in
        let text = box.value(key)
        guard let value = text.flatMap(Float.init), value.isFinite else {
          throw DatasetError(
            path: path, expected: "a number in <\(key)> of object '\(name)'",
            received: text.map { "'\($0)'" } ?? "nothing")
        }
        return value
      }
      let isBox = values[2] > values[0] && values[3] > values[1]
      return Object(
        name: name, difficult: object.value("difficult") == "1",
        corners: isBox
          ? (values[0] - 1, values[1] - 1, values[2], values[3])
          : (values[0], values[1], values[0], values[1]))
    }
  }

  /// The XML of an annotation with the given boxes.
  static func text(
    name: String, file: String, width: Int, height: Int, hasMask: Bool, boxes: [BoundingBox],
    classes: [String]
  ) -> String {
    func number(_ value: Float) -> String {
      let rounded = value.rounded()
      return abs(value - rounded) < 1e-3 ? "\(Int(rounded))" : "\(value)"
    }
    var text = """
      <annotation>
        <folder>JPEGImages</folder>
        <filename>\(escapedXML(file))</filename>
        <size>
          <width>\(width)</width>
          <height>\(height)</height>
          <depth>3</depth>
        </size>
        <segmented>\(hasMask ? 1 : 0)</segmented>

      """
    for box in boxes {
      text += """
          <object>
            <name>\(escapedXML(classes[box.label]))</name>
            <pose>Unspecified</pose>
            <truncated>0</truncated>
            <difficult>0</difficult>
            <bndbox>
              <xmin>\(number(box.x1 + 1))</xmin>
              <ymin>\(number(box.y1 + 1))</ymin>
              <xmax>\(number(box.x2))</xmax>
              <ymax>\(number(box.y2))</ymax>
            </bndbox>
          </object>

        """
    }
    return text + "</annotation>\n"
  }
}
