import AthanorCore
import AthanorData
import Testing

@Suite struct DetectTests {
  @Test func byContent() throws {
    let table = [
      ("voc", ["JPEGImages/a.jpg"]), ("coco", ["annotations/instances_train.json"]),
      ("folder", ["images/a.png", "masks/a.png"]), ("kitti", ["image_2/a.png", "semantic/a.png"]),
      ("yolo", ["images/a.png", "labels/a.txt"]),
    ]
    for (name, files) in table {
      let folder = TemporaryFolder()
      for file in files { try folder.write("0 .5 .5 .5 .5\n", to: file) }
      #expect(try recogniseLayout(of: folder.path).name == name)
    }
    let lists = TemporaryFolder()
    #expect(
      message { _ = try recogniseLayout(of: lists.path) }.contains("received an empty folder"))
    try lists.write("{\"shapes\": []}", to: "json/a.json")
    #expect(try recogniseLayout(of: lists.path).name == "labelme")
    let pairs = TemporaryFolder()
    try pairs.write("a.png b.png\n", to: "train.txt")
    let said = message { _ = try recogniseLayout(of: pairs.path) }
    #expect(said.contains("none of these") && said.contains("camvid: train.txt with pairs"))
    for file in ["a.png", "b.png"] { try pairs.write("x", to: file) }
    #expect(try recogniseLayout(of: pairs.path).name == "camvid")
    try pairs.write("x\n", to: "train.txt")
    #expect(message { _ = try recogniseLayout(of: pairs.path) }.contains("none of these"))
  }

  @Test func filesOfUTF16AreNamed() throws {
    for name in ["annotations.csv", "a.json"] {
      let folder = TemporaryFolder()
      try folder.write(blank(8, 4), to: "images/a.png")
      let text = "filename,class,xmin,ymin,xmax,ymax\n"
      try folder.write(
        [0xFF, 0xFE] + text.utf16.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }, to: name)
      let said = message { _ = try recogniseLayout(of: folder.path) }
      #expect(said.contains("\(name) is UTF-16 (little endian)"), "\(said)")
    }
  }

  @Test(.enabled(if: realData != nil)) func realFolders() throws {
    for (path, name) in [
      ("BCCD/BCCD", "voc"), ("CamVid_segnet/CamVid", "camvid"), ("tiny_coco", "coco"),
      ("labelme_nuts/images", "labelme"),
    ] {
      let selection = try recogniseLayout(of: "\(realData!)/\(path)")
      #expect(selection.name == name)
      #expect(try datasets.make(selection, at: "data").open(.train).count > 0)
    }
  }

  @Test func aTruncatedImageIsNamed() throws {
    let folder = TemporaryFolder()
    try folder.write(blank(64, 64), to: "whole.jpg")
    let bytes = try AtomicFile.read("\(folder.path)/whole.jpg")
    try folder.write(Array(bytes.prefix(bytes.count / 2)), to: "set/JPEGImages/cut.jpg")
    try folder.write([], to: "set/JPEGImages/empty.jpg")
    let voc = try source("voc", [("path", .string("\(folder.path)/set")), ("val", .number(0))])
    let train = try voc.open(.train)
    #expect(message { _ = try train.sample(at: 0) }.contains("cut.jpg"))
    #expect(message { _ = try train.sample(at: 1) }.contains("empty.jpg"))
    #expect(message { _ = try inspect(voc, strict: true) }.contains("cut.jpg"))
  }
}
