import AthanorCore

/// The inputs on which segmentation losses are compared, the same in every run.
let segmentationLossCases: [SegmentationLossCase] =
  [1, 2, 5, 21].map { .random("random, C = \($0)", [2, 17, 13, $0]) }
  + [
    .random("blocks, C = 1", [2, 17, 13, 1], .blocks),
    .random("blocks, C = 5", [2, 17, 13, 5], .blocks),
    .random("saturated, C = 1", [2, 17, 13, 1], saturation: 80),
    .random("saturated, C = 5", [2, 17, 13, 5], saturation: 80),
    .random("all ignored, C = 1", [2, 17, 13, 1], .ignored),
    .random("all ignored, C = 5", [2, 17, 13, 5], .ignored),
    .random("absent classes, C = 5", [2, 17, 13, 5], .oneIn(2)),
    .random("foreground absent, C = 1", [2, 17, 13, 1], .oneIn(2)),
    .random("single pixel, C = 1", [1, 1, 1, 1], .blocks),
    .random("single pixel, C = 3", [1, 1, 1, 3], .blocks),
  ]

/// The inputs on which box losses are compared: 32 boxes of each kind.
let boxLossCases: [BoxLossCase] = [
  .pairs("random") { generator in
    (.random(&generator, within: 100), .random(&generator, within: 100))
  },
  .pairs("enclosed") { generator in
    let outer = Box.random(&generator, within: 100)
    return (outer.part(&generator), outer)
  },
  .pairs("enclosing") { generator in
    let outer = Box.random(&generator, within: 100)
    return (outer, outer.part(&generator))
  },
  .pairs("disjoint") { generator in
    (.random(&generator, within: 40), Box.random(&generator, within: 40).moved(x: 50, y: 60))
  },
  .pairs("tiny") { generator in
    let target = Box.random(&generator, within: 0.01).moved(x: 4, y: 5)
    return (target.part(&generator), target)
  },
  .pairs("touching", isSmooth: false) { generator in
    let box = Box.random(&generator, within: 100)
    return (box, Box(x1: box.x2, y1: box.y1, x2: box.x2 + 20, y2: box.y2))
  },
  .pairs("identical", isSmooth: false) { generator in
    let box = Box.random(&generator, within: 100)
    return (box, box)
  },
]

// MARK: - Segmentation

extension SegmentationLossCase {
  enum Labels {
    /// A random class for every pixel, one pixel in seven ignored.
    case scattered
    /// Blocks of one class each, with a strip of ignored pixels.
    case blocks
    /// Only every n-th class, from 0.
    case oneIn(Int)
    case ignored
  }

  /// Logits from N(0, 1), about ±`saturation` where it is given.
  ///
  /// Values are never exactly ±`saturation`: equal logits would be ties, where a sorting loss has
  /// no gradient.
  static func random(
    _ label: String, _ shape: [Int], _ labels: Labels = .scattered, saturation: Double = 0
  ) -> Self {
    var generator = Generator(shape + label.utf8.map { Int($0) })
    let logits = (0..<shape.reduce(1, *)).map { _ in
      generator.normal() + (generator.chance(0.5) ? saturation : -saturation)
    }
    let (h, w, classes) = (shape[1], shape[2], max(2, shape[3]))
    let target = (0..<shape[0] * h * w).map { i in
      let (row, column) = (i / w, i % w)
      switch labels {
      case .ignored: return UInt8(255)
      case .blocks where column == 9: return 255
      case .blocks: return UInt8((row / 4 + column / 3 * 2 + 1) % classes)
      case .scattered, .oneIn:
        if generator.chance(1 / 7.0) { return 255 }
        let one = generator.integer(in: 0..<classes)
        if case .oneIn(let step) = labels { return UInt8(one / step * step) }
        return UInt8(one)
      }
    }
    return Self(label: label, shape: shape, logits: logits, target: target)
  }
}

