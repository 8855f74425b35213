import AthanorCore
import AthanorData
import AthanorVision
import Foundation
import Testing

/// One labelled set of scenes written in every layout and spelling: all must read back equal.
@Suite struct EveryLayoutTests {
  @Test(arguments: Spelling.all)
  func readsBackEqual(_ spelling: Spelling) throws {
    let folder = TemporaryFolder()
    try spelling.write(folder)
    let selection = try recogniseLayout(of: folder.path)
    #expect(selection.name == spelling.layout)
    let reading = try Reading(folder)
    #expect(reading.damaged.isEmpty, "\(reading.damaged)")
    #expect(Set(reading.scenes.keys) == Set(Scene.all.map(\.letter)))
    for scene in Scene.all {
      let wanted = scene.seen(spelling)
      let found = reading.scenes[scene.letter]
      #expect(found?.mask == wanted.mask, "mask of \(scene.letter)")
      #expect(found?.boxes == wanted.boxes, "boxes of \(scene.letter)")
      if spelling.isDivided { #expect(reading.splits[scene.letter] == scene.split) }
    }
  }

  /// One file after the other is damaged: what then reads otherwise must be told of.
  @Test(arguments: Spelling.all)
  func damageIsNeverSilent(_ spelling: Spelling) throws {
    let folder = TemporaryFolder()
    try spelling.write(folder)
    for file in try FileManager.default.subpathsOfDirectory(atPath: folder.path).sorted() {
      let path = "\(folder.path)/\(file)"
      guard DataTree.isFile(path) else { continue }
      let whole = try Data(contentsOf: URL(fileURLWithPath: path))
      for damage in Damage.allCases where damage.isWrong(for: file, in: spelling.layout) {
        try damage.apply(to: path, whole)
        do {
          let reading = try Reading(folder)
          for scene in Scene.all where !reading.tells {
            let wanted = scene.seen(spelling)
            let isSame = reading.scenes[scene.letter] == wanted
            #expect(isSame, "\(damage) \(file): \(scene.letter) is read otherwise in silence")
          }
        } catch {}
        try? FileManager.default.removeItem(atPath: path)
        try whole.write(to: URL(fileURLWithPath: path))
      }
    }
  }
}

/// What becomes of a file of a data set.
enum Damage: CaseIterable {
  case missing, empty, half, cyclic
  case badText
  case otherSize, outOfRange, sixteenBit

  /// Whether the file then is no other right one.
  func isWrong(for file: String, in layout: String) -> Bool {
    let isImage = ImageKind(extensionOf: file) != nil
    let isYOLO = layout == "yolo"
    switch self {
    case .missing, .cyclic: return true
    // An empty list of boxes is one.
    case .empty:
      return isImage || !file.lowercased().hasSuffix(".txt") || FileName.stem(of: file).count > 1
    // Half a table is a table.
    case .half:
      return isImage || ["xml", "json", "npy"].contains { file.lowercased().hasSuffix($0) }
    case .badText: return !isImage && !file.hasSuffix("npy") && !file.hasSuffix(".keep")
    // Shares of another size give other boxes.
    case .otherSize: return isImage && !isYOLO
    case .outOfRange, .sixteenBit: return isImage
    }
  }

