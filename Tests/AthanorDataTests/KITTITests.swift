import AthanorCore
import AthanorData
import AthanorVision
import Testing

@Suite struct KITTITests {
  private func folder(_ names: [String], in part: String = "training/") throws -> TemporaryFolder {
    let folder = TemporaryFolder()
    for name in names { try folder.write(blank(6, 1), to: "\(part)image_2/\(name).png") }
    return folder
  }

  @Test func semanticsAreLabelIdsOnlyWhereTheyCanBe() throws {
    let folder = try folder(["000000_10", "000001_10"])
    try folder.write(row([7, 26, 0, 9, 33, 255]), to: "training/semantic/000000_10.png")
    try folder.write(row([8, 8, 8, 8, 8, 8]), to: "training/semantic/000001_10.png")
    let (layout, source) = try recognised(folder, [("val", .number(0))])
    let train = try source.open(.train)
    #expect(layout == "kitti" && train.names == ["000000_10", "000001_10"])
    #expect(train.maskClasses == cityscapesClasses && train.boxClasses.isEmpty)
    #expect(try train.sample(at: 0).mask!.pixels == [0, 13, 255, 255, 18, 255])
    #expect(train.warnings.all.contains { $0.kind.contains("Cityscapes' label ids") })
    // Another set in the same folders keeps its numbers.
    let other = try self.folder(["000000_10", "000001_10"], in: "")
    try other.write(row([0, 1, 2, 11, 5, 255]), to: "semantic/000000_10.png")
    try other.write(row([0, 1, 2, 3, 4, 5]), to: "semantic/000001_10.png")
    let numbers = try recognised(other, [("val", .number(0))]).source.open(.train)
    #expect(numbers.maskClasses == (0...11).map(String.init))
    #expect(try numbers.sample(at: 0).mask!.pixels == [0, 1, 2, 11, 5, 255])
    let named = try recognised(
      other, [("val", .number(0)), ("classes", .list((0...11).map { .string("c\($0)") }))]
    ).source.open(.train)
    #expect(named.maskClasses.last == "c11")
    let told = try recognised(
      other, [("val", .number(0)), ("numbers", .string("cityscapes"))]
    ).source.open(.train)
    #expect(try told.sample(at: 0).mask!.pixels == [255, 255, 255, 2, 255, 255])
    #expect(
      try recognised(folder, [("numbers", .string("plain"))]).source.open(.train)
        .maskClasses.count == 34)
  }

  @Test func instancesGiveMasksBoxesAndCrowds() throws {
    let folder = try folder(["000000_10"])
    let values: [UInt16] = [7 * 256, 26 * 256 + 1, 26 * 256 + 2, 26 * 256 + 1, 24 * 256, 3 * 256]
    try folder.write(try wideRow(values), to: "training/instance/000000_10.png")
    let train = try recognised(folder).source.open(.train)
    let sample = try train.sample(at: 0)
    #expect(sample.mask!.pixels == [0, 13, 13, 13, 11, 255])
    #expect(
      sample.boxes == [
        BoundingBox(x1: 1, y1: 0, x2: 4, y2: 1, label: 2),
        BoundingBox(x1: 2, y1: 0, x2: 3, y2: 1, label: 2),
      ])
    #expect(sample.annotations!.map(\.isCrowd) == [true, false, false])
    #expect(sample.annotations!.map(\.area) == [1, 2, 1])
    try folder.write(row([7, 7, 7, 7, 7, 7]), to: "training/instance/000000_10.png")
    #expect(message { _ = try recognised(folder).source.open(.train) }.contains("of 16 bits"))
  }

  @Test func objectsAsText() throws {
    let folder = try folder(["000000", "000001", "000002"])
    let rest = "1.5 1.6 3.9 -1 1 8 -1.5"
    try folder.write(
      """
      Car 0.00 0 -1.58 1.25 0.00 3.50 1.00 \(rest)
      Tram 0.00 0 -1.58 4 0 5 1 \(rest) 0.9
      DontCare -1 -1 -10 0 0 1 1 -1 -1 -1 -1000 -1000 -1000 -10

      """, to: "training/label_2/000000.txt")
    try folder.write("", to: "training/label_2/000001.txt")
    let train = try recognised(folder, [("val", .number(0))]).source.open(.train)
    #expect(
      train.boxClasses == [
        "Car", "Van", "Truck", "Pedestrian", "Person_sitting", "Cyclist", "Tram", "Misc",
      ])
    #expect(train.maskClasses.isEmpty)
    let sample = try train.sample(at: 0)
    #expect(
      sample.boxes == [
        BoundingBox(x1: 1.25, y1: 0, x2: 3.5, y2: 1, label: 0),
        BoundingBox(x1: 4, y1: 0, x2: 5, y2: 1, label: 6),
      ])
    #expect(sample.mask == nil && sample.annotations!.count { $0.isCrowd } == 8)
    #expect(try train.sample(at: 1).boxes == [] && train.sample(at: 2).boxes == nil)
    try folder.write("Car 0 0 0 1 2 3 4\n", to: "training/label_2/000001.txt")
    let bad = try recognised(folder, [("val", .number(0))]).source.open(.train)
    #expect(message { _ = try bad.sample(at: 1) }.contains("000001.txt: expected 15 columns"))
    // A type of two words moves the columns.
    try folder.write(
      "Person sitting 0 0 0 1 0 3 1 0 0 0 0 0 0 0\n", to: "training/label_2/000001.txt")
    let moved = try recognised(folder, [("val", .number(0))]).source.open(.train)
    #expect(message { _ = try moved.sample(at: 1) }.contains("'Person sitting"))
    // Other tools write the same files for classes of their own.
    try folder.write("bolt 0 0 0 1 0 3 1 0 0 0 0 0 0 0\n", to: "training/label_2/000001.txt")
    #expect(
      try recognised(folder).source.open(.train).boxClasses == ["Car", "Tram", "bolt"])
  }

  @Test func splits() throws {
    let folder = try folder(["000000", "000001"])
    for name in ["000000", "000001"] {
      try folder.write(
        "Car 0 0 0 1 0 3 1 0 0 0 0 0 0 0\n", to: "training/label_2/\(name).txt")
      try folder.write(blank(6, 1), to: "testing/image_2/\(name).png")
    }
    let source = try recognised(folder).source
    #expect(try source.splits() == [.train, .test])
    #expect(try source.open(.test).sample(at: 0).boxes == nil)
    try folder.write("000001\n", to: "ImageSets/val.txt")
    try folder.write("000000\n", to: "ImageSets/train.txt")
    try folder.write("000000\n000001\n", to: "ImageSets/test.txt")
    let listed = try recognised(folder).source
    #expect(try listed.splits() == [.train, .val, .test])
    #expect(try listed.open(.train).count == 1 && listed.open(.test).count == 2)
    #expect(try listed.open(.val).sample(at: 0).boxes!.count == 1)
  }

  @Test func hostileFolders() throws {
    let folder = try folder(["000000_10"])
    #expect(message { _ = try recogniseLayout(of: folder.path) }.contains("without semantic/"))
    try folder.write(row([7, 26]), to: "training/semantic/000000_10.png")
    #expect(
      message { _ = try recognised(folder).source.open(.train).sample(at: 0) }
        .contains("expected a mask of the image's size 6×1"))
    try folder.write(row([7, 26, 0, 0, 0, 0]), to: "training/semantic/000000_10.png")
    try folder.write(row([7, 26, 0, 0, 0, 0]), to: "training/semantic/000009_10.png")
    let train = try recognised(folder).source.open(.train)
    #expect(train.warnings.all.map(\.kind).contains("label of no image left out"))
  }
}
