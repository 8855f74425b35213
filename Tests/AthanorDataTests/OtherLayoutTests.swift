import AthanorCore
import AthanorData
import AthanorVision
import Testing

@Suite struct COCOTests {
  private func folder(_ annotations: String) throws -> TemporaryFolder {
    let folder = TemporaryFolder()
    try folder.write(blank(6, 4), to: "train2017/a.png")
    try folder.write(
      """
      {"images": [{"id": 7, "file_name": "a.png", "width": 6, "height": 4}],
       "categories": [{"id": 9, "name": "cat"}, {"id": 3, "name": "bus"}],
       "annotations": [\(annotations)]}
      """, to: "annotations/instances_train2017.json")
    return folder
  }

  private func open(_ folder: TemporaryFolder, _ options: [(String, Settings)] = []) throws
    -> any Dataset
  {
    try source("coco", [("path", .string(folder.path))] + options).open(.train)
  }

  @Test func polygonsRunsAndCrowds() throws {
    // Columns of 4: the runs leave out five pixels, set two, leave out the rest.
    let folder = try folder(
      """
      {"image_id": 7, "category_id": 9, "bbox": [0, 0, 2, 2], "iscrowd": 0,
       "segmentation": [[0, 0, 2, 0, 2, 2, 0, 2]]},
      {"image_id": 7, "category_id": 3, "bbox": [1, 1, 1, 2], "iscrowd": 1,
       "segmentation": {"size": [4, 6], "counts": [5, 2, 17]}},
      {"image_id": 7, "category_id": 3, "bbox": [5, 0, 1, 1], "iscrowd": 0,
       "segmentation": {"size": [4, 6], "counts": "d013"}}
      """)
    let dataset = try open(folder)
    #expect(dataset.segmentationClasses == ["background", "bus", "cat"])
    #expect(dataset.classes.categoryIDs == [.number(3), .number(9)])
    let sample = try dataset.sample(at: 0)
    #expect(sample.boxes!.map(\.label) == [1, 0])
    #expect(sample.boxes![0] == BoundingBox(x1: 0, y1: 0, x2: 2, y2: 2, label: 1))
    #expect(
      sample.mask!.pixels == [
        2, 2, 0, 0, 0, 1,
        2, 1, 0, 0, 0, 0,
        0, 1, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0,
      ])
    let cats = try open(folder, [("classes", .list([.string("cat")]))])
    #expect(cats.detectionClasses == ["cat"])
    #expect(try cats.sample(at: 0).boxes!.map(\.label) == [0])
  }

  @Test func outlinesBeyondAllPixels() throws {
    let huge = try folder(
      """
      {"image_id": 7, "category_id": 9, "bbox": [0, 0, 2, 2],
       "segmentation": [[-1.7e308, -1.7e308, 1.7e308, 1.7e308, 1.7e308, -1.7e308]]}
      """)
    #expect(try open(huge).sample(at: 0).mask!.pixels.count == 24)
  }

  @Test func badFiles() throws {
    let short = try folder(
      """
      {"image_id": 7, "category_id": 9, "bbox": [0, 0, 2, 2],
       "segmentation": {"size": [4, 6], "counts": [5]}}
      """)
    #expect(
      message { _ = try open(short).sample(at: 0) }.contains("run lengths that add up to 4·6"))
    let whole = try folder("")
    let said = message { _ = try open(whole, [("classes", .list([.string("cats")]))]) }
    #expect(said.contains("did you mean 'cat'?"))
    try short.write(
      """
      {"images": [{"id": 7, "file_name": "../../x.png", "width": 6, "height": 4}],
       "categories": [], "annotations": []}
      """, to: "annotations/instances_train2017.json")
    #expect(message { _ = try open(short) }.contains("expected a path inside"))
    let empty = TemporaryFolder()
    #expect(message { _ = try open(empty) }.contains("instances_train*.json"))
  }

  @Test(.enabled(if: realData != nil)) func tinyCOCO() throws {
    let coco = try source("coco", [("path", .string("\(realData!)/tiny_coco"))])
    let train = try coco.open(.train)
    #expect(try train.count == 13 && coco.open(.val).count == 14)
    var boxes = 0
    for index in 0..<train.count { boxes += try train.sample(at: index).boxes!.count }
    #expect(boxes > 50 && train.classes.categoryIDs.count == 80)
  }
}

