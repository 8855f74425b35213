import AthanorCore
import AthanorVision
import Testing

@Suite struct PreprocessingOpTests {
  /// Options with which an op has something to do.
  static let options: [String: [Settings.Entry]] = [
    "resize": [.init("width", .integer(20)), .init("height", .integer(31))],
    "letterbox": [.init("width", .integer(50)), .init("height", .integer(70))],
    "crop": [.init("x", .integer(3)), .init("y", .integer(2)), .init("width", .integer(30))],
    "border": [.init("top", .integer(1)), .init("right", .integer(5))],
    "warp_affine": [.init("angle", .integer(90)), .init("scale", .number(0.9))],
    "warp_perspective": [
      .init(
        "matrix",
        .list([1.1, 0, -2, 0, 0.9, 3, 0, 0, 1.05].map { .number($0) }))
    ],
    "erase": [.init("x", .integer(30)), .init("width", .integer(9))],
    "grid_mask": [.init("period", .integer(100)), .init("stripe", .integer(60))],
    "label_map": [.init("unknown", .string("ignore"))],
  ]

  static func make(_ name: String) throws -> any PreprocessingOp {
    try preprocessingOps.make(Selection(name, options[name] ?? []), at: name)
  }

  /// A blob of class 1 in the mask, white in the image, and its box.
  static func scene() -> Sample {
    var image = Image(width: 40, height: 30, channels: 3, filledWith: 16)
    var mask = Image(width: 40, height: 30, channels: 1)
    let box = BoundingBox(x1: 12, y1: 8, x2: 24, y2: 20, label: 0)
    for y in 8..<20 {
      for x in 12..<24 {
        mask.pixels[y * 40 + x] = 1
        for c in 0..<3 { image.pixels[(y * 40 + x) * 3 + c] = 255 }
      }
    }
    return Sample(name: "blob", image: image, mask: mask, boxes: [box])
  }

  @Test(arguments: preprocessingOps.names)
  func movesImageMaskAndBoxesTogether(name: String) throws {
    let sample = try Self.make(name).apply(to: Self.scene())
    let mask = try #require(sample.mask)
    #expect((mask.width, mask.height) == (sample.image.width, sample.image.height))
    #expect(mask.pixels.allSatisfy { [0, 1, 255].contains($0) })
    let box = try #require(sample.boxes?.first)
    var (left, top, right, bottom) = (mask.width, mask.height, 0, 0)
    for y in 0..<mask.height {
      for x in 0..<mask.width where mask.pixels[y * mask.width + x] == 1 {
        (left, right) = (min(left, x), max(right, x + 1))
        (top, bottom) = (min(top, y), max(bottom, y + 1))
      }
    }
    for (edge, found) in [
      (box.x1, left), (box.y1, top), (box.x2, right), (box.y2, bottom),
    ] { #expect(abs(edge - Float(found)) <= 1.01, "\(name): \(box), mask to \(found)") }
    guard !["label_map", "cvt"].contains(name) else { return }
    // The middle of the box is bright, whatever became of the rest.
    let (x, y) = (Int(box.x1 + box.width / 2), Int(box.y1 + box.height / 2))
    #expect(sample.image.pixels[(y * sample.image.width + x) * sample.image.channels] > 200)
  }

  @Test func floatsEndAPipeline() throws {
    let (flip, normalize) = (Selection("flip"), Selection("normalize"))
    #expect(throws: SettingsError.self) { try PreprocessingPipeline([normalize, flip], at: "ops") }
    #expect(throws: SettingsError.self) { try PreprocessingPipeline([], at: "ops") }
    let pipeline = try PreprocessingPipeline([flip, normalize], at: "ops")
    guard case .array(let floats) = try pipeline.result(of: Self.scene().image) else {
      Issue.record("no array")
      return
    }
    #expect(floats.shape == [30, 40, 3])
    let values = try #require(floats.elements(as: Float.self))
    #expect(abs(values[0] - (16 / 255 - 0.485) / 0.229) < 1e-5)
  }

  @Test func aLetterboxBeforeNormalizeGivesTheSameFused() throws {
    let selections = [
      Selection("flip"), Selection("letterbox", [.init("height", .integer(50))]),
      Selection("normalize"),
    ]
    let fused = try PreprocessingPipeline(selections, at: "ops")
    let image = Self.scene().image
    guard case .array(let array) = try fused.result(of: image) else {
      Issue.record("no array")
      return
    }
    let letterbox = try PreprocessingPipeline(Array(selections.dropLast()), at: "ops")
    let bytes = try letterbox(Self.scene()).image
    #expect(try preprocessingOps.make(Selection("normalize"), at: "").array(of: bytes) == array)
    #expect(array.shape == [50, 640, 3])
  }

  @Test func arraysOfMasks() throws {
    let mask = Image(width: 3, height: 2, channels: 1, pixels: [0, 5, 0, 0, 0, 9])
    func array(_ name: String) throws -> NumericArray {
      try preprocessingOps.make(Selection(name), at: name).array(of: mask)
    }
    #expect(try array("connected_components").elements(as: Int32.self) == [0, 1, 0, 0, 0, 1])
    #expect(try array("distance_transform").elements(as: Float.self) == [0, 1, 0, 0, 0, 1])
  }

  @Test func wrongOptionsAreNamed() {
    func refused(_ name: String, _ entries: [Settings.Entry]) -> SettingsError? {
      #expect(throws: SettingsError.self) {
        try preprocessingOps.make(Selection(name, entries), at: name).apply(to: Self.scene())
      }
    }
    #expect(refused("resize", [])?.key == "resize.width")
    #expect(refused("gaussian_blur", [.init("size", .integer(4))])?.key == "gaussian_blur.size")
    #expect(refused("crop", [.init("x", .integer(40))])?.received.contains("(40, 0)") == true)
    #expect(refused("border", [.init("value", .list([.integer(300)]))])?.key == "border.value")
  }
}
