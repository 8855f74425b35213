import AthanorCore
import AthanorData
import AthanorVision
import Testing

@Suite struct ImageFolderTests {
  private func folder(_ files: [String]) throws -> TemporaryFolder {
    let folder = TemporaryFolder()
    for (number, file) in files.enumerated() {
      try folder.write(blank(2, 1, UInt8(number)), to: file)
    }
    return folder
  }

  private func names(_ source: any DataSource, _ split: Split) throws -> [String?] {
    let dataset = try source.open(split)
    let classes = try #require(dataset.classes.labels["class"])
    return try (0..<dataset.count).map { index in
      try dataset.sample(at: index).category.map { classes.names[$0] }
    }
  }

  @Test func foldersOfSplits() throws {
    let folder = try folder([
      "train/zebra/1.png", "train/ant/deep/2.jpg", "train/ant/1.png", "val/zebra/1.png",
      "val/bee/7.png", "test/9.png",
    ])
    let selection = try recogniseLayout(of: folder.path)
    #expect(selection.name == "image_folder")
    let source = try datasets.make(selection, at: "data")
    #expect(try source.splits() == [.train, .val, .test])
    let train = try source.open(.train)
    let classes = LabelClasses(.category, ["ant", "bee", "zebra"])
    #expect(train.classes.labels == ["class": classes])
    #expect(train.names == ["ant/1", "ant/deep/2", "train/zebra/1"])
    #expect(try names(source, .train) == ["ant", "ant", "zebra"])
    #expect(try names(source, .val) == ["bee", "zebra"])
    // Images that are to be predicted have no class.
    #expect(try names(source, .test) == [nil])
    let report = try inspect(source)
    #expect(report.splits.map(\.unlabelled) == [0, 0, 1])
  }

  @Test func foldersOfClassesAlone() throws {
    let folder = try folder((0..<20).map { "\($0 % 2 == 0 ? "Cat" : "ant")/\($0).png" })
    let selection = try recogniseLayout(of: folder.path)
    #expect(selection.name == "image_folder")
    let source = try datasets.make(selection, at: "data")
    // As Python sorts them.
    #expect(try source.open(.train).classes.labels["class"]?.names == ["Cat", "ant"])
    #expect(try source.open(.train).count == 16 && source.open(.val).count == 4)
    try folder.write("Cat/0\nant/1\n", to: "val.txt")
    try folder.write((2..<20).map { "\($0).png\n" }.joined(), to: "train.txt")
    let listed = try datasets.make(recogniseLayout(of: folder.path), at: "data")
    #expect(try names(listed, .val) == ["Cat", "ant"])
  }

  @Test func chosenClasses() throws {
    let folder = try folder(["train/a/1.png", "train/b/1.png", "train/background/1.png"])
    func open(_ classes: [String]) throws -> any DataSource {
      try source(
        "image_folder",
        [("path", .string(folder.path)), ("classes", .list(classes.map { .string($0) }))])
    }
    let two = try open(["background", "a"])
    #expect(try names(two, .train) == ["a", nil, "background"])
    #expect(try two.open(.train).classes.labels["class"]?.names == ["background", "a"])
    #expect(
      try two.open(.train).warnings.all.map(\.kind).sorted() == [
        "image of a class that 'classes' leaves out", "image without labels",
      ])
    #expect(message { _ = try open(["backgroud", "a"]).open(.train) }.contains("'background'"))
  }

  /// Folders that are named for what they hold are no classes.
  @Test(arguments: [
    ["images/a.png", "labels_of_mine/a.png"], ["a.png", "b.png"], ["only/a.png"],
    ["train/images/a.png", "train/other/a.png"], ["pictures/a.png", "pictures/a.json", "x/b.png"],
    ["a_json/img.png", "a_json/label.png", "b_json/img.png"],
  ])
  func otherFolders(files: [String]) throws {
    let folder = TemporaryFolder()
    for file in files {
      if file.hasSuffix("png") {
        try folder.write(blank(2, 1), to: file)
      } else {
        try folder.write("{}", to: file)
      }
    }
    let found = try? recogniseLayout(of: folder.path).name
    #expect(found != "image_folder")
  }

  @Test func noClassAtAll() throws {
    let folder = try folder(["train/a.png", "val/b.png"])
    let plain = try source("image_folder", [("path", .string(folder.path))])
    #expect(message { _ = try plain.open(.train) }.contains("a folder of images for each class"))
    #expect(
      message { _ = try source("image_folder", [("path", .string("/nowhere"))]).open(.train) }
        .contains("expected a folder"))
  }
}
