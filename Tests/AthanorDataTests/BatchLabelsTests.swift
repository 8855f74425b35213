import AthanorCore
import AthanorData
import AthanorTensor
import AthanorVision
import Testing

/// Labels of every kind, some of them missing, in a batch and back.
@Suite struct BatchLabelsTests {
  private let format = InputFormat(width: 32, height: 32, mean: [0, 0, 0], std: [1, 1, 1])

  private static let wanted: [String: Label.Kind] = [
    "lane": .mask, "signs": .boxes, "depth": .depth, "normals": .normals, "flow": .map,
    "weather": .category,
  ]

  private static func map(
    _ width: Int, _ height: Int, _ channels: Int, _ value: (Int) -> Float
  ) -> DenseMap {
    DenseMap(
      width: width, height: height, channels: channels,
      values: (0..<(width * height * channels)).map(value))
  }

  /// A sample of the input's width and half its height, which is neither enlarged nor shrunk.
  private static func full(_ name: String = "full") -> Sample {
    let (width, height) = (32, 16)
    var mask = Image(width: width, height: height, channels: 1)
    for i in mask.pixels.indices { mask.pixels[i] = UInt8(i % 7) }
    return Sample(
      name: name,
      image: Image(
        width: width, height: height, channels: 3,
        pixels: (0..<(3 * width * height)).map { UInt8($0 % 251) }),
      labels: [
        "lane": .mask(mask),
        "signs": .boxes(BoxLabel([BoundingBox(x1: 1, y1: 2, x2: 9, y2: 12, label: 3)])),
        "depth": .depth(map(width, height, 1) { $0 == 5 ? 0 : Float($0) + 0.5 }),
        "normals": .normals(map(width, height, 3) { [0.6, 0, 0.8][$0 % 3] }),
        "flow": .map(map(width, height, 2) { $0 == 4 ? .nan : Float($0) }),
        "weather": .category(CategoryLabel(2)),
        "not wanted": .category(CategoryLabel(1)),
      ])
  }

  private func floats(_ label: BatchLabel?) throws -> [Float] {
    try #require(label).values.array(of: Float.self)
  }

  @Test func shapesAndPadding() throws {
    let batch = Batch(
      [Self.full(), Sample(name: "bare", image: blank(32, 16))], format, labels: Self.wanted)
    #expect(batch.labels.keys.sorted() == Self.wanted.keys.sorted())
    let shapes: [String: [Int]] = [
      "lane": [2, 32, 32], "signs": [1, 5], "depth": [2, 32, 32], "normals": [2, 32, 32, 3],
      "flow": [2, 32, 32, 2], "weather": [2],
    ]
    for (name, shape) in shapes {
      let label = try #require(batch.labels[name])
      #expect(label.values.shape == shape && label.kind == Self.wanted[name], "\(name)")
      #expect(label.isLabelled == [true, false] && label.isAnyLabelled, "\(name)")
    }
    // The picture is the upper half; the rest, and the second sample, are unknown.
    let (half, all) = (16 * 32, 32 * 32)
    let lane = try #require(batch.labels["lane"]).values.array(of: UInt8.self)
    #expect(lane[..<half].allSatisfy { $0 < 7 } && lane[half...].allSatisfy { $0 == 255 })
    #expect(lane.count == 2 * all)
    let depth = try floats(batch.labels["depth"])
    #expect(depth[..<half].count { $0 == 0 } == 1 && depth[half...].allSatisfy { $0 == 0 })
    let normals = try floats(batch.labels["normals"])
    #expect(normals[..<3] == [0.6, 0, 0.8] && normals[(3 * half)...].allSatisfy { $0 == 0 })
    let flow = try floats(batch.labels["flow"])
    #expect(flow[..<(2 * half)].count { $0.isNaN } == 1)
    #expect(flow[(2 * half)...].allSatisfy { $0.isNaN })
    #expect(try #require(batch.labels["weather"]).values.array(of: Int32.self) == [2, -1])
    #expect(try #require(batch.labels["signs"]).classes?.array(of: Int32.self) == [3])
    #expect(try floats(batch.labels["signs"]) == [0, 1, 2, 9, 12])
  }

