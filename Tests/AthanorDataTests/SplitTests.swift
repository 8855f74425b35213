import AthanorCore
import AthanorData
import AthanorVision
import Testing

/// Splits are found under every name, never overlap, and keep groups together.
@Suite struct SplitTests {
  @Test(arguments: [
    ("train", Split.train), ("Training", .train), ("train2017", .train), ("trainval", .train),
    ("val", .val), ("valid", .val), ("validation", .val), ("images_val", .val), ("dev", .val),
    ("test", .test), ("testing", .test), ("test-dev2015", nil), ("image_2", nil), ("default", nil),
    ("retrain", nil), ("train_val", nil),
  ])
  func names(_ name: String, _ split: Split?) {
    #expect(Split(named: name) == split)
  }

  private func voc(_ lists: [String: String]) throws -> TemporaryFolder {
    let folder = TemporaryFolder()
    for name in ["my image 1", "b", "Zürich 2", "c.d"] {
      try folder.write(blank(8, 8), to: "JPEGImages/\(name).png")
      try folder.write("<annotation/>", to: "Annotations/\(name).xml")
    }
    for (name, text) in lists { try folder.write(text, to: "ImageSets/Main/\(name).txt") }
    return folder
  }

  private func splits(_ folder: TemporaryFolder) throws -> [String: [String]] {
    let voc = try source("voc", [("path", .string(folder.path))])
    return Dictionary(
      uniqueKeysWithValues: try voc.splits().map { ($0.rawValue, try voc.open($0).names) })
  }

  @Test func listsHoldWholeNames() throws {
    // Decomposed and composed spellings are one name.
    let folder = try voc([
      "train": "\u{FEFF}my image 1\r\nb  1\r\n# a remark\r\n", "val": "Zu\u{308}rich 2.png\n",
    ])
    #expect(try splits(folder) == ["train": ["b", "my image 1"], "val": ["Zürich 2"]])
    let dotted = try voc(["train": "c.d\nJPEGImages/b.png\n"])
    #expect(try splits(dotted) == ["train": ["b", "c.d"]])
    let wrong = try voc(["train": "bb\n"])
    #expect(message { _ = try splits(wrong) }.contains("did you mean 'b'?"))
  }

