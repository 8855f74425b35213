import AthanorCore
import AthanorData
import AthanorVision
import Testing

/// Names of 19 classes, in the order of the benchmark.
let cityscapesClasses = [
  "road", "sidewalk", "building", "wall", "fence", "pole", "traffic light", "traffic sign",
  "vegetation", "terrain", "sky", "person", "rider", "car", "truck", "bus", "train", "motorcycle",
  "bicycle",
]

/// A mask of one row.
func row(_ values: [UInt8]) -> Image {
  Image(width: values.count, height: 1, channels: 1, pixels: values)
}

/// A 16-bit PNG of one row.
func wideRow(_ values: [UInt16]) throws -> [UInt8] {
  try Image16(width: values.count, height: 1, channels: 1, pixels: values).pngData()
}

/// An RGB image of one row.
func colorRow(_ colors: [[UInt8]]) -> Image {
  Image(width: colors.count, height: 1, channels: 3, pixels: colors.flatMap(\.self))
}

/// The layout that a folder is taken for, opened.
func recognised(
  _ folder: TemporaryFolder, _ options: [(String, Settings)] = []
) throws -> (name: String, source: any DataSource) {
  let found = try recogniseLayout(of: folder.path)
  let all = found.options + options.map { Settings.Entry($0.0, $0.1) }
  return (found.name, try datasets.make(Selection(found.name, all), at: "data"))
}

@Suite struct CityscapesTests {
  private let name = "aachen/aachen_000000_000019"
  private var label: String { "gtFine/train/\(name)_gtFine_" }

  private func folder(_ width: Int = 6) throws -> TemporaryFolder {
    let folder = TemporaryFolder()
    try folder.write(blank(width, 1), to: "leftImg8bit/train/\(name)_leftImg8bit.png")
    return folder
  }

  @Test func labelIdsOfTrainingAndOfAll() throws {
    let folder = try folder()
    try folder.write(row([7, 26, 0, 9, 33, 255]), to: "\(label)labelIds.png")
    let (layout, source) = try recognised(folder)
    let train = try source.open(.train)
    #expect(layout == "cityscapes" && train.names == [name])
    #expect(train.maskClasses == cityscapesClasses && train.boxClasses.isEmpty)
    #expect(try train.sample(at: 0).mask!.pixels == [0, 13, 255, 255, 18, 255])
    let all = try recognised(folder, [("classes_as", .string("all"))]).source.open(.train)
    #expect(all.maskClasses.count == 27 && all.maskClasses[2] == "parking")
    #expect(try all.sample(at: 0).mask!.pixels == [0, 19, 255, 2, 26, 255])
    let some = try recognised(
      folder, [("classes", .list([.string("bicycle"), .string("parking"), .string("road")]))]
    ).source.open(.train)
    #expect(some.maskClasses == ["bicycle", "parking", "road"])
    #expect(try some.sample(at: 0).mask!.pixels == [2, 255, 255, 1, 0, 255])
  }

