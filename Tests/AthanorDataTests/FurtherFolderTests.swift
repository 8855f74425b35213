import AthanorCore
import AthanorData
import AthanorVision
import Testing

/// The options `more_masks` and `maps` of the layout `folder`.
@Suite struct FurtherFolderTests {
  private static let six: [Float] = [1, 2, 3, 4, 5, 6]

  private func open(
    _ folder: TemporaryFolder, masks: [(String, String)] = [], maps: [(String, String)] = [],
    _ options: [(String, Settings)] = []
  ) throws -> any DataSource {
    func map(_ pairs: [(String, String)]) -> Settings {
      .map(pairs.map { Settings.Entry($0.0, .string($0.1)) })
    }
    return try source(
      "folder",
      [
        ("path", .string(folder.path)), ("val", .number(0)), ("more_masks", map(masks)),
        ("maps", map(maps)),
      ] + options)
  }

  private func mask(_ pixels: [UInt8]) -> Image {
    Image(width: pixels.count, height: 1, channels: 1, pixels: pixels)
  }

  @Test func masksAndMapsBesideTheUsualOnes() throws {
    let folder = TemporaryFolder()
    for name in ["a", "b"] {
      try folder.write(blank(3, 1), to: "images/\(name).png")
      try folder.write(mask([0, 1, 1]), to: "masks/\(name).png")
    }
    try folder.write("background\nroad\n", to: "class_names.txt")
    try folder.write(mask([0, 2, 255]), to: "lane_masks/a_lane.png")
    try folder.write(mask([0, 0, 1]), to: "lane_masks/b_lane.png")
    try folder.write("background\nsolid\ndashed\n", to: "lane_masks/class_names.txt")
    try folder.write([Float(1), .nan, 3], shape: [1, 3], to: "heat/a.npy")
    try folder.write(Self.six, shape: [1, 3, 2], to: "flow/a.npy")
    try folder.write(Self.six, shape: [1, 3, 2], to: "flow/b.npy")
    let source = try open(
      folder, masks: [("lane", "lane_masks")], maps: [("heat", "heat"), ("flow", "flow")])
    let train = try source.open(.train)
    #expect(train.maskClasses == ["background", "road"])
    #expect(train.classes.labels.keys.sorted() == ["flow", "heat", "lane", "mask"])
    #expect(train.classes.labels["lane"]?.names == ["background", "solid", "dashed"])
    #expect(train.warnings.all.isEmpty)
    let (a, b) = (try train.sample(at: 0), try train.sample(at: 1))
    #expect(a.labels["lane"]?.mask?.pixels == [0, 2, 255] && a.mask?.pixels == [0, 1, 1])
    #expect(b.labels["lane"]?.mask?.pixels == [0, 0, 1])
    let heat = try #require(a.labels["heat"]?.map)
    #expect(heat.values[0] == 1 && heat.values[1].isNaN && heat.values[2] == 3)
    #expect(heat.channels == 1 && a.labels["heat"]?.kind == .map && b.labels["heat"] == nil)
    #expect(
      b.labels["flow"]?.map?.channels == 2 && b.labels["flow"]?.map?.values == [1, 2, 3, 4, 5, 6])
    // Other numbers a pixel, or another size, than the rest.
    try folder.write([Float]([1, 2, 3]), shape: [1, 3], to: "flow/b.npy")
    let said = message { _ = try train.sample(at: 1) }
    #expect(said.contains("flow/b.npy: expected 2 numbers a pixel") && said.contains("received 1"))
    try folder.write([Float]([1, 2, 3, 4, 5, 6, 7, 8]), shape: [1, 4, 2], to: "flow/b.npy")
    #expect(
      message { _ = try train.sample(at: 1) }.contains("a map 'flow' of the image's size 3×1"))
    try folder.write(mask([0, 3, 0]), to: "lane_masks/a_lane.png")
    #expect(message { _ = try train.sample(at: 0) }.contains("lane_masks/a_lane.png"))
  }

  @Test func mixedMapsOfOneNameHaveOneNumberOfChannels() throws {
    let folders = try [1, 2].map { channels in
      let folder = TemporaryFolder()
      try folder.write(blank(3, 1), to: "images/a.png")
      try folder.write(
        [Float](repeating: 1, count: 3 * channels), shape: [1, 3, channels], to: "flow/a.npy")
      return folder
    }
    func mix(_ folders: [TemporaryFolder]) throws -> any Dataset {
      try MixSource(folders.map { try open($0, masks: [], maps: [("flow", "flow")]) }).open(.train)
    }
    #expect(try mix([folders[1], folders[1]]).classes.labels["flow"]?.channels == 2)
    let said = message { _ = try mix(folders) }
    #expect(said.contains("maps 'flow'") && said.contains("received 1 and 2"), "\(said)")
  }

  /// The same folders in every division that the usual masks know.
  @Test(arguments: [
    ("images/train/x.png", "masks/train/x.png", "lane/train/x.png", "lane"),
    ("images/train/x.png", "masks/train/x.png", "lane/training/x.png", "lane"),
    ("images/train/x.png", "masks/train/x.png", "lane/x.png", "lane"),
    ("train/images/x.png", "train/masks/x.png", "train/lane/x.png", "lane"),
    ("train/x.png", "train_labels/x.png", "train_lane/x.png", "{split}_lane"),
    ("images/x.png", "masks/x.png", "lane/x.png", "lane"),
  ])
  func divided(image: String, mask: String, lane: String, folderName: String) throws {
    let folder = TemporaryFolder()
    let other = { (path: String) in
      path.replacing("training", with: "validation").replacing("train", with: "val")
        .replacing("x.png", with: "y.png")
    }
    for (images, masks, lanes, value) in [
      (image, mask, lane, UInt8(1)), (other(image), other(mask), other(lane), 2),
    ] {
      try folder.write(blank(2, 1), to: images)
      try folder.write(self.mask([0, 1]), to: masks)
      try folder.write(self.mask([0, value]), to: lanes)
    }
    // Beside folders of splits the further ones would be taken for such: all are named then.
    let named: [(String, Settings)] =
      folderName == "lane"
      ? [] : [("images", .string("{split}")), ("masks", .string("{split}_labels"))]
    let source = try open(folder, masks: [("lane", folderName)], named)
    var values: [String: UInt8?] = [:]
    for split in try source.splits() {
      let dataset = try source.open(split)
      #expect(dataset.classes.labels["lane"]?.names == ["0", "1", "2"])
      for index in 0..<dataset.count {
        values[dataset.name(at: index)] = try dataset.sample(at: index).labels["lane"]?.mask?
          .pixels[1]
      }
    }
    #expect(values == ["x": 1, "y": 2])
  }

  @Test func namesAreFoundWithTheirMasks() throws {
    let folder = TemporaryFolder()
    try folder.write(blank(2, 1), to: "images/a.png")
    try folder.write(
      Image(width: 2, height: 1, channels: 3, pixels: [0, 0, 0, 9, 8, 7]), to: "lane/a.png")
    let colored = message { _ = try open(folder, masks: [("lane", "lane")]).open(.train) }
    #expect(colored.contains("labelmap.txt"))
    try folder.write("background:0,0,0\nsolid:9,8,7\n", to: "lane/labelmap.txt")
    // There need be no mask of the usual name.
    let train = try open(folder, masks: [("lane", "lane")]).open(.train)
    #expect(train.classes.labels["lane"]?.names == ["background", "solid"])
    #expect(train.classes.labels["lane"]?.color(1) == [9, 8, 7])
    #expect(train.classes.labels.count == 1 && train.count == 1)
    #expect(try train.sample(at: 0).labels["lane"]?.mask?.pixels == [0, 1])
  }

  @Test func mistakesAreNamed() throws {
    let folder = TemporaryFolder()
    try folder.write(blank(2, 1), to: "images/a.png")
    try folder.write(mask([0, 1]), to: "masks/a.png")
    try folder.write(mask([0, 1]), to: "lane/other.png")
    func said(_ masks: [(String, String)], _ maps: [(String, String)] = []) -> String {
      message { _ = try open(folder, masks: masks, maps: maps).open(.train) }
    }
    #expect(said([("lane", "lanes")]).contains("lanes: expected masks with the images' names"))
    #expect(said([("lane", "lanes")]).contains("'more_masks.lane' says, received no such folder"))
    #expect(said([("lane", "lane")]).contains("received none"))
    #expect(said([("mask", "lane")]).contains("more_masks.mask: expected a name that no other"))
    #expect(said([], [("depth", "lane")]).contains("maps.depth: expected a name that no other"))
    #expect(said([("a", "lane")], [("a", "lane")]).contains("maps.a: expected a name that no"))
    try folder.write(mask([0, 1]), to: "lane/a.png")
    let left = try open(folder, masks: [("lane", "lane")]).open(.train).warnings.all
    #expect(left.contains { $0.kind == "label of no image left out" && $0.count == 1 })
    #expect(left.contains { $0.kind.contains("class_names.txt beside the masks") })
  }

  @Test func theOptionsAreWrittenAndReadBack() throws {
    var options = FolderLayout.Options()
    options.own.moreMasks = ["lane": "lane_masks"]
    options.own.maps = ["heat": "h"]
    let tree = try Settings(encoding: options)
    #expect(try tree.decoded(as: FolderLayout.Options.self) == options)
  }
}
