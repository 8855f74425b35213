import AthanorCore
import AthanorData
import AthanorVision
import Synchronization
import Testing

@Suite struct ToolTests {
  private func small() -> SyntheticScenes.Options {
    var options = SyntheticScenes.Options()
    (options.train, options.val, options.test) = (6, 2, 1)
    (options.width, options.height) = (64, 48)
    return options
  }

  @Test func scenesSurviveTheVOCLayout() throws {
    let folder = TemporaryFolder()
    let scenes = try SyntheticScenes(small())
    let seen = Mutex<[Int]>([])
    try scenes.write(to: folder.path) { done, total in
      seen.withLock { $0.append(done) }
      #expect(total == 9)
    }
    #expect(seen.withLock { $0 } == Array(1...9))
    let voc = try source("voc", [("path", .string(folder.path))])
    for split in Split.allCases {
      let dataset = try voc.open(split)
      let labels = SyntheticScenes.classes.labels.filter { ["mask", "boxes"].contains($0.key) }
      #expect(dataset.classes.labels == labels)
      #expect(dataset.count == scenes.options.count(split))
      for index in 0..<dataset.count {
        let read = try dataset.sample(at: index)
        let made = scenes.scene(split, index)
        #expect(read.name == made.name && read.mask == made.mask && read.boxes == made.boxes)
        #expect(read.image == made.image)
      }
    }
    // Again into its own folder, but not over another's.
    try scenes.write(to: folder.path)
    let other = TemporaryFolder()
    try other.write("mine", to: "thesis.txt")
    let said = message { try scenes.write(to: other.path) }
    #expect(said.contains("expected a new or empty folder") && said.contains("thesis.txt"))
  }

  @Test func inspectCounts() throws {
    var scenes = small()
    scenes.labels += ["depth", "normals"]
    let report = try inspect(SyntheticSource(scenes))
    #expect(report.splits.map(\.samples) == [6, 2, 1])
    let train = report.splits[0]
    #expect(train.masks == 6 && train.boxed == 6 && train.unlabelled == 0)
    #expect(train.depths == 6 && train.normals == 6)
    #expect(train.pixels.reduce(0) { $0 + $1.count } == 6 * 64 * 48)
    #expect(train.imageSizes.count == 1 && train.imageSizes[0].width == 64)
    #expect(train.imageSizes[0].height == 48 && train.imageSizes[0].count == 6)
    let boxes = train.boxes.reduce(0) { $0 + $1.count }
    #expect(boxes == train.boxSizes.small + train.boxSizes.medium + train.boxSizes.large)
    #expect(boxes >= 12)
  }