  @Test func everyKindOfMaskSaysTheSame() throws {
    let expected: [UInt8] = [0, 13, 11, 10, 255, 255]
    let objects: [UInt16] = [7, 26000, 24001, 23, 0, 255]
    let colors: [[UInt8]] = [
      [128, 64, 128], [0, 0, 142], [220, 20, 60], [70, 130, 180], [0, 0, 0], [81, 0, 81],
    ]
    for kind in ["labelIds", "labelTrainIds", "color", "instanceIds", "polygons"] {
      let folder = try folder()
      switch kind {
      case "labelIds": try folder.write(row([7, 26, 24, 23, 0, 6]), to: "\(label)labelIds.png")
      case "labelTrainIds": try folder.write(row(expected), to: "\(label)labelTrainIds.png")
      case "color": try folder.write(colorRow(colors), to: "\(label)color.png")
      case "instanceIds": try folder.write(try wideRow(objects), to: "\(label)instanceIds.png")
      default:
        let square = { (label: String, x: Int, width: Int) in
          "{\"label\": \"\(label)\", \"polygon\": [[\(x), 0], [\(x + width), 0], "
            + "[\(x + width), 1], [\(x), 1]]}"
        }
        try folder.write(
          """
          {"imgHeight": 1, "imgWidth": 6, "objects": [\(square("road", 0, 3)),
           \(square("car", 1, 1)), \(square("person", 2, 1)), \(square("sky", 3, 2)),
           \(square("license plate", 1, 1)), \(square("static", 4, 1))]}
          """, to: "\(label)polygons.json")
      }
      let train = try recognised(folder).source.open(.train)
      let sample = try train.sample(at: 0)
      #expect(sample.mask!.pixels == expected, "\(kind)")
      let hasBoxes = ["instanceIds", "polygons"].contains(kind)
      #expect(
        sample.boxes?.sorted { $0.x1 < $1.x1 }
          == (hasBoxes
            ? [
              BoundingBox(x1: 1, y1: 0, x2: 2, y2: 1, label: 2),
              BoundingBox(x1: 2, y1: 0, x2: 3, y2: 1, label: 0),
            ] : nil),
        "\(kind)")
    }
  }

  @Test func objectsAndCrowds() throws {
    let folder = try folder(8)
    try folder.write(row([7, 26, 26, 26, 7, 24, 24, 7]), to: "\(label)labelIds.png")
    try folder.write(
      try wideRow([7, 26001, 26, 26001, 7, 24, 24, 7]), to: "\(label)instanceIds.png")
    let train = try recognised(folder).source.open(.train)
    #expect(
      train.boxClasses == [
        "person", "rider", "car", "truck", "bus", "train", "motorcycle", "bicycle",
      ])
    let sample = try train.sample(at: 0)
    #expect(sample.boxes == [BoundingBox(x1: 1, y1: 0, x2: 4, y2: 1, label: 2)])
    let annotations = sample.annotations!
    #expect(
      annotations.map(\.label) == [0, 2, 2] && annotations.map(\.isCrowd) == [true, true, false])
    #expect(
      annotations.map(\.area) == [2, 1, 2] && annotations[0].x == 5 && annotations[0].width == 2)
    // Polygons have a word for crowds.
    let other = try self.folder()
    try other.write(
      """
      {"objects": [{"label": "cargroup", "polygon": [[0, 0], [2, 0], [2, 1], [0, 1]]},
       {"label": "car", "polygon": [[4, 0], [5, 0], [5, 1], [4, 1]], "deleted": 1}]}
      """, to: "\(label)polygons.json")
    let drawn = try recognised(other).source.open(.train).sample(at: 0)
    #expect(drawn.boxes == [] && drawn.annotations!.map(\.isCrowd) == [true])
    #expect(drawn.mask!.pixels == [13, 13, 255, 255, 255, 255])
  }

  @Test func splitsDummiesAndDisparities() throws {
    let folder = try folder()
    try folder.write(row([7, 7, 7, 7, 7, 7]), to: "\(label)labelIds.png")
    try folder.write(
      try wideRow([0, 1, 257, 513, 0, 129]), to: "disparity/train/\(name)_disparity.png")
    for (split, city) in [("val", "b/b_0_1"), ("test", "c/c_0_1"), ("train_extra", "d/d_0_1")] {
      try folder.write(blank(6, 1), to: "leftImg8bit/\(split)/\(city)_leftImg8bit.png")
    }
    try folder.write(row([8, 8, 8, 8, 8, 8]), to: "gtFine/val/b/b_0_1_gtFine_labelIds.png")
    try folder.write(row([0, 0, 1, 2, 3, 3]), to: "gtFine/test/c/c_0_1_gtFine_labelIds.png")
    try folder.write(
      try wideRow([0, 0, 1, 2, 3, 3]), to: "gtFine/test/c/c_0_1_gtFine_instanceIds.png")
    let source = try recognised(folder).source
    #expect(try source.splits() == [.train, .val, .test])
    let train = try source.open(.train)
    #expect(try train.names == [name] && source.open(.val).names == ["b/b_0_1"])
    #expect(try train.sample(at: 0).depth!.values == [0, 0, 1, 2, 0, 0.5])
    let test = try source.open(.test)
    let sample = try test.sample(at: 0)
    #expect(sample.mask == nil && sample.boxes == nil)
    #expect(test.warnings.all.map(\.kind).contains("label of void alone taken for none"))
    #expect(
      train.warnings.all.map(\.kind).contains("image of train_extra without labels left out"))
    // Coarse labels serve the rest.
    try folder.write(
      row([7, 7, 7, 7, 7, 8]), to: "gtCoarse/train_extra/d/d_0_1_gtCoarse_labelIds.png")
    let coarse = try recognised(folder, [("labels", .string("coarse"))]).source.open(.train)
    let place = coarse.names.firstIndex(of: "d/d_0_1")!
    #expect(try coarse.sample(at: place).mask!.pixels == [0, 0, 0, 0, 0, 1])
  }

  @Test func hostileFolders() throws {
    let folder = try folder()
    #expect(message { _ = try recogniseLayout(of: folder.path) }.contains("without gtFine/"))
    try folder.write(row([7, 99, 7, 7, 7, 7]), to: "\(label)labelIds.png")
    let read = { try recognised(folder).source.open(.train).sample(at: 0) }
    #expect(message { _ = try read() }.contains("received 99"))
    try folder.write(row([7, 7]), to: "\(label)labelIds.png")
    #expect(message { _ = try read() }.contains("expected a mask of the image's size 6×1"))
    try folder.write(row([7, 7, 7, 7, 7, 7]), to: "\(label)labelIds.png")
    try folder.write(try wideRow([65000, 7, 7, 7, 7, 7]), to: "\(label)instanceIds.png")
    #expect(message { _ = try read() }.contains("instanceIds.png: expected label ids"))
    try folder.write(try wideRow([26001]), to: "\(label)instanceIds.png")
    #expect(message { _ = try read() }.contains("received 1×1"))
    let drawn = try self.folder()
    for (text, expected) in [
      ("{\"objects\": [{\"label\": \"cra\", \"polygon\": []}]}", "did you mean 'car'?"),
      ("{\"imgWidth\": 3, \"imgHeight\": 1, \"objects\": []}", "received 3×1"),
      ("{\"objects\": [{\"label\": \"car\", \"polygon\": [[1]]}]}", "two numbers"),
      ("{\"objects\": [", "polygons.json"), ("{}", "the key 'objects'"),
    ] {
      try drawn.write(text, to: "\(label)polygons.json")
      let said = message { _ = try recognised(drawn).source.open(.train).sample(at: 0) }
      #expect(said.contains(expected), "\(said)")
    }
    #expect(
      message {
        _ = try source(
          "cityscapes", [("path", .string(folder.path)), ("classes_as", .string("some"))])
      }
      .contains("train or all"))
  }
}
