import AthanorCore
import AthanorData
import AthanorVision
import Foundation
import Testing

/// Files are found however people name and place them, and what is left out is counted.
@Suite struct FoundFilesTests {
  private func xml(_ name: String = "dog", size: (Int, Int)? = nil) -> String {
    let size = size.map {
      "<size><width>\($0.0)</width><height>\($0.1)</height><depth>3</depth></size>"
    }
    return """
      <annotation>\(size ?? "")<object><name>\(name)</name><bndbox><xmin>2</xmin><ymin>2</ymin>
      <xmax>5</xmax><ymax>6</ymax></bndbox></object></annotation>
      """
  }

  /// `train 3 3, val 1 1`: samples and boxes by split.
  private func counts(_ folder: TemporaryFolder, _ options: [(String, Settings)] = []) throws
    -> String
  {
    let chosen = try recogniseLayout(of: folder.path)
    let more = options.map { Settings.Entry($0.0, $0.1) }
    let report = try inspect(
      datasets.make(Selection(chosen.name, chosen.options + more), at: "data"))
    return report.splits.map { split in
      "\(split.split) \(split.samples) \(split.boxes.reduce(0) { $0 + $1.count })"
    }.joined(separator: ", ")
  }

  @Test func extensionsInAnyCase() throws {
    let yolo = TemporaryFolder()
    let jpeg = TemporaryFolder()
    try jpeg.write(blank(16, 16), to: "x.jpg")
    try yolo.write(try AtomicFile.read("\(jpeg.path)/x.jpg"), to: "images/train/A.JPG")
    try yolo.write("0 .5 .5 .5 .5\n", to: "labels/train/A.TXT")
    try yolo.write("cat\n", to: "classes.txt")
    #expect(try counts(yolo) == "train 1 1")
    let voc = TemporaryFolder()
    try voc.write(try blank(16, 16).pngData(), to: "JPEGImages/a.PNG")
    try voc.write(
      try Image(width: 16, height: 16, channels: 1).pngData(), to: "SegmentationClass/a.PNG")
    try voc.write(xml(), to: "Annotations/a.XML")
    try voc.write("a\n", to: "ImageSets/Main/train.txt")
    let sample = try source("voc", [("path", .string(voc.path))]).open(.train).sample(at: 0)
    #expect(sample.mask != nil && sample.boxes?.count == 1)
    let labelme = TemporaryFolder()
    try labelme.write(try blank(16, 16).pngData(), to: "a.PNG")
    try labelme.write(
      "{\"shapes\": [{\"label\": \"x\", \"points\": [[1,1],[9,1],[9,9]]}]}", to: "a.JSON")
    #expect(try counts(labelme, [("val", .number(0))]) == "train 1 1")
  }

  @Test func hiddenAndSideFiles() throws {
    let voc = TemporaryFolder()
    try voc.write(blank(16, 16), to: "JPEGImages/a.png")
    try voc.write(xml(), to: "Annotations/a.xml")
    for file in [
      "JPEGImages/._a.png", "JPEGImages/.ipynb_checkpoints/a-checkpoint.png", "__MACOSX/._a.png",
      "Annotations/._a.xml", "JPEGImages/Thumbs.db",
    ] {
      try voc.write([0, 5, 22, 7, 0, 2, 0, 0], to: file)
    }
    #expect(try counts(voc, [("val", .number(0))]) == "train 1 1")
  }

  @Test func subfoldersKeepEqualNamesApart() throws {
    let yolo = TemporaryFolder()
    for (name, cell) in [("t0", ".2"), ("cam1/t1", ".4"), ("cam2/t1", ".6")] {
      try yolo.write(blank(20, 20), to: "images/train/\(name).png")
      try yolo.write("0 \(cell) .5 .2 .2\n", to: "labels/train/\(name).txt")
    }
    try yolo.write(blank(20, 20), to: "images/val/t0.png")
    try yolo.write("0 .8 .5 .2 .2\n", to: "labels/val/t0.txt")
    try yolo.write("cat\n", to: "classes.txt")
    #expect(try counts(yolo) == "train 3 3, val 1 1")
    let train = try source("yolo", [("path", .string(yolo.path))]).open(.train)
    #expect(train.names == ["cam1/t1", "cam2/t1", "train/t0"])
    #expect(try train.sample(at: 0).boxes == [.init(x1: 6, y1: 8, x2: 10, y2: 12, label: 0)])
    #expect(try train.sample(at: 1).boxes == [.init(x1: 10, y1: 8, x2: 14, y2: 12, label: 0)])
    let voc = TemporaryFolder()
    for name in ["x/a", "y/a"] {
      try voc.write(blank(16, 16), to: "JPEGImages/\(name).png")
      try voc.write(xml(name == "x/a" ? "cat" : "dog"), to: "Annotations/\(name).xml")
    }
    let pairs = try source("voc", [("path", .string(voc.path)), ("val", .number(0))]).open(.train)
    #expect(pairs.names == ["x/a", "y/a"] && pairs.boxClasses == ["cat", "dog"])
    #expect(try pairs.sample(at: 1).boxes![0].label == 1)
  }

