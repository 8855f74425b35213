import AthanorCore
import AthanorData
import AthanorVision
import Testing

/// A layout as some people write it.
struct Spelling: Sendable, CustomTestStringConvertible {
  var testDescription: String
  var layout: String
  /// What unlabelled ground is called; nil where the layout has no masks.
  var ground: String?
  var hasBoxes = true
  var hasCategories = false
  var isDivided = true
  var write: @Sendable (TemporaryFolder) throws -> Void

  init(
    _ what: String, _ layout: String, ground: String? = nil, boxes: Bool = true,
    divided: Bool = true, _ each: @escaping @Sendable (TemporaryFolder, Scene) throws -> Void,
    then: @escaping @Sendable (TemporaryFolder) throws -> Void = { _ in }
  ) {
    (testDescription, self.layout, self.ground) = ("\(layout): \(what)", layout, ground)
    (hasBoxes, isDivided) = (boxes, divided)
    write = { folder in
      for scene in Scene.all { try each(folder, scene) }
      try then(folder)
    }
  }

  static let all = voc + coco + yolo + labelme + masks + published + tables + categories

  static let categories: [Spelling] = [("a folder a split", true), ("shares", false)].map {
    what, isDivided in
    var spelling = Spelling(what, "image_folder", boxes: false, divided: isDivided) {
      folder, scene in
      let part = isDivided ? "\(scene.split)/" : ""
      try folder.write(scene.image, to: "\(part)\(scene.category)/\(scene.letter).png")
    }
    spelling.hasCategories = true
    return spelling
  }

  static func xml(_ scene: Scene) -> String {
    "<annotation><size><width>12</width><height>8</height></size>"
      + scene.text {
        "<object><name>\($0)</name><bndbox><xmin>\($1[0] + 1)</xmin><ymin>\($1[1] + 1)</ymin>"
          + "<xmax>\($1[2])</xmax><ymax>\($1[3])</ymax></bndbox></object>"
      } + "</annotation>"
  }

  static func polygon(_ box: [Int]) -> [Int] {
    [box[0], box[1], box[2], box[1], box[2], box[3], box[0], box[3]]
  }

  static func instances(
    _ scenes: [Scene], ids: [String: Int] = ["person": 1, "car": 2], file: (Scene) -> String
  ) -> String {
    let images = scenes.map {
      "{\"id\": \"i\($0.letter)\", \"file_name\": \"\(file($0))\", \"width\": 12, \"height\": 8}"
    }
    let annotations = scenes.map { scene in
      scene.text(",") {
        "{\"image_id\": \"i\(scene.letter)\", \"category_id\": \(ids[$0]!), "
          + "\"segmentation\": [\(polygon($1))], "
          + "\"bbox\": [\($1[0]), \($1[1]), \($1[2] - $1[0]), \($1[3] - $1[1])]}"
      }
    }
    let categories = ids.sorted { $0.value < $1.value }.map {
      "{\"id\": \($0.value), \"name\": \"\($0.key)\"}"
    }
    return """
      {"annotations": [\(annotations.joined(separator: ","))],
       "images": [\(images.joined(separator: ","))],
       "categories": [\(categories.joined(separator: ","))]}
      """
  }

  static func shares(_ scene: Scene, polygons: Bool) -> String {
    scene.text { name, box in
      let numbers =
        polygons
        ? polygon(box).enumerated().map { Double($1) / ($0 % 2 == 0 ? 12 : 8) }
        : [
          Double(box[0] + box[2]) / 24, Double(box[1] + box[3]) / 16,
          Double(box[2] - box[0]) / 12, Double(box[3] - box[1]) / 8,
        ]
      return "\(name == "car" ? 1 : 0) " + numbers.map { "\($0)" }.joined(separator: " ")
    } + "\n"
  }

  static func shapes(_ scene: Scene, image: String) -> String {
    """
    {"version": "5.5.0", "imagePath": "\(image)", "imageWidth": 12, "imageHeight": 8,
     "shapes": [\(scene.text(",") { name, box in
      let points = stride(from: 0, to: 8, by: 2).map {
        "[\(polygon(box)[$0]), \(polygon(box)[$0 + 1])]"
      }
      return "{\"label\": \"\(name)\", \"shape_type\": \"polygon\", "
        + "\"points\": [\(points.joined(separator: ", "))]}"
    })]}
    """
  }

  /// ADE20K's full masks: the class in green, the object in blue, 40 apart.
  static func objects(_ scene: Scene) -> Image {
    var image = Image(width: Scene.width, height: Scene.height, channels: 3)
    for (number, object) in scene.objects.enumerated() {
      for y in object.box[1]..<object.box[3] {
        for x in object.box[0]..<object.box[2] {
          let start = 3 * (y * Scene.width + x)
          image.pixels[start + 1] = object.name == "car" ? 2 : 1
          image.pixels[start + 2] = UInt8(40 * (number + 1))
        }
      }
    }
    return image
  }

  static func list(_ folder: TemporaryFolder, _ place: String, _ form: (Scene) -> String)
    throws
  {
    for split in [Split.train, .val] {
      let lines = Scene.all.filter { $0.split == split }.map { form($0) + "\r\n" }
      try folder.write("\u{FEFF}" + lines.joined(), to: "\(place)\(split).txt")
    }
  }
}
