import AthanorCore
import AthanorLosses
import AthanorTensor
import Foundation
import Testing

/// A batch of logits and its mask.
struct SegmentationCase: Sendable, CustomStringConvertible {
  let description: String
  let logits: Tensor
  let target: Tensor

  init(_ description: String, _ logits: Tensor, _ classes: [UInt8]) {
    self.description = description
    self.logits = logits
    target = Tensor(classes, shape: Array(logits.shape.dropLast()))
  }

  static func labels(_ count: Int, classes: Int, ignored: Double = 0.2, seed: Int) -> [UInt8] {
    var generator = Generator(seed)
    return (0..<count).map { _ in
      generator.chance(ignored) ? 255 : UInt8(generator.integer(in: 0..<classes))
    }
  }

  static let cases: [SegmentationCase] = [
    .init("random", normal([2, 3, 5, 4], seed: 1), labels(30, classes: 4, seed: 2)),
    .init("many classes", normal([1, 2, 4, 33], seed: 3), labels(8, classes: 33, seed: 4)),
    .init("one channel", normal([2, 3, 4, 1], seed: 5), labels(24, classes: 2, seed: 6)),
    .init("two channels", normal([1, 6, 7, 2], seed: 7), labels(42, classes: 2, seed: 8)),
    .init("absent class", normal([1, 3, 4, 5], seed: 9), labels(12, classes: 3, seed: 10)),
    .init("all ignored", normal([1, 3, 4, 3], seed: 11), .init(repeating: 255, count: 12)),
    .init("single pixel", normal([1, 1, 1, 3], seed: 12), [2]),
    .init("one class everywhere", normal([1, 3, 3, 3], seed: 13), .init(repeating: 1, count: 9)),
    .init(
      "saturated",
      Tensor([80, -80, 0, -80, 80, 80, -80, -80, -80, 80.0, 79, -80], shape: [1, 2, 2, 3]),
      [0, 0, 2, 1]),
  ]
}

@Suite struct SegmentationLossTests {
  /// Every loss of the registry under its defaults, and options that take other paths.
  static let losses: [(label: String, loss: any SegmentationLoss)] = {
    func numbers(_ values: [Double]) -> Settings { .list(values.map { .number($0) }) }
    var result: [(String, any SegmentationLoss)] = []
    for name in segmentationLosses.names {
      result.append((name, try! segmentationLosses.make(Selection(name), at: "loss")))
    }
    for (name, key, value) in [
      ("cross_entropy", "label_smoothing", Settings.number(0.1)),
      ("focal", "gamma", .number(0)), ("focal", "gamma", .number(0.5)),
      ("focal", "gamma", .number(1)), ("focal", "gamma", .number(3.5)),
      ("focal", "alpha", .number(0.25)), ("dice", "smooth", .number(1)),
      ("dice", "denominator", .string("squared")), ("jaccard", "smooth", .number(1)),
      ("tversky", "gamma", .number(1.5)), ("weighted_cross_entropy", "scheme", .string("enet")),
      ("weighted_cross_entropy", "scheme", .string("median_frequency")),
      ("weighted_cross_entropy", "border_weight", .number(10)),
      ("bce", "pos_weight", .number(3)), ("boundary", "region", .string("generalized_dice")),
      ("exponential_logarithmic", "gamma_cross", .number(2)),
    ] {
      let selection = Selection(name, [.init(key, value)])
      result.append(
        ("\(name) \(key)=\(value)", try! segmentationLosses.make(selection, at: "loss")))
    }
    return result
  }()

  /// Whether it matters which pixels are neighbours, or which are of one image.
  static func dependsOnPlace(_ label: String) -> Bool {
    ["boundary", "border_weight", "median_frequency"].contains { label.contains($0) }
  }

  @Test(arguments: SegmentationCase.cases) func gradientsMatchDifferences(_ item: SegmentationCase)
  {
    // The step is less than the distance of any two errors, at whose equality Lovász has a corner.
    for (label, loss) in Self.losses {
      expectGradient(at: item.logits, step: 1e-6, tolerance: 1e-6, "\(label), \(item)") {
        loss($0, item.target)
      }
    }
  }