  @Test func labelsWithoutImagesAndKindsNotRead() throws {
    let yolo = TemporaryFolder()
    try yolo.write(blank(20, 20), to: "images/train/a.png")
    try yolo.write("GIF89a", to: "images/train/b.gif")
    try yolo.write("0 .5 .5 .5 .5\n", to: "labels/train/a.txt")
    try yolo.write("0 .5 .5 .5 .5\n", to: "labels/train/gone.txt")
    try yolo.write("cat\n", to: "labels/train/classes.txt")
    let train = try source("yolo", [("path", .string(yolo.path))]).open(.train)
    #expect(
      train.warnings.all.map(\.kind) == [
        "image of a kind that is not read left out (.gif)", "label of no image left out",
      ])
    let gifs = TemporaryFolder()
    try gifs.write("GIF89a", to: "JPEGImages/a.gif")
    let said = message { _ = try counts(gifs) }
    #expect(said.contains("JPEG, PNG, BMP, TIFF or WebP") && said.contains(".gif"), "\(said)")
  }

  @Test func sizesOfAnotherImage() throws {
    for (size, isWrong) in [((16, 16), false), ((32, 16), true), ((0, 0), false)] {
      let voc = TemporaryFolder()
      try voc.write(blank(16, 16), to: "JPEGImages/a.png")
      try voc.write(xml(size: size), to: "Annotations/a.xml")
      let train = try source("voc", [("path", .string(voc.path)), ("val", .number(0))]).open(.train)
      let said = message { _ = try train.sample(at: 0) }
      #expect(said.contains("a.xml: expected an image of 32×16") == isWrong, "\(said)")
    }
  }

  @Test func rectanglesOfFourCorners() throws {
    for points in ["[[2,3],[6,8]]", "[[2,3],[6,3],[6,8],[2,8]]", "[[6,8],[2,3]]"] {
      let labelme = TemporaryFolder()
      try labelme.write(blank(16, 16), to: "a.png")
      try labelme.write(
        "{\"shapes\": [{\"label\": \"x\", \"shape_type\": \"rectangle\", \"points\": \(points)}]}",
        to: "a.json")
      let sample = try source("labelme", [("path", .string(labelme.path)), ("val", .number(0))])
        .open(.train).sample(at: 0)
      #expect(sample.boxes == [BoundingBox(x1: 2, y1: 3, x2: 6, y2: 8, label: 0)])
      #expect(sample.mask!.pixels.count { $0 == 1 } == 20)
    }
  }

  @Test func labelmeFilesInAFolderOfTheirOwn() throws {
    let folder = TemporaryFolder()
    try folder.write(blank(16, 16), to: "photos/a.png")
    try folder.write(
      """
      {"shapes": [{"label": "x", "points": [[1,1],[9,1],[9,9]]}], "imagePath": "../photos/a.png"}
      """, to: "jsons/a.json")
    #expect(try counts(folder, [("val", .number(0))]) == "train 1 1")
    let inner = try source(
      "labelme", [("path", .string("\(folder.path)/jsons")), ("val", .number(0))])
    let said = message { _ = try inner.open(.train).sample(at: 0) }
    #expect(said.contains("leaves the data folder") && said.contains(folder.path), "\(said)")
  }

  @Test func namesInYAML() throws {
    for (text, names) in [
      ("names: ['cat, small', dog]  # two", ["cat, small", "dog"]),
      ("names:\r\n  0: cat\r\n  1: dog # good\r\n", ["cat", "dog"]),
      ("nc: 3\nnames: [\n  'cat',\n  \"dog\",\n  emu ]\n", ["cat", "dog", "emu"]),
      ("names: {0: no, 1: '007', 2: true}", ["no", "007", "true"]),
      ("\u{FEFF}names:\n- cat\n- dog\n", ["cat", "dog"]),
    ] {
      let yolo = TemporaryFolder()
      try yolo.write(blank(20, 20), to: "images/train/a.png")
      try yolo.write("\u{FEFF}1 .5 .5 .5 .5\r\n", to: "labels/train/a.txt")
      try yolo.write(text, to: "data.yaml")
      let train = try source("yolo", [("path", .string(yolo.path))]).open(.train)
      #expect(train.boxClasses == names)
      #expect(try train.sample(at: 0).boxes![0].label == 1)
    }
  }

  @Test func otherEncodingsAreNamed() throws {
    let yolo = TemporaryFolder()
    try yolo.write(blank(20, 20), to: "images/train/a.png")
    try yolo.write("0 .5 .5 .5 .5\n", to: "labels/train/a.txt")
    let utf16: [UInt8] =
      [0xFF, 0xFE] + "cat\n".utf16.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }
    for (bytes, name) in [(utf16, "UTF-16"), ([0xC3, 0xA8, 0xB9, 0xB7, 0x0A], "GBK")] {
      try yolo.write(bytes, to: "classes.txt")
      let said = message {
        _ = try source("yolo", [("path", .string(yolo.path))]).open(.train)
      }
      #expect(said.contains("classes.txt") && said.contains(name), "\(said)")
    }
  }

  @Test func namesThatOthersResemble() throws {
    let folder = TemporaryFolder()
    for name in ["A", "a"] {
      try folder.write(blank(16, 16), to: "\(name).png")
      try folder.write(
        "{\"shapes\": [{\"label\": \"\(name)\", \"points\": [[1,1],[9,1],[9,9]]}]}",
        to: "\(name).json")
    }
    let train = try recognised(folder, [("val", .number(0))]).source.open(.train)
    for index in 0..<2 {
      let sample = try train.sample(at: index)
      #expect(train.boxClasses[sample.boxes![0].label] == sample.name)
    }
    let twice = TemporaryFolder()
    for name in ["\u{E9}", "e\u{301}"] { try twice.write(blank(8, 8), to: "images/\(name).png") }
    try twice.write(row([0]), to: "masks/x.png")
    #expect(message { _ = try recognised(twice) }.contains("composed and decomposed"))
    // A name may begin with a mark that joins what stands before it.
    let marked = TemporaryFolder()
    for (place, image) in [("images", blank(2, 1)), ("masks", row([0, 1]))] {
      try marked.write(image, to: "\(place)/a.png")
      let path = "\(marked.path)/\(place)"
      #expect(rename("\(path)/a.png", "\(path)/" + "\u{301}a.png") == 0)
    }
    #expect(try recognised(marked, [("val", .number(0))]).source.open(.train).count == 1)
  }

  @Test func whatIsNoFileIsCounted() throws {
    let folder = TemporaryFolder()
    try folder.write(blank(2, 1), to: "images/a.png")
    try folder.write(row([0, 1]), to: "masks/a.png")
    try FileManager.default.createSymbolicLink(
      atPath: "\(folder.path)/images/b.png", withDestinationPath: "nowhere.png")
    #expect(mkfifo("\(folder.path)/images/c.png", 0o600) == 0)
    let kinds = try recognised(folder).source.open(.train).warnings.all.map(\.kind)
    #expect(kinds.contains("link left out that leads nowhere"))
    #expect(kinds.contains("left out, neither file nor folder"))
  }

  @Test func labelsOfOtherFoldersAreOthers() throws {
    let folder = TemporaryFolder()
    for part in ["s1/1", "s1/2"] { try folder.write(blank(2, 1), to: "images/\(part).png") }
    for part in ["s1/1", "s2/2"] { try folder.write(row([0, 1]), to: "masks/\(part).png") }
    let report = try inspect(recognised(folder, [("val", .number(0))]).source)
    #expect(report.splits[0].masks == 1 && report.splits[0].samples == 2)
    #expect(report.warnings.contains { $0.kind == "label of no image left out" })
    let labelme = TemporaryFolder()
    let text = "{\"shapes\": [{\"label\": \"x\", \"points\": [[1,1],[9,1],[9,9]]}]}"
    for part in ["s1/1", "s1/2"] { try labelme.write(blank(16, 16), to: "\(part).png") }
    for part in ["s1/1", "s2/2"] { try labelme.write(text, to: "\(part).json") }
    #expect(message { _ = try inspect(recognised(labelme).source, strict: true) }.contains("s2/2"))
  }

  @Test func imagesThatNoAnnotationNames() throws {
    let folder = TemporaryFolder()
    for name in ["train/a", "train/b", "test/c"] {
      try folder.write(blank(8, 8), to: "\(name).png")
    }
    func file(_ images: String...) -> String {
      let entries = images.enumerated().map { "{\"id\": \($0), \"file_name\": \"\($1)\"}" }
      return "{\"images\": [\(entries.joined(separator: ","))], \"annotations\": [], "
        + "\"categories\": [{\"id\": 1, \"name\": \"cat\"}]}"
    }
    try folder.write(file("a.png"), to: "annotations/instances_train.json")
    let report = try inspect(recognised(folder).source)
    #expect(
      report.warnings.contains {
        $0.kind == "image that no annotations name left out" && $0.count == 2
      })
    try folder.write(file("a.png", "./a.png"), to: "annotations/instances_train.json")
    #expect(message { _ = try recognised(folder).source.splits() }.contains("the file of 'a.png'"))
    // A file of a split that breaks off is told, whatever it is called.
    try folder.write(file("a.png"), to: "train.json")
    try folder.write(String(file("c.png").prefix(40)), to: "test.json")
    try FileManager.default.removeItem(atPath: "\(folder.path)/annotations")
    #expect(message { _ = try recognised(folder).source.splits() }.contains("test.json"))
  }

  @Test func warningsCountEachOnce() throws {
    let folder = TemporaryFolder()
    for name in ["a", "b", "c"] {
      try folder.write(blank(16, 16), to: "JPEGImages/\(name).png")
      try folder.write(
        xml().replacing("</name>", with: "</name><difficult>1</difficult>"),
        to: "Annotations/\(name).xml")
    }
    for (split, name) in [("train", "a"), ("val", "b"), ("test", "c")] {
      try folder.write("\(name)\n", to: "ImageSets/Main/\(split).txt")
    }
    let report = try inspect(recognised(folder, [("difficult", .bool(false))]).source)
    #expect(report.warnings.first { $0.kind == "difficult box left out" }?.count == 3)
  }
}
