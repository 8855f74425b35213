import AthanorCore
import AthanorLosses
import AthanorTensor
import Foundation
import Testing

@Suite struct DetectionLossTests {
  static let strides = [8, 16, 32]

  static func wave(_ shape: [Int], _ scale: Double, _ frequency: Double, _ phase: Double) -> Tensor
  {
    Tensor(
      (0..<shape.reduce(1, *)).map { scale * sin(frequency * Double($0) + phase) }, shape: shape)
  }

  /// The variables of each level: class logits, raw distances, centerness logits, scale.
  static func levels(images: Int, size: Int, classes: Int, _ dtype: DType) -> [[Tensor]] {
    strides.indices.map { i in
      let (side, l) = (size / strides[i], Double(i))
      return [
        wave([images, side, side, classes], 2, 1.1 + l, 0.3),
        wave([images, side, side, 4], 1.5, 0.7 + l, 0.1),
        wave([images, side, side, 1], 1, 0.9 + l, 0.2),
        Tensor([[1, 1.2, 0.8][i]], shape: [1]),
      ].map { $0.cast(to: dtype).variable() }
    }
  }

  static func logits(_ levels: [[Tensor]]) -> [FCOSLevel] {
    zip(strides, levels).map {
      FCOSLevel(
        stride: $0, classification: $1[0], regression: $1[1], centerness: $1[2], scale: $1[3])
    }
  }

  static func loss(_ box: String = "giou") -> FCOSLoss {
    FCOSLoss(
      classification: try! SigmoidFocalLoss(),
      box: try! boxLosses.make(Selection(box), at: "box"))
  }

  static let targets = DetectionTargets(
    boxes: Tensor(
      [
        0, 8, 8, 24, 24, 0, 10, 9, 30, 27, 0, 0, 0, 128, 128, 0, 8, 8, 24, 24, 1, 20, 30, 90, 121,
        2, 5, 5, 60, 60, 1, 10, 10, 250, 240, 0, 60.5, 70.25, 100, 101,
      ] as [Float], shape: [8, 5]),
    classes: Tensor([0, 1, 2, 2, 1, 0, 2, 1] as [Int32], shape: [8]), hasBoxes: [true, true, false])

  struct Reference: Sendable {
    let box: String
    let boxTerm: Double
    /// Norms of the gradients on the raw distances, and the gradients on the scales, a level each.
    let regression: [Double]
    let scales: [Double]
  }

  /// PyTorch 2 in float64, by the twin of the reference network.
  static let references = [
    Reference(
      box: "giou", boxTerm: 0.8972098811464052,
      regression: [0.04010954630966627, 0.03123793005109517, 0.00947099610691289],
      scales: [0.09014159703686983, 0.0707575575378066, 0.0026514299151662417]),
    Reference(
      box: "iou", boxTerm: 2.258717221749791,
      regression: [0.11528559993995093, 0.0780161168909293, 0.059761752954547484],
      scales: [0.3734795589280842, -0.007023815686992029, -0.06020036624976008]),
    Reference(
      box: "smooth_l1", boxTerm: 140.7133233537393,
      regression: [4.017826919641133, 8.111686155564842, 5.857536065752987],
      scales: [10.08983646865557, 12.241472387860549, -17.46063543964907]),
  ]

  @Test(arguments: references) func agreesWithPyTorch(_ reference: Reference) {
    for (dtype, tolerance) in [(DType.float64, 1e-9), (.float32, 1e-5)] {
      let levels = Self.levels(images: 3, size: 256, classes: 3, dtype)
      let terms = Self.loss(reference.box)(Self.logits(levels), Self.targets)
      expectClose(terms.classification.scalar, 74.02960285880486, tolerance)
      expectClose(terms.box.scalar, reference.boxTerm, tolerance)
      expectClose(terms.centerness.scalar, 0.7581470772078732, tolerance)
      #expect(terms.positives == 42)
      let total = terms.classification + terms.box + terms.centerness
      let found = gradients(of: total, for: levels.flatMap { $0 })
      let classification = [0.8673155223770721, 0.4335148543957403, 0.21466503987159438]
      let centerness = [0.02814011316353496, 0.02718300132353478, 0.018835116243958984]
      for i in 0..<3 {
        let part = (0..<4).map { found[4 * i + $0]!.doubles }
        expectClose(norm(part[0]), classification[i], tolerance)
        expectClose(norm(part[1]), reference.regression[i], tolerance)
        expectClose(norm(part[2]), centerness[i], tolerance)
        expectClose(part[3][0], reference.scales[i], tolerance)
      }
    }
  }

  @Test func gradientsMatchDifferences() {
    let targets = DetectionTargets(
      boxes: Tensor([0, 3, 5, 27, 24, 0, 1, 2, 31, 30] as [Float], shape: [2, 5]),
      classes: Tensor([1, 0] as [Int32], shape: [2]), hasBoxes: [true])
    let levels = Self.levels(images: 1, size: 32, classes: 2, .float64)
    for part in 0..<4 {
      expectGradient(at: levels[0][part].detached(), tolerance: 1e-5, "part \(part)") { x in
        var changed = levels
        changed[0][part] = x
        let terms = Self.loss()(Self.logits(changed), targets)
        return terms.classification + terms.box + terms.centerness
      }
    }
  }

  static func empty(_ hasBoxes: [Bool]) -> DetectionTargets {
    DetectionTargets(
      boxes: Tensor([Float](), shape: [0, 5]), classes: Tensor([Int32](), shape: [0]),
      hasBoxes: hasBoxes)
  }

  @Test func imagesWithoutBoxesTrainNegatives() {
    let levels = Self.levels(images: 2, size: 32, classes: 2, .float32)
    let terms = Self.loss()(Self.logits(levels), Self.empty([true, true]))
    #expect(terms.classification.scalar > 0 && terms.box.scalar == 0)
    #expect(terms.centerness.scalar == 0 && terms.positives == 0)
  }

  @Test func unlabelledImagesContributeNothing() {
    let levels = Self.levels(images: 2, size: 32, classes: 2, .float32)
    let terms = Self.loss()(Self.logits(levels), Self.empty([false, false]))
    #expect(terms.classification.scalar == 0 && terms.box.scalar == 0)
    let found = gradients(of: terms.classification, for: levels.map { $0[0] })
    #expect(found.allSatisfy { $0!.doubles.allSatisfy { $0 == 0 } })
  }

  @Test func finiteForSaturatedOutputs() {
    for value in [-500.0, -80, 80, 500] {
      let levels = Self.levels(images: 3, size: 256, classes: 3, .float32)
        .map { $0.map { Tensor(repeating: value, shape: $0.shape).variable() } }
        .map { Array($0[..<3]) + [Tensor.ones([1]).variable()] }
      for name in boxLosses.names {
        let terms = Self.loss(name)(Self.logits(levels), Self.targets)
        let total = terms.classification + terms.box + terms.centerness
        #expect(total.scalar.isFinite, "\(name) at \(value)")
        let found = gradients(of: total, for: levels.flatMap { $0 })
        #expect(
          found.allSatisfy { $0!.doubles.allSatisfy(\.isFinite) }, "gradient of \(name) at \(value)"
        )
      }
    }
  }
}
