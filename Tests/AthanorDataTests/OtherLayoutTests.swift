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
    #expect(dataset.maskClasses == ["background", "bus", "cat"])
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
    #expect(cats.boxClasses == ["cat"])
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
    #expect(boxes.boxClasses == ["person", "dog"] && boxes.maskClasses.isEmpty)
    #expect(
      try boxes.sample(at: 0).boxes == [BoundingBox(x1: 4, y1: 9, x2: 6, y2: 11, label: 1)])
    #expect(try boxes.sample(at: 1).boxes == [])
    try folder.write("0 0 0 0.5 0 0.5 0.5 0 0.5\n", to: "labels/train/a.txt")
    let masks = try open()
    #expect(masks.maskClasses == ["background", "person", "dog"])
    #expect(try masks.sample(at: 0).mask!.pixels.count { $0 == 1 } == 50)
    try folder.write("5 0.5 0.5 0.2 0.1\n", to: "labels/train/a.txt")
    #expect(message { _ = try open().sample(at: 0) }.contains("a.txt: expected classes 0…1"))
    try folder.write("0 0.5 0.5\n", to: "labels/train/a.txt")
    #expect(message { _ = try open().sample(at: 0) }.contains("received '0 0.5 0.5'"))
    try folder.write("names: [cat, dog]\n", to: "data.yaml")
    try folder.write("", to: "labels/train/a.txt")
    #expect(try open().boxClasses == ["cat", "dog"])
  }

  /// One image and label file a name; the files given besides.
  private func open(_ labels: [String: String], _ files: [String: String]) throws -> any DataSource
  {
    let folder = TemporaryFolder()
    for (name, text) in labels {
      try folder.write(blank(10, 20), to: "\(name).png")
      try folder.write(text, to: "\(name.replacing("images", with: "labels")).txt")
    }
    for (name, text) in files { try folder.write(text, to: name) }
    let opened = try source("yolo", [("path", .string(folder.path)), ("val", .number(0))])
    for split in try opened.splits() {
      let dataset = try opened.open(split)
      for index in 0..<dataset.count { _ = try dataset.sample(at: index) }
    }
    return opened
  }

  private func names(_ source: any DataSource) throws -> [Split: [String]] {
    Dictionary(uniqueKeysWithValues: try source.splits().map { ($0, try source.open($0).names) })
  }

  private func warnings(_ source: any DataSource) throws -> [String] {
    try source.open(source.splits()[0]).warnings.all.map(\.description)
  }

  private let box = "0 .5 .5 .2 .1\n"

  @Test(arguments: ["images", ".", "./"])
  func aFolderInThatOfAnotherSplit(_ train: String) throws {
    let found = try open(
      ["images/train/a": box, "images/val/b": box],
      ["data.yaml": "names: [cat]\ntrain: \(train)\nval: images/val\n"])
    #expect(try names(found) == [.train: ["train/a"], .val: ["b"]])
    #expect(
      try warnings(found) == ["1 × folder of val inside that of train, kept in val (images/val)"])
  }

  @Test func anImageIsInOneSplit() throws {
    let lists = [
      "data.yaml": "names: [cat]\ntrain: train.txt\nval: val.txt\n",
      "train.txt": "images/a.png\nimages/b.png\n", "val.txt": "images/b.png\n",
    ]
    let listed = try open(["images/a": box, "images/b": box, "images/c": box], lists)
    #expect(try names(listed) == [.train: ["a"], .val: ["b"]])
    #expect(
      try warnings(listed) == [
        "1 × image in no list or folder of the splits left out (images/c.png)",
        "1 × image in train and val, kept in val (b)",
      ])
    let mixed = try open(
      ["images/train/a": box, "images/val/b": box],
      [
        "data.yaml": "names: [cat]\ntrain: [images/train, more.txt]\nval: images/val\n",
        "more.txt": "images/val/b.png\n",
      ])
    #expect(try names(mixed) == [.train: ["a"], .val: ["b"]])
    #expect(try warnings(mixed).contains { $0.contains("kept in val (b)") })
    let empty = try open(
      ["obj_train_data/a": box, "obj_train_data/b": box],
      [
        "obj.names": "cat\n", "obj.data": "train = data/train.txt\nvalid = data/val.txt\n",
        "train.txt": "data/obj_train_data/a.png\n", "val.txt": "",
      ])
    #expect(try names(empty) == [.train: ["a"]])
    #expect(
      try warnings(empty) == [
        "1 × image in no list or folder of the splits left out (obj_train_data/b.png)",
        "1 × list of val without an image (val.txt)",
      ])
  }

  @Test func placesOfOtherTools() throws {
    let cvat = try open(
      ["obj_train_data/a": box, "obj_validation_data/b": box], ["obj.names": "cat\n"])
    #expect(try names(cvat) == [.train: ["a"], .val: ["b"]])
    let below = try open(
      ["d/images/x/a": box, "d/images/x/b": box],
      [
        "data.yaml": "names: [cat]\npath: d\ntrain: train.txt\nval: val.txt\n",
        "d/train.txt": "images/x/a.png\n", "d/val.txt": "images/x/b.png\n",
      ])
    #expect(try names(below) == [.train: ["a"], .val: ["b"]])
  }

  @Test func keyPoints() throws {
    let line = "0 .5 .5 .2 .1 .4 .4 2 .6 .6 0\n"
    let folder = TemporaryFolder()
    try folder.write(blank(10, 20), to: "images/a.png")
    try folder.write(line, to: "labels/a.txt")
    try folder.write("names: [cat]\nkpt_shape: [2, 3]\n", to: "data.yaml")
    let train = try source("yolo", [("path", .string(folder.path)), ("val", .number(0))])
      .open(.train)
    #expect(train.maskClasses.isEmpty)
    #expect(try train.sample(at: 0).boxes == [BoundingBox(x1: 4, y1: 9, x2: 6, y2: 11, label: 0)])
    #expect(
      train.warnings.all.map(\.description) == [
        "1 × key points of an object left out (images/a.png)"
      ])
    #expect(
      message { _ = try open(["images/a": line], ["data.yaml": "names: [cat]\n"]) }
        .contains("key points need kpt_shape"))
    #expect(
      message {
        _ = try open(["images/a": line], ["data.yaml": "names: [cat]\nkpt_shape: [3, 3]\n"])
      }.contains("and 9 numbers of key points"))
  }

  @Test func whatIsNoPolygonGivesNoMasks() throws {
    let folder = TemporaryFolder()
    for (name, line) in [("a", "0 .5 .5 .5 .5 .9"), ("b", "0 .5 .5 .5 .5 # cat"), ("c", box)] {
      try folder.write(blank(10, 20), to: "images/\(name).png")
      try folder.write(line, to: "labels/\(name).txt")
    }
    try folder.write(blank(10, 20), to: "images/d.png")
    try folder.write("cat\n", to: "classes.txt")
    func train() throws -> any Dataset {
      try source("yolo", [("path", .string(folder.path)), ("val", .number(0))]).open(.train)
    }
    #expect(try train().maskClasses.isEmpty)
    #expect(message { _ = try train().sample(at: 1) }.contains("# cat"))
    #expect(
      try train().warnings.all.map(\.description)
        == ["1 × image without a label file, taken as without objects (images/d.png)"])
    try folder.write("0 0 0\u{A0}.5 0 .5 .5 0 .5\n", to: "labels/c.txt")
    #expect(try train().sample(at: 2).mask!.pixels.count { $0 == 1 } == 50)
  }

  @Test func listsOfClassesThatDiffer() throws {
    let yaml = "names: [cat, dog]\n"
    for (file, text) in [("classes.txt", "dog\ncat\n"), ("dataset.yaml", "names: [dog, cat]\n")] {
      let said = message { _ = try open(["images/a": box], ["data.yaml": yaml, file: text]) }
      #expect(said.contains(file) && said.contains("data.yaml"), "\(said)")
    }
    let longer = try open(
      ["images/a": box], ["data.yaml": yaml, "classes.txt": "cat\ndog\nemu\n"])
    #expect(try warnings(longer).contains { $0.contains("list of classes of another length") })
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
      #expect(train.maskClasses.isEmpty == (kind == "object_detection"))
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
    #expect(train.maskClasses.prefix(4) == ["road", "car", "background", "disc"])
    #expect(train.boxClasses.prefix(3) == ["person", "car", "disc"])
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