  @Test func listsUnderOtherNames() throws {
    #expect(
      try splits(voc(["training": "b\n", "validation": "c.d\n", "aeroplane_train": "zzz\n"]))
        == ["train": ["b"], "val": ["c.d"]])
    #expect(
      try splits(voc(["trainval": "b\n", "test": "c.d\n"])) == ["train": ["b"], "test": ["c.d"]])
    // Where train and val have lists of their own, trainval is their union.
    #expect(
      try splits(voc(["trainval": "b\nc.d\n", "train": "b\n", "val": "c.d\n"]))
        == ["train": ["b"], "val": ["c.d"]])
    // Only what is listed is part of the set; it is divided by shares.
    let all = try splits(voc(["default": "b\nc.d\n"]))
    #expect(Set(all.values.joined()) == ["b", "c.d"])
  }

  @Test func overlappingListsAreParted() throws {
    let folder = try voc(["train": "b\nc.d\n", "val": "c.d\n", "test": "b\n"])
    #expect(try splits(folder) == ["val": ["c.d"], "test": ["b"]])
    let voc = try source("voc", [("path", .string(folder.path))])
    #expect(
      try voc.open(.val).warnings.all.map(\.kind).contains {
        $0.contains("lists of train and test, kept in test")
      })
  }

  @Test func groupsStayTogether() throws {
    let folder = TemporaryFolder()
    for frame in 0..<40 {
      try folder.write(blank(8, 8), to: "images/seq\(frame / 5)_\(frame).png")
      try folder.write(
        Image(width: 8, height: 8, channels: 1), to: "masks/seq\(frame / 5)_\(frame).png")
    }
    let frames = try source(
      "folder",
      [
        ("path", .string(folder.path)), ("group", .string("seq\\d+")), ("val", .number(0.25)),
        ("test", .number(0.25)),
      ])
    var groups: [String: Set<String>] = [:]
    for split in try frames.splits() {
      let names = try frames.open(split).names
      #expect(split == .train ? names.count == 20 : names.count == 10)
      for name in names { groups[String(name.prefix(4)), default: []].insert(split.rawValue) }
    }
    #expect(groups.count == 8 && groups.values.allSatisfy { $0.count == 1 })
    let most = try source(
      "folder", [("path", .string(folder.path)), ("val", .number(0.6)), ("test", .number(0.5))])
    #expect(message { _ = try most.open(.train) }.contains("of 1 in all at the most"))
    let bad = try source("folder", [("path", .string(folder.path)), ("group", .string("("))])
    #expect(message { _ = try bad.open(.train) }.contains("group: expected a regular expression"))
  }

  @Test(arguments: [
    (["images/train2017", "labels/train2017"], ["images/val2017", "labels/val2017"]),
    (["train/images", "train/labels"], ["valid/images", "valid/labels"]),
    (["Training/Images", "Training/Labels"], ["Validation/Images", "Validation/Labels"]),
    (["images/train", "labels/train"], ["images/dev", "labels/dev"]),
  ])
  func foldersOfSplits(_ train: [String], _ val: [String]) throws {
    let yolo = TemporaryFolder()
    for (place, index) in [(train, 0), (val, 1)] {
      try yolo.write(blank(8, 8), to: "\(place[0])/\(index).png")
      try yolo.write("\(index) .5 .5 .5 .5\n", to: "\(place[1])/\(index).txt")
    }
    try yolo.write("names: [cat, dog]\n", to: "data.yaml")
    let found = try source("yolo", [("path", .string(yolo.path))])
    #expect(try found.splits() == [.train, .val])
    #expect(try found.open(.train).sample(at: 0).boxes?.map(\.label) == [0])
    #expect(try found.open(.val).sample(at: 0).boxes?.map(\.label) == [1])
  }

  @Test func placesOfDataFiles() throws {
    let yolo = TemporaryFolder()
    for (split, index) in [("train", 0), ("valid", 1), ("test", 1)] {
      try yolo.write(blank(8, 8), to: "\(split)/images/\(split)0.png")
      try yolo.write("\(index) .5 .5 .5 .5\n", to: "\(split)/labels/\(split)0.txt")
    }
    try yolo.write(
      "train: ../train/images\nval: ../valid/images\ntest: ../test/images\nnames: [cat, dog]\n",
      to: "data.yaml")
    let found = try source("yolo", [("path", .string(yolo.path))])
    #expect(try found.splits() == [.train, .val, .test])
    #expect(try found.open(.val).sample(at: 0).boxes![0].label == 1)
    // Lists of images, and one folder for two splits.
    let lists = TemporaryFolder()
    for name in ["a", "b"] {
      try lists.write(blank(8, 8), to: "data/images/\(name).png")
      try lists.write("0 .5 .5 .5 .5\n", to: "data/labels/\(name).txt")
    }
    try lists.write("./data/images/a.png\n", to: "train.txt")
    try lists.write("/home/someone/set/data/images/b.png\n", to: "val.txt")
    try lists.write("train: train.txt\nval: val.txt\nnames: [cat]\n", to: "data.yaml")
    let listed = try source("yolo", [("path", .string(lists.path))])
    #expect(try listed.open(.train).names == ["a"] && listed.open(.val).names == ["b"])
    #expect(try listed.open(.val).sample(at: 0).boxes!.count == 1)
    try lists.write("train: data/images\nval: data/images\nnames: [cat]\n", to: "data.yaml")
    let shared = try source("yolo", [("path", .string(lists.path)), ("val", .number(0.5))])
    #expect(try shared.open(.train).count == 1 && shared.open(.val).count == 1)
  }

  private func pairs(_ names: [String], _ files: [String: String] = [:]) throws -> TemporaryFolder {
    let folder = TemporaryFolder()
    for name in names {
      try folder.write(blank(2, 1), to: "images/\(name).png")
      try folder.write(row([0, 1]), to: "masks/\(name).png")
    }
    for (name, text) in files { try folder.write(text, to: name) }
    return folder
  }

  private func names(_ folder: TemporaryFolder) throws -> [String: [String]] {
    let source = try recognised(folder).source
    return Dictionary(
      uniqueKeysWithValues: try source.splits().map { ($0.rawValue, try source.open($0).names) })
  }

  @Test(arguments: [
    ["train_list.txt": "a\n", "val_list.txt": "b\n"],
    ["split/train.txt": "a\n", "lists/validation.txt": "b\n"],
    ["images/train.txt": "a.png\n", "images/val.txt": "b.png\n"],
    ["TRAIN.TXT": "/data/images/a.png\n", "VAL.TXT": "x\\b.png\n"],
  ])
  func listsAreFound(_ lists: [String: String]) throws {
    #expect(try names(pairs(["a", "b"], lists)) == ["train": ["a"], "val": ["b"]])
  }

  @Test func listsNeverMeanAnotherImage() throws {
    let folders = try pairs(["s1/1", "s1/2", "s2/1"], ["train.txt": "s1/1\ns2/2\n"])
    #expect(message { _ = try names(folders) }.contains("'s2/2', which has no image"))
    let dotted = try pairs(["frame_1", "frame_2"], ["train.txt": "frame_1.7\n"])
    #expect(message { _ = try names(dotted) }.contains("'frame_1.7'"))
  }

  @Test func masksAloneAreDivided() throws {
    let folder = TemporaryFolder()
    for (name, split) in [("a", "train"), ("b", "val")] {
      try folder.write(blank(2, 1), to: "images/\(name).png")
      try folder.write(row([0, 1]), to: "masks/\(split)/\(name).png")
    }
    #expect(try names(folder) == ["train": ["a"], "val": ["b"]])
  }

  @Test func listsOfOneClassEach() throws {
    let folder = try voc([
      "cat_train": "b 1\nc.d -1\n", "cat_val": "my image 1  -1\n", "dog_val": "Zürich 2  1\n",
    ])
    #expect(
      try splits(folder) == ["train": ["b", "c.d"], "val": ["Zürich 2", "my image 1"]])
  }

  @Test func groupsThatCannotBe() throws {
    let folder = try pairs((0..<6).map { "seq\($0 % 2)_\($0)" })
    func said(_ pattern: String) -> String {
      message { _ = try recognised(folder, [("group", .string(pattern))]).source.splits() }
    }
    #expect(said("frame").contains("group: expected a pattern"))
    #expect(said("seq").contains("(no error)") && said("seq\\d").contains("(no error)"))
  }
}
