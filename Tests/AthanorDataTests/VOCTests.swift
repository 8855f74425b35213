import AthanorCore
import AthanorData
import AthanorVision
import Testing

@Suite struct VOCTests {
  private func object(_ name: String, _ box: (Int, Int, Int, Int), difficult: Bool = false)
    -> String
  {
    """
    <object><name>\(name)</name><difficult>\(difficult ? 1 : 0)</difficult><bndbox>
    <xmin>\(box.0)</xmin><ymin>\(box.1)</ymin><xmax>\(box.2)</xmax><ymax>\(box.3)</ymax>
    </bndbox></object>
    """
  }

  private func folder(_ objects: [String]) throws -> TemporaryFolder {
    let folder = TemporaryFolder()
    try folder.write(blank(20, 10), to: "JPEGImages/a.jpg")
    try folder.write(blank(20, 10), to: "JPEGImages/b.jpg")
    try folder.write(
      "<?xml version=\"1.0\"?>\n<annotation>\(objects.joined())</annotation>",
      to: "Annotations/a.xml")
    try folder.write("a\nb\n", to: "ImageSets/Main/train.txt")
    return folder
  }

  private func open(_ folder: TemporaryFolder, _ options: [(String, Settings)] = []) throws
    -> any Dataset
  {
    try source("voc", [("path", .string(folder.path))] + options).open(.train)
  }