  @Test(arguments: SegmentationCase.cases) func floatAgreesWithDouble(_ item: SegmentationCase) {
    for (label, loss) in Self.losses {
      let double = valueAndGradient(item.logits) { loss($0, item.target) }
      let float = valueAndGradient(item.logits.cast(to: .float32)) { loss($0, item.target) }
      expectClose(float.value, double.value, 2e-6, "\(label), \(item)")
      #expect(
        norm(zip(float.gradient, double.gradient).map { $0 - $1 })
          <= 5e-6 * max(norm(double.gradient), 1e-3), "\(label), \(item)")
    }
  }

  @Test func finiteForFiniteLogits() {
    let extremes = [-1e30, -500, -88, -80, 0, 1e-30, 80, 88, 500, 1e30]
    for (label, loss) in Self.losses {
      for a in extremes {
        for b in extremes {
          for target: UInt8 in [0, 1, 255] {
            for dtype in [DType.float32, .float64] {
              let logits = Tensor([a, b], shape: [1, 1, 1, 2]).cast(to: dtype)
              let (value, gradient) = valueAndGradient(logits) {
                loss($0, Tensor([target], shape: [1, 1, 1]))
              }
              #expect(
                value.isFinite && gradient.allSatisfy(\.isFinite),
                "\(label) at (\(a), \(b)), target \(target), \(dtype): \(value), \(gradient)")
              if target == 255 { #expect(value == 0 && gradient == [0, 0], "\(label)") }
            }
          }
        }
      }
    }
  }

  @Test func ignoredPixelsCountNowhere() {
    let item = SegmentationCase.cases[0]
    let classes = item.target.array(of: UInt8.self)
    var wild = item.logits.array(of: Double.self)
    for (i, label) in classes.enumerated() where label == 255 {
      for c in 0..<4 { wild[4 * i + c] = c == 0 ? .nan : 1e300 }
    }
    for (label, loss) in Self.losses {
      let plain = valueAndGradient(item.logits) { loss($0, item.target) }
      let other = valueAndGradient(Tensor(wild, shape: item.logits.shape)) { loss($0, item.target) }
      #expect(plain.value == other.value && plain.gradient == other.gradient, "\(label)")
      for (i, mark) in classes.enumerated() where mark == 255 {
        for c in 0..<4 { #expect(plain.gradient[4 * i + c] == 0, "\(label)") }
      }
    }
  }

  @Test func largeBatchesEqualTheirPixelsTakenTogether() {
    // Several chunks on several threads, a last block that is not full: the pixels' order and the
    // batch's shape make no difference.
    let count = 9_001
    let logits = normal([1, 1, count, 3], seed: 21)
    let labels = SegmentationCase.labels(count, classes: 3, seed: 22)
    for (label, loss) in Self.losses where !Self.dependsOnPlace(label) {
      let wide = valueAndGradient(logits) { loss($0, Tensor(labels, shape: [1, 1, count])) }
      let tall = valueAndGradient(logits.reshaped([count, 1, 1, 3])) {
        loss($0, Tensor(labels, shape: [count, 1, 1]))
      }
      #expect(wide.value == tall.value && wide.gradient == tall.gradient, "\(label)")
    }
  }

  @Test func upstreamGradientScales() {
    let item = SegmentationCase.cases[0]
    for (label, loss) in Self.losses {
      let once = valueAndGradient(item.logits) { loss($0, item.target) }
      let thrice = valueAndGradient(item.logits) { loss($0, item.target) * 3 }
      #expect(relativeDistance(thrice.gradient, once.gradient.map { 3 * $0 }) < 1e-14, "\(label)")
    }
  }

  @Test func differentiatingTwiceGivesTheSame() {
    let item = SegmentationCase.cases[0]
    for (label, loss) in Self.losses {
      let variable = item.logits.variable()
      let result = loss(variable, item.target)
      let (first, second) = (
        gradients(of: result, for: [variable])[0]!, gradients(of: result * 2, for: [variable])[0]!
      )
      #expect(
        relativeDistance(second.doubles, first.doubles.map { 2 * $0 }) < 1e-14, "\(label)")
    }
  }

  @Test func frequenciesOfTheBatchAreTheDefault() {
    let item = SegmentationCase.cases[0]
    var frequencies = ClassFrequencies(classes: 4)
    let labels = item.target.array(of: UInt8.self)
    for image in [labels[..<15], labels[15...]] {
      image.withUnsafeBufferPointer { frequencies.add($0) }
    }
    var other = frequencies
    other.pixels = other.pixels.reversed()
    for (label, loss) in Self.losses {
      let (own, strange) = (loss.fitted(to: frequencies), loss.fitted(to: other))
      #expect(!own.needsFrequencies, "\(label)")
      #expect(own(item.logits, item.target).scalar == loss(item.logits, item.target).scalar)
      let isChanged =
        strange(item.logits, item.target).scalar != loss(item.logits, item.target).scalar
      #expect(isChanged == loss.needsFrequencies, "\(label)")
    }
  }

  @Test func focalWithoutFocusIsCrossEntropy() throws {
    let focal = try segmentationLosses.make(
      Selection("focal", [.init("gamma", .number(0))]), at: "loss")
    let entropy = try CrossEntropyLoss()
    for item in SegmentationCase.cases {
      let a = valueAndGradient(item.logits) { focal($0, item.target) }
      let b = valueAndGradient(item.logits) { entropy($0, item.target) }
      expectClose(a.value, b.value, 1e-12, "\(item)")
      #expect(norm(zip(a.gradient, b.gradient).map { $0 - $1 }) < 1e-12, "\(item)")
    }
  }

  @Test(arguments: ["cross_entropy", "weighted_cross_entropy"])
  func impossibleClassesLeaveTheLossFinite(name: String) throws {
    let loss = try segmentationLosses.make(Selection(name), at: "loss")
    let target = Tensor([UInt8]([0, 255]), shape: [1, 1, 2])
    let (value, gradient) = valueAndGradient(
      Tensor([0, 1, -Double.infinity, 0, 0, -Double.infinity], shape: [1, 1, 2, 3])
    ) { loss($0, target) }
    expectClose(value, log(1 + exp(1)), 1e-12, name)
    let p = 1 / (1 + exp(1.0))
    #expect(norm(zip(gradient, [p - 1, 1 - p, 0, 0, 0, 0]).map { $0 - $1 }) < 1e-12)
  }

  @Test func diceOfHardPredictionsIsF1() throws {
    let predicted: [UInt8] = [0, 0, 1, 1, 1, 2, 2, 0]
    let truth: [UInt8] = [0, 1, 1, 1, 2, 2, 0, 255]
    var logits: [Double] = []
    for p in predicted { logits += (0..<3).map { $0 == Int(p) ? 80 : -80 } }
    let dice = try DiceLoss()
    let loss = dice(
      Tensor(logits, shape: [1, 2, 4, 3]), Tensor(truth, shape: [1, 2, 4]))
    let f1 = (0..<3).map { c -> Double in
      let pairs = zip(predicted, truth).filter { $0.1 != 255 }
      let hits = pairs.filter { $0.0 == c && $0.1 == c }.count
      return 2 * Double(hits)
        / Double(pairs.filter { $0.0 == c }.count + pairs.filter { $0.1 == c }.count)
    }
    expectClose(loss.scalar, 1 - f1.reduce(0, +) / 3, 1e-12)
  }

  @Test func tverskyOfHalvesIsDiceAndItsWeightsAreWhatTheySay() throws {
    func make(_ alpha: Double, _ beta: Double) throws -> any SegmentationLoss {
      try segmentationLosses.make(
        Selection("tversky", [.init("alpha", .number(alpha)), .init("beta", .number(beta))]),
        at: "loss")
    }
    let (half, dice) = (try make(0.5, 0.5), try DiceLoss())
    for item in SegmentationCase.cases {
      let a = valueAndGradient(item.logits) { half($0, item.target) }
      let b = valueAndGradient(item.logits) { dice($0, item.target) }
      expectClose(a.value, b.value, 1e-12, "\(item)")
      #expect(norm(zip(a.gradient, b.gradient).map { $0 - $1 }) < 1e-12, "\(item)")
    }
    // One foreground pixel found, one falsely found, or one missed.
    func loss(_ predicted: [Double], _ alpha: Double, _ beta: Double) throws -> Double {
      let loss = try make(alpha, beta)
      let logits = Tensor(predicted.map { 80 * $0 }, shape: [1, 1, 3, 1])
      return loss(logits, Tensor([1, 0, 1] as [UInt8], shape: [1, 1, 3])).scalar
    }
    let (false1, missed) = ([1.0, 1, 1], [1.0, -1, -1])
    expectClose(try loss(false1, 0.25, 1), 1 - 2 / 2.25, 1e-9)
    expectClose(try loss(missed, 1, 0.25), 1 - 1 / 1.25, 1e-9)
  }

  @Test func lovaszOfHardPredictionsIsTheJaccardLoss() throws {
    // Errors are 0 or 1: the extension is the set function itself.
    let (predicted, truth): ([Int], [UInt8]) = ([0, 0, 1, 1, 1, 0], [0, 1, 1, 1, 0, 255])
    let logits: [Double] = predicted.flatMap { $0 == 0 ? [80.0, -80.0] : [-80.0, 80.0] }
    let lovasz = LovaszSoftmaxLoss()
    let loss = lovasz(Tensor(logits, shape: [1, 2, 3, 2]), Tensor(truth, shape: [1, 2, 3]))
    // Of class 0 one of three is right, of class 1 two of four.
    expectClose(loss.scalar, 1 - (1.0 / 3 + 2.0 / 4) / 2, 1e-9)
  }

  @Test func boundaryWeighsBySignedDistance() throws {
    // Class 1 in the middle three of five pixels: φ = 1, 0, −1, 0, 1.
    let target = Tensor([0, 1, 1, 1, 0] as [UInt8], shape: [1, 1, 5])
    let boundary = try BoundaryLoss()
    let even = Tensor([Double](repeating: 0, count: 10), shape: [1, 1, 5, 2])
    expectClose(boundary(even, target).scalar, 0.5 / 5, 1e-7)
    let perfect = Tensor([80, -80, -80, 80, -80, 80, -80, 80, 80, -80.0], shape: [1, 1, 5, 2])
    expectClose(boundary(perfect, target).scalar, -1 / 5, 1e-7)
  }

  @Test func boundaryRebalancesByEpoch() throws {
    let item = SegmentationCase.cases[0]
    let plain = try BoundaryLoss()
    let both = try segmentationLosses.make(
      Selection("boundary", [.init("region", .string("generalized_dice"))]), at: "loss")
    let region = GeneralizedDiceLoss()
    let dice = region(item.logits, item.target).scalar
    let edge = plain(item.logits, item.target).scalar
    for (epoch, a, b) in [(0, 1.0, 0.01), (10, 0.9, 0.11), (200, 0.1, 2.01)] {
      let value = both(item.logits, item.target, epoch: epoch)
      expectClose(value.scalar, a * dice + b * edge, 1e-12)
    }
  }

  @Test func gapsBetweenObjectsWeighMore() throws {
    // Two objects with one pixel between them, and a pixel of background far away.
    let target = Tensor([1, 0, 1, 0, 0, 0, 0, 0] as [UInt8], shape: [1, 1, 8])
    func weight(of pixel: Int) throws -> Double {
      let loss = try segmentationLosses.make(
        Selection(
          "weighted_cross_entropy",
          [
            .init("class_weights", .list([.number(1), .number(1)])),
            .init("border_weight", .number(10)),
          ]), at: "loss")
      var logits = [Double](repeating: 0, count: 16)
      logits[2 * pixel] = -1
      let gradient = valueAndGradient(Tensor(logits, shape: [1, 1, 8, 2])) { loss($0, target) }
        .gradient
      return gradient[2 * pixel]
    }
    // d₁ + d₂ is 2 in the gap and 12 at the end.
    let expected = (1 + 10 * Foundation.exp(-4.0 / 50)) / (1 + 10 * Foundation.exp(-144.0 / 50))
    expectClose(try weight(of: 1) / weight(of: 7), expected, 1e-5)
  }

  @Test func sumsAddTheirTerms() throws {
    let item = SegmentationCase.cases[0]
    let sum = try segmentationLosses.make(
      Selection("sum", [.init("weights", .list([.number(2), .number(0.5)]))]), at: "loss")
    let (entropy, dice) = (try CrossEntropyLoss(), try DiceLoss())
    let expected =
      2 * entropy(item.logits, item.target).scalar + 0.5 * dice(item.logits, item.target).scalar
    expectClose(sum(item.logits, item.target).scalar, expected, 1e-12)
    #expect(throws: SettingsError.self) {
      try segmentationLosses.make(Selection("sum", [.init("losses", .list([]))]), at: "loss")
    }
  }

  @Test func optionsOutOfRangeAreRefused() {
    for (name, key, value) in [
      ("cross_entropy", "label_smoothing", Settings.number(1.5)),
      ("cross_entropy", "class_weights", .list([.number(-1)])),
      ("focal", "gamma", .number(-1)), ("dice", "epsilon", .number(0)),
    ] {
      #expect(throws: SettingsError.self) {
        try segmentationLosses.make(Selection(name, [.init(key, value)]), at: "loss")
      }
    }
  }
}
