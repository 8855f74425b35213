import AthanorCore
import AthanorData
import AthanorVision

/// 12×8 pixels with rectangles of persons and cars.
struct Scene: Sendable {
  var letter: String
  var split: Split
  /// Class and x1, y1, x2, y2.
  var objects: [(name: String, box: [Int])]

  static let (width, height) = (12, 8)
  static let all = [
    Scene(
      letter: "a", split: .train, objects: [("car", [1, 1, 5, 4]), ("person", [7, 2, 9, 8])]),
    Scene(letter: "b", split: .train, objects: [("person", [0, 0, 3, 8])]),
    Scene(letter: "c", split: .val, objects: [("person", [2, 1, 4, 6]), ("car", [6, 3, 12, 5])]),
  ]

  /// What the image as a whole shows.
  var category: String { objects[0].name }

  var image: Image { blank(Self.width, Self.height, letter.utf8.first!) }

  /// A value a pixel: of the ground, or of the class of the object there.
  func values<Value>(ground: Value, _ value: (String) -> Value) -> [Value] {
    var values = [Value](repeating: ground, count: Self.width * Self.height)
    for object in objects {
      for y in object.box[1]..<object.box[3] {
        for x in object.box[0]..<object.box[2] { values[y * Self.width + x] = value(object.name) }
      }
    }
    return values
  }

  func mask(ground: UInt8 = 0, person: UInt8, car: UInt8) -> Image {
    Image(
      width: Self.width, height: Self.height, channels: 1,
      pixels: values(ground: ground) { $0 == "car" ? car : person })
  }

  func colors(ground: [UInt8], person: [UInt8], car: [UInt8]) -> Image {
    Image(
      width: Self.width, height: Self.height, channels: 3,
      pixels: values(ground: ground) { $0 == "car" ? car : person }.flatMap(\.self))
  }

  /// What is read, by the names of classes.
  struct Seen: Equatable {
    var mask: [String]?
    var boxes: Set<String>?
    var category: String?

    init(mask: [String]?, boxes: Set<String>?, category: String?) {
      (self.mask, self.boxes, self.category) = (mask, boxes, category)
    }

    init(_ sample: Sample, _ classes: DataClasses) {
      mask = sample.mask?.pixels.map { $0 == 255 ? "?" : classes.masks[Int($0)] }
      category = sample.category.map { classes.labels["class"]!.names[$0] }
      boxes = sample.boxes.map { boxes in
        Set(
          boxes.map {
            "\(classes.boxes[$0.label]) \($0.x1) \($0.y1) \($0.x2) \($0.y2)".lowercased()
          })
      }
    }
  }

  func seen(_ spelling: Spelling) -> Seen {
    Seen(
      mask: spelling.ground.map { ground in values(ground: ground) { $0 } },
      boxes: spelling.hasBoxes
        ? Set(
          objects.map { object in
            "\(object.name) " + object.box.map { "\(Float($0))" }.joined(separator: " ")
          }) : nil, category: spelling.hasCategories ? category : nil)
  }

  /// The objects in a form of text each, joined.
  func text(_ separator: String = "\n", _ form: (String, [Int]) -> String) -> String {
    objects.map { form($0.name, $0.box) }.joined(separator: separator)
  }
}