  func apply(to path: String, _ whole: Data) throws {
    let url = URL(fileURLWithPath: path)
    switch self {
    case .missing: try FileManager.default.removeItem(at: url)
    case .empty: try Data().write(to: url)
    case .half: try whole.prefix(whole.count / 2).write(to: url)
    case .cyclic:
      try FileManager.default.removeItem(at: url)
      try FileManager.default.createSymbolicLink(
        atPath: path, withDestinationPath: url.lastPathComponent)
    case .badText:
      let middle = whole.count / 2
      try (whole.prefix(middle) + [0xC3, 0x28] + whole.suffix(from: middle)).write(to: url)
    case .otherSize:
      let image = try Self.image(path)
      try Data(Image(width: 5, height: 3, channels: image.channels).pngData()).write(to: url)
    case .outOfRange:
      var image = try Self.image(path)
      for i in image.pixels.indices { image.pixels[i] = UInt8(180 + i % 7) }
      try Data(image.pngData()).write(to: url)
    case .sixteenBit:
      let image = try Self.image(path)
      let pixels = image.pixels.indices.map { UInt16(40_000 + $0) }
      try Data(
        Image16(
          width: image.width, height: image.height, channels: image.channels, pixels: pixels
        ).pngData()
      ).write(to: url)
    }
  }
}

extension Damage {
  /// One channel where there is one.
  private static func image(_ path: String) throws -> Image {
    try (try? Image(contentsOf: path, as: .indices)) ?? Image(contentsOf: path, as: .color)
  }
}

/// What is read of a folder, and told of it.
private struct Reading {
  /// By the letters of the scenes.
  var scenes: [String: Scene.Seen] = [:]
  var splits: [String: Split] = [:]
  let damaged: [DataReport.Damaged]
  /// Whether something is said to be damaged, left out or without labels.
  let tells: Bool

  init(_ folder: TemporaryFolder) throws {
    let source = try datasets.make(recogniseLayout(of: folder.path), at: "data")
    let report = try inspect(source)
    damaged = report.damaged
    tells =
      !damaged.isEmpty || !report.warnings.isEmpty
      || report.splits.contains { $0.unlabelled > 0 }
      || [report.splits.map(\.masks), report.splits.map(\.boxed)].contains {
        let labelled = $0.reduce(0, +)
        return 0 < labelled && labelled < report.splits.reduce(0) { $0 + $1.samples }
      }
    for split in try source.splits() {
      let dataset = try source.open(split)
      for index in 0..<dataset.count {
        guard let sample = try? dataset.sample(at: index) else { continue }
        // Whatever stands around it, the scene's own letter ends its name.
        let letter = String(dataset.name(at: index).split(separator: "/").last!.prefix(1))
        scenes[letter] = Scene.Seen(sample, dataset.classes)
        splits[letter] = split
      }
    }
  }
}

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

    init(mask: [String]?, boxes: Set<String>?) { (self.mask, self.boxes) = (mask, boxes) }

    init(_ sample: Sample, _ classes: DataClasses) {
      mask = sample.mask?.pixels.map { $0 == 255 ? "?" : classes.segmentation[Int($0)] }
      boxes = sample.boxes.map { boxes in
        Set(
          boxes.map {
            "\(classes.detection[$0.label]) \($0.x1) \($0.y1) \($0.x2) \($0.y2)".lowercased()
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
          }) : nil)
  }

  /// The objects in a form of text each, joined.
  func text(_ separator: String = "\n", _ form: (String, [Int]) -> String) -> String {
    objects.map { form($0.name, $0.box) }.joined(separator: separator)
  }
}

/// A layout as some people write it.
struct Spelling: Sendable, CustomTestStringConvertible {
  var testDescription: String
  var layout: String
  /// What unlabelled ground is called; nil where the layout has no masks.
  var ground: String?
  var hasBoxes = true
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

  static let all = voc + coco + yolo + labelme + masks + published + tables

  // MARK: Text of the layouts

  private static func xml(_ scene: Scene) -> String {
    "<annotation><size><width>12</width><height>8</height></size>"
      + scene.text {
        "<object><name>\($0)</name><bndbox><xmin>\($1[0] + 1)</xmin><ymin>\($1[1] + 1)</ymin>"
          + "<xmax>\($1[2])</xmax><ymax>\($1[3])</ymax></bndbox></object>"
      } + "</annotation>"
  }

  private static func polygon(_ box: [Int]) -> [Int] {
    [box[0], box[1], box[2], box[1], box[2], box[3], box[0], box[3]]
  }

