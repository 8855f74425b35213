import AthanorCore
import AthanorData
import AthanorVision
import Testing

/// Classes are matched by name, whatever the order of the lists that name them.
@Suite struct ClassTableTests {
  /// 64×48: class "cat" on 20×20 pixels, "dog" on 20×10, in the colours or values given.
  private func mask(cat: UInt8, dog: UInt8, ground: UInt8 = 0) -> Image {
    var mask = Image(width: 64, height: 48, channels: 1, filledWith: ground)
    for y in 4..<24 { for x in 4..<24 { mask.pixels[y * 64 + x] = cat } }
    for y in 30..<40 { for x in 30..<50 { mask.pixels[y * 64 + x] = dog } }
    return mask
  }

  private func colored(_ colors: [[UInt8]]) -> Image {
    let values = mask(cat: 1, dog: 2)
    return Image(
      width: 64, height: 48, channels: 3, pixels: values.pixels.flatMap { colors[Int($0)] })
  }

  private let xml = """
    <annotation><size><width>64</width><height>48</height></size>
    <object><name>cat</name><bndbox><xmin>5</xmin><ymin>5</ymin><xmax>24</xmax><ymax>24</ymax>
    </bndbox></object>
    <object><name>dog</name><bndbox><xmin>31</xmin><ymin>31</ymin><xmax>50</xmax><ymax>40</ymax>
    </bndbox></object></annotation>
    """

  private func voc(_ mask: Image, palette: [UInt8]? = nil, files: [String: String] = [:]) throws
    -> TemporaryFolder
  {
    let folder = TemporaryFolder()
    try folder.write(blank(64, 48), to: "JPEGImages/a.png")
    try folder.write(mask, to: "SegmentationClass/a.png", palette: palette)
    try folder.write(xml, to: "Annotations/a.xml")
    for (name, text) in files { try folder.write(text, to: name) }
    return folder
  }

  /// What inspect counts in train: `name pixels boxes`.
  private func counts(_ path: String, _ options: [(String, Settings)] = []) throws -> Set<String> {
    let chosen = try recogniseLayout(of: path)
    let more = options.map { Settings.Entry($0.0, $0.1) }
    let report = try inspect(
      datasets.make(Selection(chosen.name, chosen.options + more), at: "data"))
    let train = report.splits[0]
    let names = Set(train.pixels.map(\.name) + train.boxes.map(\.name))
    return Set(
      names.map { name in
        let pixels = train.pixels.first { $0.name == name }?.count
        let boxes = train.boxes.first { $0.name == name }?.count
        return "\(name) \(pixels.map(String.init) ?? "–") \(boxes.map(String.init) ?? "–")"
      })
  }

  private func list(_ names: String...) -> Settings { .list(names.map(Settings.string)) }

  private static let map = "background:0,0,0\ncat:128,0,0\ndog:0,128,0\n"
  private let expected: Set = ["background 2472 –", "cat 400 1", "dog 200 1"]

