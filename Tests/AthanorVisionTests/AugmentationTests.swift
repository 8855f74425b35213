import AthanorCore
import AthanorVision
import Testing

@Suite("Augmentations")
struct AugmentationTests {
  /// A bright rectangle of class 3 on a dark ground, with its box.
  static func scene(width: Int = 96, height: Int = 64) -> Sample {
    var image = randomImage(width: width, height: height, channels: 3, seed: 5)
    var mask = Image(width: width, height: height, channels: 1)
    for i in image.pixels.indices { image.pixels[i] /= 4 }
    for y in 20..<44 {
      for x in 30..<70 {
        mask.pixels[y * width + x] = 3
        for c in 0..<3 { image.pixels[(y * width + x) * 3 + c] = 250 }
      }
    }
    return Sample(
      name: "scene", image: image, mask: mask,
      boxes: [BoundingBox(x1: 30, y1: 20, x2: 70, y2: 44, label: 2)])
  }

  static func make(_ name: String, _ options: [Settings.Entry] = []) throws -> any Augmentation {
    try augmentations.make(Selection(name, options), at: "augmentations")
  }

  @Test("keep size and label values, and repeat with the same seed", arguments: augmentations.names)
  func contract(name: String) throws {
    let step = try Self.make(name)
    let scene = Self.scene()
    var changed = false
    for seed in 0..<40 {
      var (a, b) = (Generator(seed), Generator(seed))
      let once = step.apply(to: scene, epoch: 300, using: &a)
      let again = step.apply(to: scene, epoch: 300, using: &b)
      #expect(once.image == again.image && once.mask == again.mask && once.boxes == again.boxes)
      #expect(a.next() == b.next())
      #expect((once.image.width, once.image.height, once.image.channels) == (96, 64, 3))
      #expect(once.mask!.pixels.allSatisfy { [0, 3, 255].contains($0) })
      for box in once.boxes! {
        #expect(box.x1 >= 0 && box.y1 >= 0 && box.x2 <= 96 && box.y2 <= 64)
        #expect(box.width > 0 && box.height > 0 && box.label == 2)
      }
      changed = changed || once.image != scene.image

      var unlabelled = scene
      (unlabelled.mask, unlabelled.boxes) = (nil, nil)
      var c = Generator(seed)
      let bare = step.apply(to: unlabelled, epoch: 300, using: &c)
      #expect(bare.image == once.image && bare.mask == nil && bare.boxes == nil)
    }
    #expect(changed)
  }

  @Test(
    "move image, mask and boxes together",
    arguments: ["horizontal_flip", "vertical_flip", "random_scale_crop"])
  func alignment(name: String) throws {
    let step = try Self.make(name)
    for seed in 0..<60 {
      var generator = Generator(seed)
      let moved = step.apply(to: Self.scene(), epoch: 0, using: &generator)
      let mask = moved.mask!
      var (x1, y1, x2, y2) = (mask.width, mask.height, 0, 0)
      for y in 0..<mask.height {
        for x in 0..<mask.width where mask.pixels[y * mask.width + x] == 3 {
          (x1, y1, x2, y2) = (min(x1, x), min(y1, y), max(x2, x + 1), max(y2, y + 1))
          // The object is bright: its inside stays bright wherever it goes.
          let inside =
            x > x1 + 2 && y > y1 + 2 && x + 3 < mask.width
            && mask.pixels[y * mask.width + x + 3] == 3
          let value = moved.image.pixels[(y * mask.width + x) * 3]
          if inside && y + 3 < mask.height && mask.pixels[(y + 3) * mask.width + x] == 3 {
            #expect(value > 240, "\(name), seed \(seed), pixel \(x), \(y)")
          }
        }
      }
      guard let box = moved.boxes!.first else { continue }
      let edges = [box.x1 - Float(x1), box.y1 - Float(y1), box.x2 - Float(x2), box.y2 - Float(y2)]
      #expect(edges.allSatisfy { abs($0) <= 1.5 }, "\(name), seed \(seed): \(edges)")
    }
  }

  @Test("Erased pixels are ignored, and a covered box is dropped")
  func erasing() throws {
    let step = try Self.make(
      "random_erasing",
      [.init("probability", .number(1)), .init("area", .list([.number(0.9), .number(1)]))])
    var generator = Generator(3)
    let erased = step.apply(to: Self.scene(), epoch: 0, using: &generator)
    #expect(erased.boxes == [])
    #expect(erased.mask!.pixels.count { $0 == 255 } > 96 * 64 / 2)
  }

  @Test("GridMask drops (1 − ratio)² of the image and grows with training")
  func gridMask() throws {
    let step = try Self.make(
      "gridmask",
      [
        .init("probability", .number(1)), .init("d_min", .integer(8)), .init("d_max", .integer(9)),
        .init("ignore", .bool(true)),
      ])
    var generator = Generator(1)
    let masked = step.apply(to: Self.scene(), epoch: 250, using: &generator)
    #expect(masked.mask!.pixels.count { $0 == 255 } == 96 * 64 / 4)
    #expect(masked.boxes == Self.scene().boxes)
    #expect(step.apply(to: Self.scene(), epoch: 0, using: &generator).image == Self.scene().image)
    for preset in GridMask.Preset.allCases {
      for rotate in [0, 1, 45] {
        let step = try Self.make(
          "gridmask",
          [
            .init("preset", .string(preset.rawValue)), .init("rotate", .integer(rotate)),
            .init("probability", .number(1)),
          ])
        _ = step.apply(to: Self.scene(), epoch: 999, using: &generator)
      }
    }
  }

  @Test("Options out of range are refused with their place")
  func badOptions() {
    let error = #expect(throws: SettingsError.self) {
      try AugmentationPipeline([Selection("blur", [.init("size", .integer(4))])])
    }
    #expect(error?.description.hasPrefix("augmentations[0].size") == true, "\(error!)")
    #expect(throws: SettingsError.self) {
      try AugmentationPipeline([Selection("horizontal_flipp")])
    }
  }

  @Test("A pipeline applies its steps in order")
  func pipeline() throws {
    let flip = Selection("horizontal_flip", [.init("probability", .number(1))])
    let pipeline = try AugmentationPipeline([flip, flip])
    var generator = Generator(1)
    let twice = pipeline.apply(to: Self.scene(), epoch: 0, using: &generator)
    #expect(twice.image == Self.scene().image && twice.boxes == Self.scene().boxes)
  }
}