  @Test func boxesAreContinuousAndBadOnesCounted() throws {
    let folder = try folder([
      object("rbc", (1, 2, 3, 4)), object("wbc", (5, 5, 5, 5)), object("rbc", (30, 2, 40, 5)),
      object("wbc", (15, 5, 25, 10)), object("wbc", (2, 2, 6, 6), difficult: true),
    ])
    let dataset = try open(folder)
    #expect(dataset.boxClasses == ["rbc", "wbc"] && dataset.maskClasses.isEmpty)
    for _ in 0..<2 {
      let sample = try dataset.sample(at: 0)
      #expect(sample.mask == nil)
      #expect(
        sample.boxes == [
          BoundingBox(x1: 0, y1: 1, x2: 3, y2: 4, label: 0),
          BoundingBox(x1: 14, y1: 4, x2: 20, y2: 10, label: 1),
        ])
    }
    #expect(
      dataset.warnings.all.map { "\($0.count) \($0.kind)" } == [
        "1 box clipped to the image", "1 box of zero area dropped",
        "1 box outside the image dropped", "1 difficult box left out",
      ])
    #expect(try open(folder, [("difficult", .bool(true))]).sample(at: 0).boxes!.count == 3)
    let unlabelled = try dataset.sample(at: 1)
    #expect(unlabelled.boxes == nil && unlabelled.mask == nil)
  }

  @Test func whatObjectsHaveBesideABoxIsCounted() throws {
    let cat = object("cat", (1, 2, 3, 4))
    let folder = try folder([
      cat.replacing("</object>", with: "<part><name>head</name></part><polygon/></object>"),
      cat.replacing("</object>", with: "<bndbox></bndbox></object>"), object("cat", (9, 9, 3, 4)),
      object("background", (1, 2, 3, 4)), object("ignore", (1, 2, 3, 4)),
    ])
    let dataset = try open(folder)
    #expect(try dataset.sample(at: 0).boxes!.count == 2)
    #expect(
      dataset.warnings.all.map { "\($0.count) \($0.kind)" } == [
        "1 box left out whose name is no object's: background",
        "1 box left out whose name is no object's: ignore", "1 box of swapped corners dropped",
        "1 part of an object left out", "1 polygon of an object left out",
        "1 second box of an object left out",
      ])
  }

  @Test func sizesInEverySpelling() throws {
    for (size, expected) in [
      ("<size><width>20.0</width><height>1e1</height></size>", ""),
      ("<size width=\"20\" height=\"10\"/>", ""), ("<size><width/></size>", ""),
      ("<size><width>640.0</width><height>480.0</height></size>", "an image of 640×480"),
      ("<size width=\"640\" height=\"480\"/>", "an image of 640×480"),
      ("<size><width>1e300</width></size>", "the image's width as a whole number"),
      ("<size><height>nan</height></size>", "received 'nan'"),
      ("<size><height>-1</height></size>", "received '-1'"),
    ] {
      let folder = try folder([size])
      let said = message { _ = try open(folder).sample(at: 0) }
      #expect(expected.isEmpty ? said == "(no error)" : said.contains(expected), "\(said)")
    }
  }

  @Test func otherEncodingsAreNamed() throws {
    let folder = try folder([])
    try folder.write(
      Array("<annotation><filename>".utf8) + [0xC3, 0xA8, 0xB9, 0xB7]
        + Array("</filename></annotation>".utf8), to: "Annotations/a.xml")
    let said = message { _ = try open(folder).sample(at: 0) }
    #expect(said.contains("a.xml:1") && said.contains("GBK"), "\(said)")
  }

  @Test func masksByIndexAndByColour() throws {
    let folder = try folder([object("cat", (1, 1, 5, 5))])
    var mask = Image(width: 20, height: 10, channels: 1)
    mask.pixels[0] = 8
    mask.pixels[1] = 255
    try folder.write(mask, to: "SegmentationClass/a.png", palette: Colors.voc)
    let dataset = try open(folder)
    #expect(dataset.maskClasses.count == 21 && dataset.maskClasses[8] == "cat")
    #expect(try dataset.sample(at: 0).mask == mask)
    #expect(try dataset.sample(at: 1).mask == nil)

    try folder.write("# name:r,g,b\nbackground:0,0,0::\ncat:10,20,30::\n", to: "labelmap.txt")
    var colors = Image(width: 20, height: 10, channels: 3)
    colors.pixels.replaceSubrange(0..<3, with: [10, 20, 30])
    colors.pixels.replaceSubrange(3..<6, with: [224, 224, 192])
    try folder.write(colors, to: "SegmentationClass/a.png")
    let coded = try open(folder)
    #expect(coded.maskClasses == ["background", "cat"])
    #expect(coded.palette == [0, 0, 0, 10, 20, 30])
    #expect(try coded.sample(at: 0).mask!.pixels.prefix(3) == [1, 255, 0])

    colors.pixels.replaceSubrange(63..<66, with: [1, 2, 3])
    try folder.write(colors, to: "SegmentationClass/a.png")
    let said = message { _ = try open(folder).sample(at: 0) }
    #expect(said.contains("a.png") && said.contains("RGB (1, 2, 3) at pixel x 1, y 1"))
  }

  @Test func badMasks() throws {
    let folder = try folder([object("cat", (1, 1, 5, 5))])
    try folder.write(Image(width: 19, height: 10, channels: 1), to: "SegmentationClass/a.png")
    var said = message { _ = try open(folder).sample(at: 0) }
    #expect(said.contains("a.png: expected a mask of the image's size 20×10, received 19×10"))
    let high = Image(width: 20, height: 10, channels: 1, filledWith: 99)
    try folder.write(high, to: "SegmentationClass/a.png")
    said = message { _ = try open(folder).sample(at: 0) }
    #expect(said.contains("a.png: expected names for the mask values 99"))
    #expect(
      try open(folder, [("ignore", .list([.integer(99)]))]).sample(at: 0).mask!.pixels[0] == 255)
  }

  @Test func lists() throws {
    let folder = try folder([object("cat", (1, 1, 5, 5))])
    try folder.write("a\nc\n", to: "ImageSets/Main/train.txt")
    let said = message { _ = try open(folder) }
    #expect(said.contains("ImageSets/Main/train.txt") && said.contains("'c', which has no image"))
    try folder.write("a\nb\n", to: "ImageSets/Main/train.txt")
    try folder.write("b\n", to: "ImageSets/Segmentation/val.txt")
    // What val holds is never trained on.
    #expect(try open(folder).names == ["a"])
    let voc = try source("voc", [("path", .string(folder.path))])
    #expect(try voc.open(.val).names == ["b"] && voc.splits() == [.train, .val])
    let missing = message { _ = try voc.open(.test) }
    #expect(missing.contains("a split 'test'") && missing.contains("there is train and val"))
  }

  @Test func unknownClassesAndBadXML() throws {
    let folder = try folder([object("cat", (1, 1, 5, 5))])
    let classes = Settings.list([.string("cats"), .string("dog")])
    let said = message { _ = try open(folder, [("classes", classes)]) }
    #expect(said.contains("unknown class 'cats'") && said.contains("did you mean 'cat'?"))
    for (text, expected) in [
      ("<!DOCTYPE a [<!ENTITY x \"y\">]><annotation/>", "DTDs and entities are refused"),
      ("<annotation>&x;</annotation>", "known character reference"),
      ("<annotation><object></annotation>", "expected </object>, received </annotation>"),
      ("<annotation>", "expected </annotation>, received the end of the file"),
      ("<annotation/><annotation/>", "one root element"),
      ("<labels/>", "expected <annotation>"),
      ("<annotation><object><name>cat</name></object></annotation>", "expected <bndbox>"),
      (String(repeating: "<a>", count: 100), "at most 64 nested elements"),
      ("<annotation>" + object("cat", (1, 2, 3, 4)).replacing(">3<", with: ">x<"), "<xmax>"),
    ] {
      let whole = expected == "<xmax>" ? text + "</annotation>" : text
      try folder.write(whole, to: "Annotations/a.xml")
      // A file that cannot be read is the fault of its sample alone.
      let dataset = try open(folder)
      let said = message { _ = try dataset.sample(at: 0) }
      #expect(said.contains("a.xml") && said.contains(expected), "\(said)")
      #expect(try dataset.sample(at: 1).boxes == nil)
    }
  }

  @Test func missingFolders() throws {
    let gone = try source("voc", [("path", .string("/nowhere/at/all"))])
    #expect(message { _ = try gone.open(.train) }.contains("/nowhere/at/all: expected a folder"))
    let folder = TemporaryFolder()
    #expect(message { _ = try open(folder) }.contains("JPEGImages"))
    try folder.write("", to: "JPEGImages/.keep")
    #expect(message { _ = try open(folder) }.contains("received an empty folder"))
    let unnamed = try source("voc", [])
    #expect(message { _ = try unnamed.open(.train) }.contains("option 'path'"))
  }

  @Test(.enabled(if: realData != nil)) func bloodCells() throws {
    let voc = try source("voc", [("path", .string("\(realData!)/BCCD/BCCD"))])
    let counts = try Split.allCases.map { try voc.open($0).count }
    #expect(counts == [40, 14, 14])
    let train = try voc.open(.train)
    #expect(train.boxClasses == ["Platelets", "RBC", "WBC"])
    #expect(train.maskClasses.isEmpty)
    #expect(try !train.sample(at: 0).boxes!.isEmpty)
  }
}