@Suite struct YOLOTests {
  @Test func boxesAndPolygons() throws {
    let folder = TemporaryFolder()
    try folder.write(blank(10, 20), to: "images/train/a.png")
    try folder.write(blank(10, 20), to: "images/train/b.png")
    try folder.write("1 0.5 0.5 0.2 0.1\n", to: "labels/train/a.txt")
    try folder.write("names:\n  0: person\n  1: 'dog'\n", to: "data.yaml")
    func open() throws -> any Dataset {
      try source("yolo", [("path", .string(folder.path))]).open(.train)
    }
    let boxes = try open()
    #expect(boxes.detectionClasses == ["person", "dog"] && boxes.segmentationClasses.isEmpty)
    #expect(
      try boxes.sample(at: 0).boxes == [BoundingBox(x1: 4, y1: 9, x2: 6, y2: 11, label: 1)])
    #expect(try boxes.sample(at: 1).boxes == [])
    try folder.write("0 0 0 0.5 0 0.5 0.5 0 0.5\n", to: "labels/train/a.txt")
    let masks = try open()
    #expect(masks.segmentationClasses == ["background", "person", "dog"])
    #expect(try masks.sample(at: 0).mask!.pixels.count { $0 == 1 } == 50)
    try folder.write("5 0.5 0.5 0.2 0.1\n", to: "labels/train/a.txt")
    #expect(message { _ = try open().sample(at: 0) }.contains("a.txt: expected classes 0…1"))
    try folder.write("0 0.5 0.5\n", to: "labels/train/a.txt")
    #expect(message { _ = try open().sample(at: 0) }.contains("received '0 0.5 0.5'"))
    try folder.write("names: [cat, dog]\n", to: "data.yaml")
    try folder.write("", to: "labels/train/a.txt")
    #expect(try open().detectionClasses == ["cat", "dog"])
  }

  @Test(.enabled(if: realData != nil)) func coco128() throws {
    let options: [(String, Settings)] = [
      ("path", .string("\(realData!)/coco128_lightly")), ("images", .string("images/{split}2017")),
    ]
    for kind in ["object_detection", "instance_segmentation"] {
      let yolo = try source(
        "yolo",
        options + [
          ("labels", .string("\(kind)/labels/{split}2017")),
          ("names", .string("\(kind)/config.yaml")),
        ])
      let train = try yolo.open(.train)
      #expect(train.count == 5)
      for index in 0..<5 { #expect(try !train.sample(at: index).boxes!.isEmpty) }
      #expect(train.segmentationClasses.isEmpty == (kind == "object_detection"))
    }
  }
}

@Suite struct MixTests {
  @Test func unionOfClassesAndPartialLabels() throws {
    let folder = TemporaryFolder()
    for name in ["a", "b"] { try folder.write(blank(8, 8), to: "pairs/images/\(name).png") }
    let mask = Image(width: 8, height: 8, channels: 1, filledWith: 1)
    try folder.write(mask, to: "pairs/masks/a.png")
    try folder.write(mask, to: "pairs/masks/b.png")
    try folder.write(blank(8, 8), to: "yolo/images/train/c.png")
    try folder.write("0 0.5 0.5 0.5 0.5\n", to: "yolo/labels/train/c.txt")
    func member(_ name: String, _ path: String, _ classes: [String]) -> Settings {
      .selection(
        name: name,
        options: [
          .init("path", .string("\(folder.path)/\(path)")),
          .init("classes", .list(classes.map(Settings.string))),
        ])
    }
    let mix = try source(
      "mix",
      [
        (
          "datasets",
          .list([
            member("folder", "pairs", ["road", "car"]), member("yolo", "yolo", ["person", "car"]),
            .selection(
              name: "synthetic",
              options: [
                .init("train", .integer(1)), .init("val", .integer(0)), .init("test", .integer(0)),
              ]),
          ])
        )
      ])
    let train = try mix.open(.train)
    #expect(train.segmentationClasses.prefix(4) == ["road", "car", "background", "disc"])
    #expect(train.detectionClasses.prefix(3) == ["person", "car", "disc"])
    #expect(train.count == 3 && train.names[1] == "c")
    let masked = try train.sample(at: 0)
    #expect(masked.boxes == nil && masked.mask == mask)
    let boxed = try train.sample(at: 1)
    #expect(boxed.mask == nil && boxed.boxes!.map(\.label) == [0])
    let both = try train.sample(at: 2)
    #expect(both.boxes!.allSatisfy { $0.label >= 2 })
    #expect(both.mask!.pixels.allSatisfy { $0 >= 2 })
    #expect(try mix.open(.val).count == 1)
    #expect(message { _ = try source("mix", []) }.contains("at least one data set"))
  }
}
