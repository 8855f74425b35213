import AthanorCore
import AthanorData
import AthanorVision
import Testing

@Suite struct BDD100KTests {
  private func folder(_ size: String = "100k") throws -> TemporaryFolder {
    let folder = TemporaryFolder()
    for (split, name) in [("train", "a-1"), ("val", "b-2"), ("test", "c-3")] {
      try folder.write(blank(6, 1), to: "images/\(size)/\(split)/\(name).png")
    }
    return folder
  }

  private func label(_ category: String, _ box: (Double, Double, Double, Double)) -> String {
    "{\"id\": \"0\", \"category\": \"\(category)\", \"box2d\": {\"x1\": \(box.0), "
      + "\"y1\": \(box.1), \"x2\": \(box.2), \"y2\": \(box.3)}}"
  }

  @Test func boxesOfTheLaterRelease() throws {
    let folder = try folder()
    try folder.write(
      """
      [{"name": "a-1.jpg", "attributes": {"weather": "clear"}, "labels": [
        \(label("car", (1.5, 0, 3, 1))), \(label("other vehicle", (0, 0, 1, 1))),
        \(label("pedestrian", (4, 0, 5, 1)))]},
       {"labels": [\(label("car", (0, 0, 1, 1)))], "name": "elsewhere.jpg"}]
      """, to: "labels/det_20/det_train.json")
    try folder.write(
      "[{\"name\": \"b-2.jpg\", \"labels\": null}]", to: "labels/det_20/det_val.json")
    let (layout, source) = try recognised(folder)
    let train = try source.open(.train)
    #expect(layout == "bdd100k" && train.names == ["a-1"] && train.maskClasses.isEmpty)
    #expect(
      train.boxClasses == [
        "pedestrian", "rider", "car", "truck", "bus", "train", "motorcycle", "bicycle",
        "traffic light", "traffic sign", "other vehicle",
      ])
    #expect(
      try train.sample(at: 0).boxes == [
        BoundingBox(x1: 1.5, y1: 0, x2: 3, y2: 1, label: 2),
        BoundingBox(x1: 0, y1: 0, x2: 1, y2: 1, label: 10),
        BoundingBox(x1: 4, y1: 0, x2: 5, y2: 1, label: 0),
      ])
    #expect(try source.open(.val).sample(at: 0).boxes == [])
    #expect(try source.open(.test).sample(at: 0).boxes == nil)
    #expect(
      train.warnings.all.contains {
        $0.kind == "labels of an image that is not there left out" && $0.count == 1
      })
  }

  @Test func boxesOfTheFirstRelease() throws {
    let folder = try folder()
    try folder.write(
      """
      [{"name": "a-1.jpg", "labels": [\(label("motor", (1, 0, 3, 1))),
        {"category": "lane", "poly2d": [{"vertices": [[0, 0], [3, 1]], "types": "LL"}]}]}]
      """, to: "labels/bdd100k_labels_images_train.json")
    let train = try recognised(folder).source.open(.train)
    #expect(train.boxClasses[0] == "person" && train.boxClasses[6] == "motor")
    #expect(
      try train.sample(at: 0).boxes == [BoundingBox(x1: 1, y1: 0, x2: 3, y2: 1, label: 6)])
    #expect(train.warnings.all.contains { $0.kind == "label without a box left out" })
  }

  @Test func labelsInAFrameAndNamesOfNoObject() throws {
    let folder = try folder()
    try folder.write(
      """
      [{"name": "a-1.jpg", "frames": [{"timestamp": 1, "objects": [
        \(label("car", (1, 0, 3, 1))), \(label("ignore", (0, 0, 1, 1)))]}]}]
      """, to: "labels/det_20/det_train.json")
    let train = try recognised(folder).source.open(.train)
    #expect(
      try train.sample(at: 0).boxes == [BoundingBox(x1: 1, y1: 0, x2: 3, y2: 1, label: 2)])
    #expect(
      train.warnings.all.map(\.kind) == ["box left out whose name is no object's: ignore"])
    try folder.write(
      "[{\"name\": \"a-1.jpg\", \"frames\": [{}, {}]}]", to: "labels/det_20/det_train.json")
    #expect(message { _ = try recognised(folder).source.open(.train) }.contains("one frame"))
  }

  @Test func drivableLaneAndSemanticMasks() throws {
    let folder = try folder()
    try folder.write(row([2, 0, 1, 2, 255, 0]), to: "labels/drivable/masks/train/a-1.png")
    // Road curb; dashed and vertical single white; background with and without other bits.
    try folder.write(
      row([4, 6 | 16 | 32, 255, 8, 0, 7]), to: "labels/lane/masks/train/a-1.png")
    let train = try recognised(folder).source.open(.train)
    #expect(train.maskClasses == ["background", "direct", "alternative"])
    #expect(try train.sample(at: 0).mask!.pixels == [0, 1, 2, 0, 255, 1])
    let lane = try recognised(folder, [("masks", .string("lane"))]).source.open(.train)
    #expect(lane.maskClasses[1] == "crosswalk" && lane.maskClasses.count == 9)
    #expect(try lane.sample(at: 0).mask!.pixels == [5, 7, 0, 0, 1, 8])
    #expect(
      message { _ = try recognised(folder, [("masks", .string("sem_seg"))]).source.open(.train) }
        .contains("none there"))
    // Semantic masks belong to the smaller set.
    try folder.write(blank(6, 1), to: "images/10k/train/s-1.png")
    try folder.write(row([0, 13, 18, 255, 1, 2]), to: "labels/sem_seg/masks/train/s-1.png")
    let semantic = try recognised(folder, [("masks", .string("sem_seg"))]).source.open(.train)
    #expect(semantic.names == ["s-1"] && semantic.maskClasses == cityscapesClasses)
    #expect(try semantic.sample(at: 0).mask!.pixels == [0, 13, 18, 255, 1, 2])
  }

  @Test func drivableAndLaneMasksAtOnce() throws {
    let folder = try folder()
    try folder.write(row([2, 0, 1, 2, 255, 0]), to: "labels/drivable/masks/train/a-1.png")
    try folder.write(
      row([4, 6 | 16 | 32, 255, 8, 0, 7]), to: "labels/lane/masks/train/a-1.png")
    try folder.write(row([8, 8, 0, 8, 8, 8]), to: "labels/lane/masks/val/b-2.png")
    let source = try recognised(folder).source
    let train = try source.open(.train)
    #expect(train.classes.labels.keys.sorted() == ["lane", "mask"])
    let lanes = try #require(train.classes.labels["lane"])
    #expect(lanes.kind == .mask && lanes.names.count == 9 && lanes.names[1] == "crosswalk")
    let sample = try train.sample(at: 0)
    #expect(sample.mask?.pixels == [0, 1, 2, 0, 255, 1])
    #expect(sample.labels["lane"]?.mask?.pixels == [5, 7, 0, 0, 1, 8])
    // An image of one kind alone has that one.
    let other = try source.open(.val).sample(at: 0)
    #expect(other.labels.keys.sorted() == ["lane"])
    #expect(other.labels["lane"]?.mask?.pixels == [0, 0, 1, 0, 0, 0])
    // Which is called `mask` is an option; the other has its own name then, and all its classes.
    let options: [(String, Settings)] = [
      ("masks", .string("lane")), ("classes", .list([.string("crosswalk")])),
    ]
    let turned = try recognised(folder, options).source.open(.train)
    #expect(turned.classes.labels.keys.sorted() == ["drivable", "mask"])
    #expect(turned.maskClasses == ["background", "crosswalk"])
    #expect(turned.classes.labels["drivable"]?.names == ["background", "direct", "alternative"])
    #expect(try turned.sample(at: 0).labels["drivable"]?.mask?.pixels == [0, 1, 2, 0, 255, 1])
    #expect(try turned.sample(at: 0).mask?.pixels == [0, 0, 0, 0, 1, 0])
  }

  @Test func hostileFolders() throws {
    let folder = try folder()
    #expect(message { _ = try recogniseLayout(of: folder.path) }.contains("without labels/det_20/"))
    let read = { try recognised(folder).source.open(.train).sample(at: 0) }
    for (text, expected) in [
      ("{}", "expected an array"), ("[{\"labels\": []}]", "an image with a name"),
      (
        "[{\"name\": \"a-1.jpg\", \"labels\": [{\"category\": \"car\", \"box2d\": {\"x1\": 1}}]}]",
        "y2"
      ),
      ("[{\"name\": \"a-1.jpg\", \"labels\": [\(label("", (0, 0, 1, 1)))]}]", "a category"),
      ("[{\"name\": \"a-1.jpg\"", "det_train.json"), ("[] []", "the end"),
    ] {
      try folder.write(text, to: "labels/det_20/det_train.json")
      let said = message { _ = try read() }
      #expect(said.contains(expected), "\(said)")
    }
    // A path that leaves the folder names no image of it.
    try folder.write(
      "[{\"name\": \"../../secret.jpg\", \"labels\": []}]", to: "labels/det_20/det_train.json")
    #expect(try read().boxes == nil)
    try folder.write(row([3, 0, 0, 0, 0, 0]), to: "labels/drivable/masks/train/a-1.png")
    #expect(message { _ = try read() }.contains("received 3"))
    try folder.write(row([2]), to: "labels/drivable/masks/train/a-1.png")
    #expect(message { _ = try read() }.contains("image's size 6×1"))
  }
}
