import AthanorCore
import AthanorData
import AthanorVision
import Foundation
import Testing

extension TemporaryFolder {
  func write<Element: ArrayElement>(
    _ values: [Element], shape: [Int], to name: String
  ) throws {
    try write([UInt8](), to: name)
    try NumPyFile.write(NumericArray(values, shape: shape), to: "\(path)/\(name)")
  }
}

@Suite struct MultiTaskArraysTests {
  /// Images of 2 × 1 (height × width 1 × 2).
  private func folder(_ count: Int = 11) throws -> TemporaryFolder {
    let folder = TemporaryFolder()
    for split in ["train", "val"] {
      for n in 0..<count {
        let name = "\(split)/%/\(n).npy"
        func path(_ kind: String) -> String { name.replacing("%", with: kind) }
        try folder.write(
          [0, 0.5, 1, 0.2, 0.4, Float(n) / 255], shape: [1, 2, 3], to: path("image"))
        try folder.write([Float(-1), 6], shape: [1, 2], to: path("label_7"))
        try folder.write([Float(0), 0.25], shape: [1, 2, 1], to: path("depth"))
        try folder.write([Float(0), 0, 0, 1, 0, 0], shape: [3, 1, 2], to: path("normal"))
      }
    }
    return folder
  }

  private func open(
    _ folder: TemporaryFolder, _ options: [Settings.Entry] = []
  ) throws -> any DataSource {
    var selection = try recogniseLayout(of: folder.path)
    #expect(selection.name == "multi_task_npy")
    selection.options += options
    return try datasets.make(selection, at: "data")
  }