  @Test func theOptionClassesOrdersAndDoesNotRename() throws {
    let image = colored([[0, 0, 0], [128, 0, 0], [0, 128, 0]])
    let folder = try voc(image, files: ["labelmap.txt": Self.map])
    #expect(try counts(folder.path) == expected)
    let turned = list("dog", "cat")
    #expect(try counts(folder.path, [("classes", turned)]) == expected)
    let opened = try source("voc", [("path", .string(folder.path)), ("classes", turned)])
      .open(.train)
    #expect(opened.maskClasses == ["background", "dog", "cat"])
    #expect(opened.palette == [0, 0, 0, 0, 128, 0, 128, 0, 0])
    // Fewer: the others are background. More: the one that is nowhere has nothing.
    #expect(
      try counts(folder.path, [("classes", list("dog"))]) == ["background 2872 –", "dog 200 1"])
    #expect(
      try counts(folder.path, [("classes", list("dog", "emu", "cat"))])
        == expected.union(["emu 0 0"]))
    let pair = TemporaryFolder()
    try pair.write(blank(64, 48), to: "images/a.png")
    try pair.write(image, to: "masks/a.png")
    try pair.write(Self.map, to: "labelmap.txt")
    #expect(
      try counts(pair.path, [("classes", list("background", "dog", "cat"))])
        == ["background 2472 –", "cat 400 –", "dog 200 –"])
  }

  @Test func theBackgroundIsToldByItsName() throws {
    let image = colored([[0, 0, 0], [128, 0, 0], [0, 128, 0]])
    let folder = try voc(
      image, files: ["labelmap.txt": "cat:128,0,0::\nbackground:0,0,0::\ndog:0,128,0::\n"])
    #expect(try counts(folder.path) == expected)
  }

  @Test func aPaletteDecidesByColourWhereThereIsAMap() throws {
    // Index 2 is black: the palette was sorted by some tool.
    let sorted = try voc(
      mask(cat: 1, dog: 0, ground: 2), palette: [0, 128, 0, 128, 0, 0, 0, 0, 0],
      files: ["labelmap.txt": Self.map])
    #expect(try counts(sorted.path) == expected)
    let strange = try voc(
      mask(cat: 1, dog: 2), palette: [0, 0, 0, 128, 0, 0, 9, 9, 9],
      files: ["labelmap.txt": Self.map])
    let dataset = try source("voc", [("path", .string(strange.path))]).open(.train)
    let said = message { _ = try dataset.sample(at: 0) }
    #expect(said.contains("a.png") && said.contains("RGB (9, 9, 9)"), "\(said)")
  }

  @Test func coloursOfTheStandardNeedNoTable() throws {
    let image = colored([[0, 0, 0], [64, 0, 0], [64, 0, 128]])
    let folder = try voc(image)
    #expect(try counts(folder.path).isSuperset(of: expected))
  }

  @Test func indexMasksAreNamedByWhatNamesIndices() throws {
    let folder = try voc(mask(cat: 2, dog: 1), palette: Colors.voc)
    // VOC's colours, and names that VOC has too: but 1 and 2 would be aeroplane and bicycle.
    #expect(message { _ = try counts(folder.path) }.contains("classes=[…]"))
    let standard = try voc(mask(cat: 8, dog: 12), palette: Colors.voc)
    #expect(try counts(standard.path).isSuperset(of: expected))
    let other = try voc(mask(cat: 2, dog: 1), palette: Colors.voc)
    try other.write(
      xml.replacing("cat", with: "zebra").replacing("dog", with: "apple"), to: "Annotations/a.xml")
    let said = message { _ = try counts(other.path) }
    #expect(said.contains("a.png") && said.contains("classes=[…]"), "\(said)")
    try other.write("_background_\napple\nzebra\n", to: "class_names.txt")
    #expect(
      try counts(other.path) == ["_background_ 2472 –", "zebra 400 1", "apple 200 1"])
    let named = try voc(mask(cat: 2, dog: 1))
    #expect(
      try counts(named.path, [("classes", list("dog", "cat"))]) == expected)
  }

  @Test func masksOfZeroAnd255() throws {
    let folder = TemporaryFolder()
    try folder.write(blank(64, 48), to: "images/a.png")
    try folder.write(mask(cat: 255, dog: 255), to: "masks/a.png")
    #expect(try counts(folder.path) == ["background 2472 –", "foreground 600 –"])
    #expect(
      try counts(folder.path, [("classes", list("background", "object"))])
        == ["background 2472 –", "object 600 –"])
    // With a class between, 255 is what it is everywhere.
    try folder.write(mask(cat: 1, dog: 255), to: "masks/a.png")
    #expect(try counts(folder.path) == ["0 2472 –", "1 400 –"])
  }

  @Test func masksThatNumberObjects() throws {
    let folder = TemporaryFolder()
    for (name, count) in [("a", 2), ("b", 4), ("c", 5), ("d", 1)] {
      var mask = Image(width: 32, height: 8, channels: 1)
      for object in 1...count { mask.pixels[5 * object] = UInt8(object) }
      try folder.write(blank(32, 8), to: "PNGImages/\(name).png")
      try folder.write(mask, to: "PedMasks/\(name)_mask.png")
    }
    let said = message { _ = try counts(folder.path) }
    #expect(said.contains("number the objects") && said.contains("object=NAME"), "\(said)")
    #expect(
      try counts(folder.path, [("object", .string("person")), ("val", .number(0))])
        == ["background 1012 –", "person 12 12"])
    let wide = TemporaryFolder()
    try wide.write(blank(4, 1), to: "images/a.png")
    let values = Image16(width: 4, height: 1, channels: 1, pixels: [7 * 256, 26 * 256 + 3, 0, 255])
    try wide.write(try values.pngData(), to: "masks/a.png")
    #expect(message { _ = try counts(wide.path) }.contains("divisor"))
    #expect(
      try counts(
        wide.path,
        [
          ("divisor", .integer(256)), ("classes", list("void", "road", "car")),
          ("values", .list([.integer(0), .integer(7), .integer(26)])),
        ]) == ["road 1 –", "car 1 –"])
  }

  @Test func aClassTwiceIsRefused() throws {
    let folder = try voc(mask(cat: 1, dog: 2), files: ["labelmap.txt": Self.map])
    for name in ["voc", "coco", "labelme", "yolo", "folder"] {
      let set = TemporaryFolder()
      for file in ["images/a.png", "JPEGImages/a.png", "train/a.png"] {
        try set.write(blank(64, 48), to: file)
      }
      try set.write(mask(cat: 1, dog: 2), to: "masks/a.png")
      try set.write(xml, to: "Annotations/a.xml")
      try set.write("0 .5 .5 .1 .1\n", to: "labels/a.txt")
      try set.write("cat\ndog\n", to: "classes.txt")
      try set.write("{\"shapes\": [], \"imagePath\": \"images/a.png\"}", to: "a.json")
      try set.write(
        """
        {"images": [{"id": 1, "file_name": "a.png"}], "annotations": [],
         "categories": [{"id": 1, "name": "cat"}]}
        """, to: "annotations/instances_train.json")
      let said = message {
        _ = try source(
          name, [("path", .string(set.path)), ("classes", list("cat", "dog", "cat"))]
        ).open(.train)
      }
      #expect(said.contains("classes") && said.contains("'cat' twice"), "\(name): \(said)")
    }
    let opened = try source("voc", [("path", .string(folder.path)), ("classes", list("caat"))])
    #expect(message { _ = try opened.open(.train) }.contains("did you mean 'cat'?"))
  }

  @Test func voidNamesAreIgnored() throws {
    let image = colored([[0, 0, 0], [128, 0, 0], [0, 128, 0]])
    let pair = TemporaryFolder()
    try pair.write(blank(64, 48), to: "images/a.png")
    try pair.write(image, to: "masks/a.png")
    try pair.write("0 0 0 Void\n128 0 0\tcat\n0 128 0 traffic sign\n", to: "label_colors.txt")
    #expect(try counts(pair.path) == ["cat 400 –", "traffic sign 200 –"])
    try pair.write("{}", to: "label_colors.txt")
    try pair.write("name,r,g,b\nground,0,0,0\ncat,128,0,0\ndog,0,128,0\n", to: "class_dict.csv")
    #expect(try counts(pair.path) == ["ground 2472 –", "cat 400 –", "dog 200 –"])
  }
}
