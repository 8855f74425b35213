import AthanorCore
import AthanorData
import AthanorVision
import Testing

@Suite struct DenseFolderTests {
  private func open(
    _ folder: TemporaryFolder, _ options: [(String, Settings)] = []
  ) throws -> any Dataset {
    try source("folder", [("path", .string(folder.path)), ("val", .number(0))] + options)
      .open(.train)
  }

  @Test func depthAndNormalsBesideMasks() throws {
    let folder = TemporaryFolder()
    for name in ["a", "b"] {
      try folder.write(blank(2, 1), to: "images/\(name).png")
      try folder.write(
        Image(width: 2, height: 1, channels: 1, pixels: [0, 1]), to: "masks/\(name).png")
    }
    let depth = Image16(width: 2, height: 1, channels: 1, pixels: [0, 1500])
    try folder.write(try depth.pngData(), to: "depth/a.png")
    try folder.write([Float(1), 2.5], shape: [1, 2], to: "depth/b.npy")
    try folder.write(
      Image(width: 2, height: 1, channels: 3, pixels: [0, 0, 0, 255, 128, 127]), to: "normals/a.png"
    )
    let stored = try open(folder)
    #expect(try stored.sample(at: 0).depth?.values == [0, 1500])
    #expect(try stored.sample(at: 1).depth?.values == [1, 2.5])
    #expect(try stored.sample(at: 1).normals == nil && stored.sample(at: 1).mask != nil)
    let normals = try #require(try stored.sample(at: 0).normals?.values)
    #expect(normals[..<3] == [0, 0, 0] && normals[3] > 0.9999 && abs(normals[4]) < 0.005)
    let metres = try open(folder, [("depth_scale", .number(1000))])
    #expect(try metres.sample(at: 0).depth?.values == [0, 1.5])
    try folder.write(blank(3, 1), to: "normals/a.png")
    #expect(message { _ = try stored.sample(at: 0) }.contains("normals/a.png: expected a map"))
    try folder.write(blank(2, 1), to: "depth/a.png")
    #expect(message { _ = try stored.sample(at: 0) }.contains("received colours"))
    #expect(message { _ = try open(folder, [("depth_scale", .number(0))]) }.contains("depth_scale"))
  }

  @Test func masksBesideImages() throws {
    let folder = TemporaryFolder()
    for (split, value) in [("train", UInt8(1)), ("valid", 0)] {
      try folder.write(blank(2, 1), to: "\(split)/x_jpg.rf.1a.jpg")
      try folder.write(
        Image(width: 2, height: 1, channels: 1, pixels: [0, value]),
        to: "\(split)/x_jpg.rf.1a_mask.png")
      try folder.write("Pixel Value, Class\n0, background\n1, nut\n", to: "\(split)/_classes.csv")
    }
    let selection = try recogniseLayout(of: folder.path)
    #expect(selection.name == "folder")
    let source = try datasets.make(selection, at: "data")
    #expect(try source.splits() == [.train, .val])
    let train = try source.open(.train)
    #expect(train.count == 1 && train.maskClasses == ["background", "nut"])
    #expect(try train.sample(at: 0).mask?.pixels == [0, 1])
    try folder.write("Pixel Value, Class\n0, background\n1, bolt\n", to: "valid/_classes.csv")
    let said = message { _ = try datasets.make(selection, at: "data").open(.train) }
    #expect(said.contains("valid/_classes.csv: expected 'nut' for value 1"))
  }

  @Test func schemesOfNames() throws {
    let folder = TemporaryFolder()
    for n in 1...3 {
      try folder.write(blank(2, 1), to: "images/image_000\(n).png")
      try folder.write(
        Image(width: 2, height: 1, channels: 3, pixels: [0, 0, 0, 128, 64, 128]),
        to: "masks/gt_000\(n)_lab.png")
    }
    try folder.write(
      """
      {"label_map": {"0": "Void", "1": "Road"}, "segmentation_colors": [[0,0,0],[128,64,128]]}
      """, to: "dataset_meta.json")
    let train = try open(folder)
    #expect(train.maskClasses == ["Road"] && train.names[0] == "image_0001")
    #expect(try train.sample(at: 2).mask?.pixels == [255, 0])
    // Numbers stay whole: these share nothing.
    let other = TemporaryFolder()
    for n in 1...3 {
      try other.write(blank(2, 1), to: "images/image_0\(n).png")
      try other.write(Image(width: 2, height: 1, channels: 1), to: "masks/gt_1\(n).png")
    }
    let warnings = try open(other, [("classes", .list([.string("road")]))]).warnings.all
    #expect(warnings.contains { $0.kind == "label of no image left out" && $0.count == 3 })
  }

  @Test func camVidWithoutLists() throws {
    let folder = TemporaryFolder()
    for (split, name) in [("train", "0001TP_006690"), ("val", "0016E5_07959")] {
      try folder.write(blank(3, 1), to: "\(split)/\(name).png")
      try folder.write(
        Image(width: 3, height: 1, channels: 1, pixels: [3, 10, 11]),
        to: "\(split)annot/\(name).png")
    }
    let indices = try datasets.make(recogniseLayout(of: folder.path), at: "data")
    let train = try indices.open(.train)
    #expect(train.maskClasses.count == 11 && train.maskClasses[3] == "road")
    #expect(try train.sample(at: 0).mask?.pixels == [3, 10, 255])
    let colors = TemporaryFolder()
    try colors.write(blank(3, 1), to: "701_StillsRaw_full/0001TP_006690.png")
    try colors.write(
      Image(width: 3, height: 1, channels: 3, pixels: [128, 64, 128, 0, 0, 0, 64, 192, 0]),
      to: "LabeledApproved_full/0001TP_006690_L.png")
    let original = try open(colors)
    #expect(original.maskClasses.count == 31)
    let mask = try #require(try original.sample(at: 0).mask?.pixels)
    #expect(
      original.maskClasses[Int(mask[0])] == "Road" && mask[1] == 255
        && original.maskClasses[Int(mask[2])] == "Wall")
    // Another set with such masks has no standard.
    try colors.write(blank(3, 1), to: "701_StillsRaw_full/x.png")
    #expect(message { _ = try open(colors) }.contains("an RGB image and no such table"))
  }
}