/// Options under which segmentation losses are compared, in addition to their defaults.
func segmentationVariants(classes: Int) -> [Selection] {
  let list = Settings.list((0..<classes).map { .number(0.5 + 0.25 * Double($0 % 4)) })
  // The last class has frequency 0.
  let frequencies = Settings.list(
    (0..<classes).map { .number($0 == classes - 1 ? 0 : 1 / Double($0 + 2)) })
  func variant(_ name: String, _ options: (String, Settings)...) -> Selection {
    Selection(name, options.map { Settings.Entry($0, $1) })
  }
  return [
    variant("cross_entropy", ("class_weights", list)),
    variant("cross_entropy", ("label_smoothing", .number(0.1))),
    variant("cross_entropy", ("class_weights", list), ("label_smoothing", .number(0.1))),
    variant("weighted_cross_entropy", ("scheme", .string("inverse_frequency"))),
    variant("weighted_cross_entropy", ("scheme", .string("median_frequency"))),
    variant("weighted_cross_entropy", ("scheme", .string("enet"))),
    variant("weighted_cross_entropy", ("scheme", .string("enet")), ("frequencies", frequencies)),
    variant(
      "weighted_cross_entropy", ("scheme", .string("median_frequency")),
      ("frequencies", frequencies)),
    variant("weighted_cross_entropy", ("class_weights", list)),
    variant("weighted_cross_entropy", ("border_weight", .number(10.0))),
    variant(
      "weighted_cross_entropy", ("border_weight", .number(3.0)), ("border_sigma", .number(1.5))),
    variant("bce", ("pos_weight", .number(2.5))),
    variant("focal", ("gamma", .number(0.0))),
    variant("focal", ("gamma", .number(0.5)), ("alpha", .number(0.25))),
    variant("focal", ("gamma", .number(3.5)), ("alpha", list)),
    variant("sigmoid_focal", ("gamma", .number(0.0))),
    variant("sigmoid_focal", ("gamma", .number(1.5)), ("alpha", .number(0.6))),
    variant("dice", ("smooth", .number(1.0))),
    variant("dice", ("denominator", .string("squared"))),
    variant("dice", ("epsilon", .number(1000.0))),
    variant("jaccard", ("smooth", .number(1.0))),
    variant("jaccard", ("epsilon", .number(1000.0))),
    variant("tversky", ("alpha", .number(0.5)), ("beta", .number(0.5))),
    variant("tversky", ("gamma", .number(0.75)), ("smooth", .number(1.0))),
    variant("tversky", ("gamma", .number(2.0))),
    variant("exponential_logarithmic", ("gamma_dice", .number(1.0)), ("gamma_cross", .number(1.0))),
    variant(
      "exponential_logarithmic", ("dice_weight", .number(0.3)), ("cross_weight", .number(0.7))),
    variant("exponential_logarithmic", ("frequencies", frequencies)),
    variant("boundary", ("region", .string("generalized_dice"))),
    variant("boundary", ("region", .string("dice")), ("a", .number(0.7)), ("b", .number(0.1))),
    variant(
      "sum", ("losses", .list([.string("bce"), .string("jaccard"), .string("boundary")])),
      ("weights", .list([.number(0.5), .number(2), .number(0.1)]))),
  ]
}

// MARK: - Boxes

/// Options under which box losses are compared, in addition to their defaults.
let boxVariants: [Selection] = [
  Selection("smooth_l1", [.init("beta", .number(0.3))]),
  Selection("iou", [.init("linear", .bool(true))]),
  Selection("alpha_iou", [.init("alpha", .integer(2))]),
]

private struct Box {
  var x1, y1, x2, y2: Double

  static func random(_ generator: inout Generator, within side: Double) -> Box {
    let (x, y) = (generator.uniform(0, 0.6 * side), generator.uniform(0, 0.6 * side))
    return Box(
      x1: x, y1: y, x2: x + generator.uniform(0.1 * side, 0.4 * side),
      y2: y + generator.uniform(0.1 * side, 0.4 * side))
  }

  /// A box inside this one.
  func part(_ generator: inout Generator) -> Box {
    let (width, height) = (x2 - x1, y2 - y1)
    return Box(
      x1: x1 + width * generator.uniform(0.05, 0.45),
      y1: y1 + height * generator.uniform(0.05, 0.45),
      x2: x2 - width * generator.uniform(0.05, 0.45),
      y2: y2 - height * generator.uniform(0.05, 0.45))
  }

  func moved(x: Double, y: Double) -> Box { Box(x1: x1 + x, y1: y1 + y, x2: x2 + x, y2: y2 + y) }

  var corners: [Double] { [x1, y1, x2, y2] }
}

extension BoxLossCase {
  fileprivate static func pairs(
    _ label: String, isSmooth: Bool = true, _ pair: (inout Generator) -> (Box, Box)
  ) -> Self {
    var generator = Generator(label.utf8.map { Int($0) })
    let boxes = (0..<32).map { _ in pair(&generator) }
    return Self(
      label: label, prediction: boxes.flatMap(\.0.corners), target: boxes.flatMap(\.1.corners),
      isSmooth: isSmooth)
  }
}