  @Test func convertLabelme() throws {
    let folder = TemporaryFolder()
    try folder.write(blank(20, 10), to: "a.jpg")
    try folder.write(
      """
      {"shapes": [{"label": "nut", "shape_type": "rectangle", "points": [[2,3],[6.5,8]]}],
       "imagePath": "a.jpg"}
      """, to: "a.json")
    let labelme = try source("labelme", [("path", .string(folder.path))])
    let out = "\(folder.path)/voc"
    let summary = try convertDataset(labelme, to: out)
    #expect(summary.samples == ["train": 1] && summary.classes == ["nut"])
    let before = try labelme.open(.train).sample(at: 0)
    let voc = try source("voc", [("path", .string(out))])
    let after = try voc.open(.train).sample(at: 0)
    #expect(after.mask == before.mask && after.boxes == before.boxes)
    // It has no val, and gets none.
    #expect(try voc.splits() == [.train])
    #expect(
      try AtomicFile.read("\(folder.path)/a.jpg") == AtomicFile.read("\(out)/JPEGImages/a.jpg"))
    #expect(message { _ = try convertDataset(labelme, to: folder.path) }.contains("what is read"))
  }

  @Test func buildDividesAndResizes() throws {
    var scenes = small()
    (scenes.train, scenes.val, scenes.test) = (20, 10, 10)
    let folder = TemporaryFolder()
    var options = BuildOptions()
    (options.width, options.height) = (32, 32)
    var division = SplitOptions()
    (division.val, division.test) = (0.1, 0.2)
    options.division = division
    scenes.labels = ["mask", "boxes", "depth", "class"]
    #expect(
      message { _ = try buildDataset(try SyntheticSource(scenes), to: folder.path, options) }
        .contains("received class and depth as well"))
    scenes.labels = ["mask", "boxes"]
    let summary = try buildDataset(try SyntheticSource(scenes), to: folder.path, options)
    #expect(summary.samples == ["train": 28, "val": 4, "test": 8])
    let voc = try source("voc", [("path", .string(folder.path))])
    var names: [String] = []
    for split in Split.allCases {
      let dataset = try voc.open(split)
      names += dataset.names
      let sample = try dataset.sample(at: 0)
      #expect(sample.image.width == 32 && sample.image.height == 32)
      #expect(sample.mask!.pixels.allSatisfy { $0 < 7 })
      let original = try SyntheticScenes(scenes)
      let parts = sample.name.split(separator: "_")
      let boxes = original.scene(Split(rawValue: String(parts[0]))!, Int(parts[1])!).boxes!
      #expect(sample.boxes!.map(\.label) == boxes.map(\.label))
      #expect(zip(sample.boxes!, boxes).allSatisfy { abs($0.x2 - $1.x2 / 2) < 1e-3 })
    }
    #expect(Set(names).count == 40)
    options.division!.test = 1.5
    #expect(
      message { _ = try buildDataset(try SyntheticSource(scenes), to: folder.path, options) }
        .contains("test: expected a share in 0…1, received 1.5"))
  }

  @Test func buildKeepsSplitsAndGroups() throws {
    let folder = TemporaryFolder()
    var scenes = small()
    (scenes.train, scenes.val, scenes.test) = (8, 2, 0)
    let kept = try buildDataset(
      try SyntheticSource(scenes), to: "\(folder.path)/kept")
    #expect(kept.samples == ["train": 8, "val": 2])
    var options = BuildOptions()
    var division = SplitOptions()
    (division.val, division.group) = (0.2, "^(val|train)")
    options.division = division
    let grouped = try buildDataset(
      try SyntheticSource(scenes), to: "\(folder.path)/grouped", options)
    // All of train_… are one group, all of val_… another.
    #expect(grouped.samples.values.sorted() == [2, 8])
  }

  @Test(.enabled(if: realData != nil)) func boxesAloneAndMasksAlone() throws {
    let folder = TemporaryFolder()
    let cells = try source("voc", [("path", .string("\(realData!)/BCCD/BCCD"))])
    let summary = try convertDataset(cells, to: "\(folder.path)/cells")
    #expect(summary.warnings.contains { $0.kind == "box of zero area dropped" && $0.count == 1 })
    let copy = try source("voc", [("path", .string("\(folder.path)/cells"))]).open(.train)
    #expect(copy.classes == (try cells.open(.train).classes))
    #expect(try copy.sample(at: 3).boxes == cells.open(.train).sample(at: 3).boxes)
    let streets = try source("camvid", [("path", .string("\(realData!)/CamVid_segnet/CamVid"))])
    _ = try convertDataset(streets, to: "\(folder.path)/streets")
    let masks = try source("voc", [("path", .string("\(folder.path)/streets"))]).open(.val)
    #expect(masks.classes == (try streets.open(.val).classes))
    #expect(try masks.sample(at: 0).mask == streets.open(.val).sample(at: 0).mask)
  }

  @Test func optionsAreChecked() {
    #expect(
      message { _ = try source("synthetic", [("min_objects", .integer(9))]) }
        .contains("max_objects: expected 9…200, received 6"))
    #expect(
      message { _ = try source("synthetic", [("trian", .integer(9))]) }
        .contains("did you mean 'train'?"))
    #expect(message { _ = try source("vok", []) }.contains("did you mean 'voc'?"))
  }

  @Test func onlyWhatLiesInTheFolderIsReplaced() throws {
    let folder = TemporaryFolder()
    let scenes = try Scenes.boxes(in: folder)
    let out = "\(folder.path)/out"
    try folder.write("precious", to: "victim/file.txt")
    try folder.write(
      "{\"kind\": \"data convert\", \"entries\": [\"../victim\"]}", to: "out/.athanor-data.json")
    _ = try convertDataset(scenes, to: out)
    #expect(DataTree.isFile("\(folder.path)/victim/file.txt"))
    #expect(DataTree.isFolder("\(out)/JPEGImages"))
    #expect(!DataTree.isFolder("\(out)/.athanor-replaced"))
  }

  @Test func concurrentWorkEndsAtTheFirstError() throws {
    let begun = Mutex(0)
    #expect(throws: ContentError.self) {
      _ = try concurrently(Array(0..<10_000)) { index in
        begun.withLock { $0 += 1 }
        if index == 3 { throw ContentError(path: "3", expected: "another", received: "this") }
      }
    }
    #expect(begun.withLock { $0 } < 10_000)
  }
}
