import AthanorCore
import AthanorData
import AthanorVision
import Testing

@Suite struct MaskFolderTests {
  private func open(_ folder: TemporaryFolder, _ options: [(String, Settings)] = []) throws
    -> any Dataset
  {
    try source("folder", [("path", .string(folder.path)), ("val", .number(0))] + options)
      .open(.train)
  }

  @Test func pairsByStem() throws {
    let folder = TemporaryFolder()
    var mask = Image(width: 8, height: 4, channels: 1)
    mask.pixels[5] = 2
    for name in ["a", "b", "c"] { try folder.write(blank(8, 4), to: "images/\(name).png") }
    for name in ["a", "b"] { try folder.write(mask, to: "masks/\(name).png") }
    let dataset = try open(folder)
    #expect(dataset.names == ["a", "b", "c"] && dataset.maskClasses == ["0", "1", "2"])
    #expect(try dataset.sample(at: 0).mask == mask && dataset.sample(at: 0).boxes == nil)
    #expect(try dataset.sample(at: 2).mask == nil)
    #expect(
      dataset.warnings.all.map(\.kind).sorted() == [
        "image without labels",
        "mask values have no names and are called by number (name them: classes=[…])",
      ])
    try folder.write("b\n", to: "val.txt")
    try folder.write("a.png\n", to: "train.txt")
    #expect(try open(folder).names == ["a"])
    try folder.write("a\nbb\n", to: "train.txt")
    let said = message { _ = try open(folder) }
    #expect(
      said.contains("train.txt") && said.contains("'bb'") && said.contains("mean 'a'?") == false)
  }

  @Test func foldersBySplitAndErrors() throws {
    let folder = TemporaryFolder()
    #expect(message { _ = try open(folder) }.contains("images"))
    try folder.write(blank(8, 4), to: "images/train/a.png")
    try folder.write(blank(8, 4), to: "images/val/b.png")
    for file in ["masks/train/a.png", "masks/val/b.png"] {
      try folder.write(Image(width: 8, height: 4, channels: 1), to: file)
    }
    let pairs = try source("folder", [("path", .string(folder.path))])
    #expect(try pairs.open(.train).names == ["a"] && pairs.open(.val).names == ["b"])
    #expect(try pairs.splits() == [.train, .val])
    #expect(message { _ = try pairs.open(.test) }.contains("a split 'test'"))
    // A gray RGB mask holds values; these are no running indices.
    try folder.write(blank(8, 4), to: "masks/train/a.png")
    let said = message { _ = try open(folder) }
    #expect(said.contains("a.png: expected names for the mask values 0, 128"), "\(said)")
    #expect(said.contains("values=[0, 128]"), "\(said)")
    let named = try open(
      folder,
      [
        ("classes", .list([.string("road"), .string("car")])),
        ("values", .list([.integer(0), .integer(128)])),
      ])
    #expect(try named.sample(at: 0).mask!.pixels.allSatisfy { $0 == 1 })
    var color = blank(8, 4)
    color.pixels[0] = 200
    try folder.write(color, to: "masks/train/a.png")
    #expect(
      message { _ = try open(folder) }.contains("a.png: expected class indices, or a table"))
  }

  @Test func sharesAreSeeded() {
    let shares = SplitFractions(val: 0.2, test: 0.1, seed: 1)
    let parts = Split.allCases.map { shares.indices(of: $0, count: 50) }
    #expect(parts.map(\.count) == [35, 10, 5])
    #expect(parts.joined().sorted() == Array(0..<50))
    #expect(SplitFractions(val: 0.2, test: 0.1, seed: 2).indices(of: .val, count: 50) != parts[1])
    #expect(SplitFractions(val: 0.1, test: 0, seed: 1).indices(of: .val, count: 3).count == 1)
    #expect(SplitFractions(val: 0, test: 0, seed: 1).indices(of: .train, count: 3) == [0, 1, 2])
  }

  @Test func camVidLists() throws {
    let folder = TemporaryFolder()
    let mask = Image(width: 8, height: 4, channels: 1, filledWith: 11)
    try folder.write(blank(8, 4), to: "train/a.png")
    try folder.write(mask, to: "trainannot/a.png")
    try folder.write("/SegNet/CamVid/train/a.png /SegNet/CamVid/trainannot/a.png", to: "train.txt")
    func open() throws -> any Dataset {
      try source("camvid", [("path", .string(folder.path))]).open(.train)
    }
    let dataset = try open()
    #expect(try dataset.sample(at: 0).mask!.pixels.allSatisfy { $0 == 255 })
    try folder.write("/S/train/z.png /S/trainannot/a.png", to: "train.txt")
    #expect(
      message { _ = try open() }.contains("'/S/train/z.png', which is not there"))
    try folder.write("../../etc/passwd /S/trainannot/a.png", to: "train.txt")
    #expect(message { _ = try open() }.contains("expected a path inside"))
  }

  @Test(.enabled(if: realData != nil)) func camVid() throws {
    let path = Settings.string("\(realData!)/CamVid_segnet/CamVid")
    let camvid = try source("camvid", [("path", path)])
    #expect(try Split.allCases.map { try camvid.open($0).count } == [21, 6, 7])
    let sample = try camvid.open(.train).sample(at: 0)
    #expect(sample.image.width == 480 && sample.boxes == nil)
    #expect(sample.mask!.pixels.contains(255))
  }
}