  private static func instances(
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

  private static func shares(_ scene: Scene, polygons: Bool) -> String {
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

  private static func shapes(_ scene: Scene, image: String) -> String {
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
  private static func objects(_ scene: Scene) -> Image {
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

  private static func list(_ folder: TemporaryFolder, _ place: String, _ form: (Scene) -> String)
    throws
  {
    for split in [Split.train, .val] {
      let lines = Scene.all.filter { $0.split == split }.map { form($0) + "\r\n" }
      try folder.write("\u{FEFF}" + lines.joined(), to: "\(place)\(split).txt")
    }
  }

  // MARK: The spellings

  private static let voc: [Spelling] = [
    .init("palette masks, class_names.txt, lists", "voc", ground: "_background_") { folder, scene in
      try folder.write(scene.image, to: "JPEGImages/\(scene.letter).png")
      try folder.write(
        scene.mask(person: 2, car: 1), to: "SegmentationClass/\(scene.letter).png",
        palette: Colors.voc)
      try folder.write(xml(scene), to: "Annotations/\(scene.letter).xml")
    } then: { folder in
      try folder.write("_background_\ncar\nperson\n", to: "class_names.txt")
      try list(folder, "ImageSets/Main/") { $0.letter }
    },
    .init("coloured masks, labelmap.txt in another order", "voc", ground: "background") {
      folder, scene in
      try folder.write(scene.image, to: "JPEGImages/\(scene.letter).png")
      try folder.write(
        scene.colors(ground: [0, 0, 0], person: [9, 8, 7], car: [1, 2, 3]),
        to: "SegmentationClass/\(scene.letter).png")
      try folder.write(xml(scene), to: "Annotations/\(scene.letter).xml")
    } then: { folder in
      try folder.write("car:1,2,3::\nbackground:0,0,0::\nperson:9,8,7::\n", to: "labelmap.txt")
      try list(folder, "ImageSets/Segmentation/") { "\($0.letter).png" }
    },
    .init("the standard's own indices", "voc", ground: "background", divided: false) {
      folder, scene in
      try folder.write(scene.image, to: "VOC2012/JPEGImages/\(scene.letter).png")
      try folder.write(
        scene.mask(person: 15, car: 7), to: "VOC2012/SegmentationClass/\(scene.letter).png")
      try folder.write(xml(scene), to: "VOC2012/Annotations/\(scene.letter).xml")
    },
    .init("a folder a split, XML beside the images", "voc") { folder, scene in
      let part = scene.split == .train ? "train" : "valid"
      try folder.write(scene.image, to: "\(part)/\(scene.letter).png")
      try folder.write(xml(scene), to: "\(part)/\(scene.letter).xml")
    },
    .init("images/ and annotations/", "voc", divided: false) { folder, scene in
      try folder.write(scene.image.pngData(), to: "images/\(scene.letter).PNG")
      try folder.write(xml(scene), to: "annotations/\(scene.letter).XML")
    },
    .init("all in one folder", "voc", divided: false) { folder, scene in
      try folder.write(scene.image, to: "\(scene.letter).png")
      try folder.write(xml(scene), to: "\(scene.letter).xml")
    },
  ]

  private static let coco: [Spelling] = [
    .init("a file a split, categories in another order", "coco", ground: "background") {
      folder, scene in
      try folder.write(scene.image, to: "\(scene.split)2017/\(scene.letter).png")
    } then: { folder in
      for split in [Split.train, .val] {
        try folder.write(
          instances(
            Scene.all.filter { $0.split == split },
            ids: split == .train ? ["person": 1, "car": 2] : ["car": 1, "person": 7]
          ) { "\($0.letter).png" }, to: "annotations/instances_\(split)2017.json")
      }
    },
    .init("a folder a split with its JSON", "coco", ground: "background") { folder, scene in
      let part = scene.split == .train ? "train" : "valid"
      try folder.write(scene.image, to: "\(part)/\(scene.letter).png")
    } then: { folder in
      for (split, part) in [(Split.train, "train"), (.val, "valid")] {
        try folder.write(
          instances(Scene.all.filter { $0.split == split }) { "\($0.letter).png" },
          to: "\(part)/_annotations.coco.json")
      }
    },
    .init("one file for all", "coco", ground: "background", divided: false) { folder, scene in
      try folder.write(scene.image, to: "images/default/\(scene.letter).png")
    } then: { folder in
      try folder.write(
        instances(Scene.all) { "default\\\\\($0.letter).png" },
        to: "annotations/instances_default.json")
    },
    .init("segments by number", "coco_panoptic", ground: "?") { folder, scene in
      try folder.write(scene.image, to: "\(scene.split)/\(scene.letter).png")
      try folder.write(
        scene.colors(ground: [0, 0, 0], person: [1, 0, 0], car: [0, 1, 0]),
        to: "annotations/panoptic_\(scene.split)/\(scene.letter).png")
    } then: { folder in
      for split in [Split.train, .val] {
        let scenes = Scene.all.filter { $0.split == split }
        let images = scenes.map {
          "{\"id\": \"\($0.letter)\", \"file_name\": \"\($0.letter).png\"}"
        }
        let annotations = scenes.map { scene in
          "{\"image_id\": \"\(scene.letter)\", \"file_name\": \"\(scene.letter).png\", "
            + "\"segments_info\": ["
            + scene.text(",") { name, box in
              "{\"id\": \(name == "car" ? 256 : 1), \"category_id\": \(name == "car" ? 3 : 1)}"
            } + "]}"
        }
        try folder.write(
          """
          {"images": [\(images.joined(separator: ","))],
           "annotations": [\(annotations.joined(separator: ","))],
           "categories": [{"id": 1, "name": "person"}, {"id": 3, "name": "car"}]}
          """, to: "annotations/panoptic_\(split).json")
      }
    },
  ]

  private static let yolo: [Spelling] = [
    .init("polygons, images/ and labels/", "yolo", ground: "background") { folder, scene in
      try folder.write(scene.image, to: "images/\(scene.split)2017/\(scene.letter).png")
      try folder.write(
        shares(scene, polygons: true), to: "labels/\(scene.split)2017/\(scene.letter).txt")
    } then: {
      try $0.write("names: {0: person, 1: car} # two\r\n", to: "data.yaml")
    },
    .init("boxes, a folder a split, data.yaml", "yolo") { folder, scene in
      let part = scene.split == .train ? "train" : "valid"
      try folder.write(scene.image, to: "\(part)/images/\(scene.letter).png")
      try folder.write(shares(scene, polygons: false), to: "\(part)/labels/\(scene.letter).TXT")
    } then: {
      try $0.write(
        "train: ../train/images\nval: ../valid/images\nnc: 2\nnames: ['person',\n  'car']\n",
        to: "data.yaml")
    },
    .init("Darknet's lists", "yolo") { folder, scene in
      try folder.write(scene.image, to: "obj_train_data/\(scene.letter).png")
      try folder.write(shares(scene, polygons: false), to: "obj_train_data/\(scene.letter).txt")
    } then: { folder in
      try folder.write("person\ncar\n", to: "obj.names")
      try folder.write(
        "classes = 2\ntrain = data/train.txt\nvalid = data/val.txt\n", to: "obj.data")
      try list(folder, "") { "data/obj_train_data/\($0.letter).png" }
    },
  ]

  private static let labelme: [Spelling] = [
    .init("beside the images, in subfolders", "labelme", ground: "background", divided: false) {
      folder, scene in
      try folder.write(scene.image, to: "cam \(scene.letter)/\(scene.letter).png")
      try folder.write(
        shapes(scene, image: "C:\\\\shots\\\\\(scene.letter).png"),
        to: "cam \(scene.letter)/\(scene.letter).json")
    },
    .init("in a folder of its own, lists", "labelme", ground: "background") { folder, scene in
      try folder.write(scene.image, to: "photos/\(scene.letter).png")
      try folder.write(
        shapes(scene, image: "../photos/\(scene.letter).png"), to: "jsons/\(scene.letter).json")
    } then: {
      try list($0, "") { $0.letter }
    },
    .init("NAME_json/", "labelme_folders", ground: "_background_", boxes: false, divided: false) {
      folder, scene in
      try folder.write(scene.image, to: "\(scene.letter)_json/img.png")
      // The names, and so the values, of each image are its own.
      let names = Array(Set(scene.objects.map(\.name))).sorted()
      let value = { (name: String) in UInt8((names.firstIndex(of: name) ?? 7) + 1) }
      try folder.write(
        scene.mask(person: value("person"), car: value("car")),
        to: "\(scene.letter)_json/label.png", palette: Colors.voc)
      try folder.write(
        (["_background_"] + names).joined(separator: "\n"),
        to: "\(scene.letter)_json/label_names.txt")
    },
    .init("MIT's XML", "labelme_xml", ground: "background", divided: false) { folder, scene in
      try folder.write(scene.image, to: "Images/one/\(scene.letter).png")
      try folder.write(
        """
        <annotation><filename>\(scene.letter).png</filename><folder>one</folder>
        <imagesize><nrows>8</nrows><ncols>12</ncols></imagesize>\(scene.text { name, box in
          "<object><name>\(name)</name><deleted>0</deleted><polygon>"
            + stride(from: 0, to: 8, by: 2).map {
              "<pt><x>\(polygon(box)[$0])</x><y>\(polygon(box)[$0 + 1])</y></pt>"
            }.joined() + "</polygon></object>"
        })</annotation>
        """, to: "Annotations/one/\(scene.letter).xml")
    },
    .init("CVAT's XML", "cvat_xml", ground: "background") { folder, scene in
      try folder.write(scene.image, to: "images/\(scene.letter).png")
    } then: { folder in
      let images = Scene.all.enumerated().map { number, scene in
        "<image id=\"\(number)\" name=\"\(scene.letter).png\" width=\"12\" height=\"8\" "
          + "subset=\"\(scene.split == .val ? "Validation" : "Train")\">"
          + scene.text { name, box in
            let points = stride(from: 0, to: 8, by: 2).map {
              "\(polygon(box)[$0]),\(polygon(box)[$0 + 1])"
            }
            return "<polygon label=\"\(name)\" points=\"\(points.joined(separator: ";"))\"/>"
          } + "</image>"
      }
      try folder.write(
        """
        <?xml version="1.0"?><annotations><version>1.1</version><meta><task><labels>
        <label><name>person</name></label><label><name>car</name></label></labels></task></meta>
        \(images.joined())</annotations>
        """, to: "annotations.xml")
    },
  ]

  private static let masks: [Spelling] = [
    .init("colours of class_dict.csv, a folder a split", "folder", ground: "ground", boxes: false) {
      folder, scene in
      try folder.write(scene.image, to: "\(scene.split)/\(scene.letter).png")
      try folder.write(
        scene.colors(ground: [5, 5, 5], person: [200, 0, 0], car: [0, 0, 200]),
        to: "\(scene.split)_labels/\(scene.letter)_L.png")
    } then: {
      try $0.write(
        "name,r,g,b\nground,5,5,5\nperson,200,0,0\ncar,0,0,200\n", to: "class_dict.csv")
    },
    .init("masks named by id2label.json", "folder", ground: "background", boxes: false) {
      folder, scene in
      try folder.write(scene.image, to: "img_dir/\(scene.split)/\(scene.letter).png")
      try folder.write(
        scene.mask(person: 1, car: 2), to: "ann_dir/\(scene.split)/\(scene.letter).png")
    } then: {
      try $0.write(
        "{\"0\": \"background\", \"1\": \"person\", \"2\": \"car\"}", to: "id2label.json")
    },
    .init("RGB masks of equal channels, lists", "folder", ground: "background", boxes: false) {
      folder, scene in
      try folder.write(scene.image, to: "images/\(scene.letter).png")
      try folder.write(
        scene.colors(ground: [0, 0, 0], person: [1, 1, 1], car: [2, 2, 2]).pngData(),
        to: "masks/\(scene.letter).PNG")
    } then: { folder in
      try folder.write("background\nperson\ncar\n", to: "class_names.txt")
      try list(folder, "") { "\($0.letter).png" }
    },
    .init("pairs in lists", "camvid", ground: "background", boxes: false) { folder, scene in
      try folder.write(scene.image, to: "im ages/\(scene.letter).png")
      try folder.write(scene.mask(person: 1, car: 2), to: "annot/\(scene.letter).png")
    } then: { folder in
      try folder.write("background\nperson\ncar\n", to: "class_names.txt")
      try list(folder, "") {
        "/data/set/im ages/\($0.letter).png /data/set/annot/\($0.letter).png"
      }
    },
  ]

  private static let published: [Spelling] = [
    .init("labelIds and instanceIds", "cityscapes", ground: "road") { folder, scene in
      let name = "\(scene.split)/bonn/\(scene.letter)_000000_000001"
      try folder.write(scene.image, to: "leftImg8bit/\(name)_leftImg8bit.png")
      try folder.write(
        scene.mask(ground: 7, person: 24, car: 26), to: "gtFine/\(name)_gtFine_labelIds.png")
      try folder.write(
        try Image16(
          width: Scene.width, height: Scene.height, channels: 1,
          pixels: scene.values(ground: 7) { $0 == "car" ? 26000 : 24000 }
        ).pngData(), to: "gtFine/\(name)_gtFine_instanceIds.png")
    },
    .init("polygons", "cityscapes", ground: "road") { folder, scene in
      let name = "\(scene.split)/bonn/\(scene.letter)_000000_000001"
      try folder.write(scene.image, to: "leftImg8bit/\(name)_leftImg8bit.png")
      let whole = [("road", [0, 0, Scene.width, Scene.height])]
      let objects = (whole + scene.objects.map { ($0.name, $0.box) }).map { label, box in
        let points = stride(from: 0, to: 8, by: 2).map {
          "[\(polygon(box)[$0]), \(polygon(box)[$0 + 1])]"
        }
        return "{\"label\": \"\(label)\", \"polygon\": [\(points.joined(separator: ","))]}"
      }
      try folder.write(
        "{\"imgWidth\": 12, \"imgHeight\": 8, \"objects\": [\(objects.joined(separator: ","))]}",
        to: "gtFine/\(name)_gtFine_polygons.json")
    },
    .init("colours", "cityscapes", ground: "road", boxes: false) { folder, scene in
      let name = "\(scene.split)/bonn/\(scene.letter)_000000_000001"
      try folder.write(scene.image, to: "leftImg8bit/\(name)_leftImg8bit.png")
      try folder.write(
        scene.colors(ground: [128, 64, 128], person: [220, 20, 60], car: [0, 0, 142]),
        to: "gtFine/\(name)_gtFine_color.png")
    },
    .init("masks and boxes as text", "kitti", ground: "road") { folder, scene in
      try folder.write(scene.image, to: "training/image_2/\(scene.letter).png")
      try folder.write(
        scene.mask(ground: 7, person: 24, car: 26), to: "training/semantic/\(scene.letter).png")
      try folder.write(
        scene.text { name, box in
          "\(name) 0.00 0 -1.57 \(box.map { "\($0).00" }.joined(separator: " ")) 1 1 1 1 1 1 0"
        }, to: "training/label_2/\(scene.letter).txt")
    } then: { folder in
      try folder.write("7 road\n24 person\n26 car\n", to: "class_names.txt")
      try list(folder, "ImageSets/") { $0.letter }
    },
    .init("the release of 2017", "ade20k", ground: "?") { folder, scene in
      let stem = "images/\(scene.split == .train ? "training" : "validation")/x/\(scene.letter)"
      try folder.write(scene.image, to: "\(stem).png")
      try folder.write(objects(scene), to: "\(stem)_seg.png")
      let lines = scene.objects.enumerated().map {
        "\($0 + 1) # 0 # 0 # \($1.name) # \($1.name) # \"\""
      }
      try folder.write(lines.joined(separator: "\n"), to: "\(stem)_atr.txt")
    },
    .init("the release of 2021", "ade20k", ground: "?") { folder, scene in
      let stem = "images/\(scene.split == .train ? "training" : "validation")/x/\(scene.letter)"
      try folder.write(scene.image, to: "\(stem).png")
      try folder.write(objects(scene), to: "\(stem)_seg.png")
      let list = scene.objects.map {
        "{\"name\": \"\($0.name)\", \"name_ndx\": \($0.name == "car" ? 2 : 1), "
          + "\"parts\": {\"part_level\": 0}}"
      }
      try folder.write(
        "{\"annotation\": {\"object\": [\(list.joined(separator: ","))]}}", to: "\(stem).json")
    },
    .init("segmentation of the benchmark", "ade20k", ground: "wall", boxes: false) {
      folder, scene in
      let part = scene.split == .train ? "training" : "validation"
      try folder.write(scene.image, to: "images/\(part)/\(scene.letter).png")
      try folder.write(
        scene.mask(ground: 1, person: 13, car: 21), to: "annotations/\(part)/\(scene.letter).png")
    } then: { folder in
      let rows = (1...21).map { number in
        let name = [1: "wall", 13: "person", 21: "car"][number] ?? "class \(number)"
        return "\(number)\t0.1\t1\t1\t0\t\(name)"
      }
      try folder.write(
        "Idx\tRatio\tTrain\tVal\tStuff\tName\n" + rows.joined(separator: "\n"),
        to: "objectInfo150.txt")
    },
    .init("detections and semantic masks", "bdd100k", ground: "road") { folder, scene in
      try folder.write(scene.image, to: "images/10k/\(scene.split)/\(scene.letter).png")
      try folder.write(
        scene.mask(person: 11, car: 13),
        to: "labels/sem_seg/masks/\(scene.split)/\(scene.letter).png")
    } then: { folder in
      for split in [Split.train, .val] {
        let scenes = Scene.all.filter { $0.split == split }.map { scene in
          "{\"name\": \"\(scene.letter).png\", \"labels\": ["
            + scene.text(",") {
              "{\"category\": \"\($0)\", \"box2d\": {\"x1\": \($1[0]), \"y1\": \($1[1]), "
                + "\"x2\": \($1[2]), \"y2\": \($1[3])}}"
            } + "]}"
        }
        try folder.write(
          "[\(scenes.joined(separator: ","))]", to: "labels/det_20/det_\(split).json")
      }
    },
  ]

  private static let tables: [Spelling] = [
    .init("a folder a split", "csv_boxes") { folder, scene in
      let part = scene.split == .train ? "train" : "valid"
      try folder.write(scene.image, to: "\(part)/\(scene.letter).png")
    } then: { folder in
      for (split, part) in [(Split.train, "train"), (.val, "valid")] {
        let rows = Scene.all.filter { $0.split == split }.map { scene in
          scene.text {
            "\(scene.letter).png,12,8,\($0),\($1.map(String.init).joined(separator: ","))"
          }
        }
        try folder.write(
          "filename,width,height,class,xmin,ymin,xmax,ymax\n" + rows.joined(separator: "\n"),
          to: "\(part)/_annotations.csv")
      }
    },
    .init("arrays", "multi_task_npy", ground: "road", boxes: false) { folder, scene in
      let place = { (part: String) in
        "\(folder.path)/\(scene.split)/\(part)/\(scene.letter).npy"
      }
      for part in ["image", "label_19", "depth"] {
        try folder.write("", to: "\(scene.split)/\(part)/.keep")
      }
      try NumPyFile.write(
        NumericArray(
          scene.image.pixels.map { Float($0) / 255 }, shape: [Scene.height, Scene.width, 3]),
        to: place("image"))
      try NumPyFile.write(
        NumericArray(
          scene.values(ground: Float(0)) { $0 == "car" ? 13 : 11 },
          shape: [Scene.height, Scene.width]), to: place("label_19"))
      try NumPyFile.write(
        NumericArray(
          [Float](repeating: 0.5, count: 96), shape: [Scene.height, Scene.width, 1]),
        to: place("depth"))
    },
  ]
}