  @Test func everyLabel() throws {
    let folder = try folder()
    let source = try open(folder)
    #expect(try source.splits() == [.train, .val])
    let train = try source.open(.train)
    #expect(train.count == 11 && train.names[2].hasSuffix("2") && train.names[10].hasSuffix("10"))
    #expect(
      train.maskClasses == [
        "flat", "construction", "object", "nature", "sky", "human", "vehicle",
      ])
    let sample = try train.sample(at: 10)
    #expect(sample.image.pixels == [0, 128, 255, 51, 102, 10])
    #expect(sample.mask?.pixels == [255, 6] && sample.boxes == nil)
    #expect(sample.depth == DenseMap(width: 2, height: 1, channels: 1, values: [0, 0.25]))
    #expect(
      sample.normals == DenseMap(width: 2, height: 1, channels: 3, values: [0, 0, 0, 0, 1, 0]))
  }

  @Test func imagesOfEveryForm() throws {
    let folder = try folder(1)
    try folder.write([UInt8(1), 2, 3, 4, 5, 6], shape: [3, 1, 2], to: "train/image/0.npy")
    #expect(try open(folder).open(.train).sample(at: 0).image.pixels == [1, 3, 5, 2, 4, 6])
    // One value above 1 anywhere means 0…255 everywhere.
    try folder.write([Float(0), 1, 0, 1, 0, 1], shape: [1, 2, 3], to: "train/image/0.npy")
    try folder.write([Double(0), 1, 254.6, 1, 0, 1], shape: [1, 2, 3], to: "val/image/0.npy")
    #expect(try open(folder).open(.train).sample(at: 0).image.pixels == [0, 1, 0, 1, 0, 1])
    #expect(try open(folder).open(.val).sample(at: 0).image.pixels == [0, 1, 255, 1, 0, 1])
    try folder.write([Float(-2.1), 1, 0, 1, 0, 1], shape: [1, 2, 3], to: "train/image/0.npy")
    #expect(
      message { _ = try open(folder).open(.train).sample(at: 0) }.contains(
        "image/0.npy: expected an"))
    try folder.write([Float(0), 1, 0, 1], shape: [1, 2, 2], to: "train/image/0.npy")
    #expect(
      message { _ = try open(folder).open(.train).sample(at: 0) }.contains("received [1, 2, 2]"))
  }

  @Test func labelsOfEveryForm() throws {
    let folder = try folder(1)
    try folder.write([Int64(18), -1], shape: [1, 2], to: "train/label_19/0.npy")
    try folder.write([Int64(0), 1], shape: [1, 2], to: "val/label_19/0.npy")
    let train = try open(folder, [.init("label", .string("label_19"))]).open(.train)
    #expect(train.maskClasses.count == 19 && train.maskClasses[18] == "bicycle")
    #expect(try train.sample(at: 0).mask?.pixels == [18, 255])
    let unasked = try open(folder).open(.train)
    #expect(unasked.maskClasses.count == 7)
    #expect(unasked.warnings.all.contains { $0.kind.contains("label=label_19") })
    #expect(
      message { _ = try open(folder, [.init("label", .string("label_9"))]).open(.train) }
        .contains("received label_7, label_19"))
    try folder.write([Float(7), 0], shape: [1, 2], to: "train/label_7/0.npy")
    #expect(
      message { _ = try open(folder).open(.train).sample(at: 0) }
        .contains("train/label_7/0.npy: expected mask values 0…6"))
    try folder.write([Float(1.5), 0], shape: [1, 2], to: "train/label_7/0.npy")
    #expect(message { _ = try open(folder).open(.train).sample(at: 0) }.contains("received 1.5"))
    try folder.write([Float(1), 0, 0], shape: [1, 3], to: "train/label_7/0.npy")
    #expect(message { _ = try open(folder).open(.train).sample(at: 0) }.contains("received 3×1"))
  }

  @Test func numbersWithoutStandard() throws {
    let folder = TemporaryFolder()
    try folder.write([Float](repeating: 0.5, count: 6), shape: [1, 2, 3], to: "image/0.npy")
    try folder.write([Float(2), -1], shape: [1, 2], to: "label/0.npy")
    let source = try open(folder, [.init("val", .number(0))])
    #expect(try source.open(.train).maskClasses == ["0", "1", "2"])
    let named = try open(
      folder,
      [
        .init("val", .number(0)),
        .init("classes", .list([.string("bed"), .string("sofa"), .string("wall")])),
      ])
    #expect(try named.open(.train).maskClasses == ["bed", "sofa", "wall"])
    #expect(try named.open(.train).sample(at: 0).mask?.pixels == [2, 255])
  }

  @Test func damagedFiles() throws {
    let folder = try folder(2)
    try FileManager.default.removeItem(atPath: "\(folder.path)/train/label_7/1.npy")
    let train = try open(folder).open(.train)
    #expect(try train.sample(at: 1).mask == nil)
    try folder.write([Float(0), 1], shape: [2, 1, 1], to: "train/depth/0.npy")
    #expect(message { _ = try train.sample(at: 0) }.contains("train/depth/0.npy: expected a map"))
    try folder.write([Float(0), 0, 0, 1, 0, 3], shape: [3, 1, 2], to: "val/normal/0.npy")
    #expect(message { _ = try open(folder).open(.val).sample(at: 0) }.contains("received 3.0"))
    try folder.write(Array("no array".utf8), to: "val/depth/0.npy")
    #expect(message { _ = try open(folder).open(.val).sample(at: 0) }.contains("val/depth/0.npy"))
    let near = TemporaryFolder()
    try near.write([Float](repeating: 0.5, count: 6), shape: [1, 2, 3], to: "train/image/0.npy")
    #expect(message { _ = try recogniseLayout(of: near.path) }.contains("without label/"))
  }

  @Test func imagesOfAnotherRange() throws {
    let folder = TemporaryFolder()
    for (number, value) in [Float(200), 0.5].enumerated() {
      try folder.write(
        [Float](repeating: value, count: 6), shape: [1, 2, 3], to: "image/\(number).npy")
      try folder.write([Float(0), 1], shape: [1, 2], to: "label/\(number).npy")
    }
    let train = try open(folder, [.init("val", .number(0))]).open(.train)
    #expect(
      message { _ = try train.sample(at: 1) }.contains("image/1.npy: expected an image in 0…255"))
  }
}