  @Test func aSampleComesBackAsItWentIn() throws {
    let sample = Self.full()
    let batch = Batch(
      [Sample(name: "bare", image: blank(20, 40)), sample], format, labels: Self.wanted)
    let back = batch.sample(1, format)
    #expect(back.name == "full" && back.image.width == 32 && back.image.height == 32)
    #expect(Array(back.image.pixels[..<(3 * 32 * 16)]) == sample.image.pixels)
    #expect(back.labels.keys.sorted() == Self.wanted.keys.sorted())
    for (name, kind) in Self.wanted {
      let (label, own) = (try #require(back.labels[name]), sample.labels[name]!)
      #expect(label.kind == kind)
      switch (label, own) {
      case (.mask(let a), .mask(let b)):
        #expect(a.pixels == b.pixels + [UInt8](repeating: 255, count: 32 * 16))
      case (.depth(let a), .depth(let b)), (.normals(let a), .normals(let b)),
        (.map(let a), .map(let b)):
        let unknown: Float = kind == .map ? .nan : 0
        let expected = b.values + [Float](repeating: unknown, count: a.values.count / 2)
        #expect(a.channels == b.channels)
        #expect(a.values.map(\.bitPattern) == expected.map(\.bitPattern), "\(name)")
      default: #expect(label == own)
      }
    }
    #expect(batch.sample(0, format).labels.isEmpty)
  }

  @Test func whatSaysNothingIsNoLabel() {
    let (width, height) = (32, 32)
    func labelled(_ kind: Label.Kind, _ label: Label) -> Bool {
      let sample = Sample(name: "a", image: blank(width, height), labels: ["a": label])
      return Batch([sample], format, labels: ["a": kind]).labels["a"]!.isAnyLabelled
    }
    for value in [Float.nan, -1, 0, .infinity] {
      #expect(!labelled(.depth, .depth(Self.map(width, height, 1) { _ in value })), "\(value)")
    }
    #expect(labelled(.depth, .depth(Self.map(width, height, 1) { $0 == 7 ? 1 : 0 })))
    #expect(!labelled(.normals, .normals(Self.map(width, height, 3) { _ in 0 })))
    #expect(!labelled(.normals, .normals(Self.map(width, height, 3) { _ in .nan })))
    #expect(labelled(.normals, .normals(Self.map(width, height, 3) { $0 == 2 ? -1 : 0 })))
    #expect(!labelled(.map, .map(Self.map(width, height, 2) { _ in .nan })))
    #expect(labelled(.map, .map(Self.map(width, height, 2) { _ in 0 })))
    let nothing = Image(width: width, height: height, channels: 1, filledWith: 255)
    #expect(!labelled(.mask, .mask(nothing)))
    #expect(labelled(.boxes, .boxes(BoxLabel([]))))
    #expect(labelled(.category, .category(CategoryLabel(0))))
  }

  @Test func aBatchWithoutALabel() {
    let batch = Batch([Sample(name: "a", image: blank(8, 8))], format, labels: Self.wanted)
    for (name, label) in batch.labels { #expect(!label.isAnyLabelled, "\(name)") }
    #expect(batch.labels["normals"]?.values.shape == [1, 32, 32, 3])
    #expect(batch.labels["signs"]?.values.shape == [0, 5])
    #expect(batch.sample(0, format).labels.isEmpty)
  }

  /// Masks and maps are sampled at the same pixels.
  @Test(arguments: [(20, 40), (64, 48), (7, 9), (333, 100)])
  func labelsAgreeAtAnotherSize(width: Int, height: Int) throws {
    let places = (0..<(width * height)).map { ($0 % width, $0 / width) }
    let sample = Sample(
      name: "a", image: blank(width, height),
      labels: [
        "lane": .mask(
          Image(
            width: width, height: height, channels: 1,
            pixels: places.map { UInt8($0 % 16 + 15 * ($1 % 16)) })),
        "depth": .depth(
          DenseMap(
            width: width, height: height, channels: 1,
            values: places.map { Float(1 + $0 + 1000 * $1) })),
        "signs": .boxes(BoxLabel([BoundingBox(x1: 2, y1: 3, x2: 6, y2: 8, label: 0)])),
      ])
    let batch = Batch(
      [sample], format, labels: ["lane": .mask, "depth": .depth, "signs": .boxes])
    let depth = try floats(batch.labels["depth"])
    let lane = try #require(batch.labels["lane"]).values.array(of: UInt8.self)
    let wrong = depth.indices.count { p in
      guard depth[p] > 0 else { return lane[p] != 255 }
      let (x, y) = (Int(depth[p] - 1) % 1000, Int(depth[p] - 1) / 1000)
      return lane[p] != UInt8(x % 16 + 15 * (y % 16))
    }
    #expect(wrong == 0)
    let place = batch.geometry[0]
    #expect(depth.count { $0 > 0 } == place.contentWidth * place.contentHeight)
    let box = try floats(batch.labels["signs"])
    #expect(abs(box[3] - 6 * place.scaleX) < 1e-4 && abs(box[4] - 8 * place.scaleY) < 1e-4)
  }
}
