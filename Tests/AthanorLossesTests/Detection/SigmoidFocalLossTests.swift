import AthanorCore
import AthanorLosses
import AthanorTensor
import Foundation
import Testing

@Suite struct SigmoidFocalLossTests {
  static func make(alpha: Double = 0.25, gamma: Double = 2) -> SigmoidFocalLoss {
    var options = SigmoidFocalLoss.Options()
    options.alpha = alpha
    options.gamma = gamma
    return try! SigmoidFocalLoss(options)
  }

  static let variants = [
    (0.25, 2.0), (0.25, 0), (0.5, 1), (0.25, 0.5), (0.75, 3.5), (1, 2), (0, 2),
  ]

  /// The sum written out in double precision.
  static func expected(
    _ logits: [Double], _ labels: [Int32], classes: Int, alpha: Double, gamma: Double
  ) -> Double {
    var sum = 0.0
    for (point, label) in labels.enumerated() where label != PointLabel.ignored {
      for c in 0..<classes {
        let z = (Int32(c) == label ? 1 : -1) * logits[point * classes + c]
        let a = Int32(c) == label ? alpha : 1 - alpha
        let logP = min(z, 0) - log1p(exp(-abs(z)))
        sum -= a * pow(1 / (1 + exp(z)), gamma) * logP
      }
    }
    return sum
  }

  @Test func sumsEveryClassOfEveryPointThatCounts() {
    // More points than a block, runs of ignored ones, a class count that fills no lane.
    let (points, classes) = (2_500, 5)
    let logits = normal([points, classes], scale: 3, seed: 31)
    let labels = (0..<points).map {
      Int32($0 % 7 == 3 ? $0 % classes : $0 / 100 % 4 == 1 ? -2 : -1)
    }
    for (alpha, gamma) in Self.variants {
      let loss = Self.make(alpha: alpha, gamma: gamma)
      let target = Tensor(labels, shape: [points])
      let value = Self.expected(
        logits.doubles, labels, classes: classes, alpha: alpha, gamma: gamma)
      expectClose(loss(logits, target).scalar, value, 1e-12, "\(alpha) \(gamma)")
      let double = valueAndGradient(logits) { loss($0, target) }
      let float = valueAndGradient(logits.cast(to: .float32)) { loss($0, target) }
      expectClose(float.value, double.value, 1e-6, "\(alpha) \(gamma)")
      #expect(relativeDistance(float.gradient, double.gradient) < 1e-6, "\(alpha) \(gamma)")
      for (point, label) in labels.enumerated() where label == PointLabel.ignored {
        #expect(double.gradient[(point * classes)..<((point + 1) * classes)].allSatisfy { $0 == 0 })
      }
    }
  }

  @Test func gradientsMatchDifferences() {
    let logits = normal([6, 3], scale: 2, seed: 32)
    let labels = Tensor([0, -1, 2, -2, 1, -1] as [Int32], shape: [6])
    for (alpha, gamma) in Self.variants {
      let loss = Self.make(alpha: alpha, gamma: gamma)
      expectGradient(at: logits, "\(alpha) \(gamma)") { loss($0, labels) }
    }
    let saturated = Tensor([80, -80, 79, -79, 80, -80.0], shape: [2, 3])
    for (alpha, gamma) in Self.variants {
      let loss = Self.make(alpha: alpha, gamma: gamma)
      expectGradient(at: saturated, "\(alpha) \(gamma)") {
        loss($0, Tensor([0, -1] as [Int32], shape: [2]))
      }
    }
  }

  @Test func finiteForFiniteLogits() {
    for (alpha, gamma) in Self.variants {
      let loss = Self.make(alpha: alpha, gamma: gamma)
      for x in [-1e30, -500, -88, -80, 0, 80, 88, 500, 1e30] {
        for label: Int32 in [0, -1, -2] {
          for dtype in [DType.float32, .float64] {
            let (value, gradient) = valueAndGradient(Tensor([x], shape: [1, 1]).cast(to: dtype)) {
              loss($0, Tensor([label], shape: [1]))
            }
            #expect(value.isFinite && gradient[0].isFinite, "\(alpha) \(gamma) at \(x), \(label)")
          }
        }
      }
    }
  }

  @Test func withoutFocusItIsHalfTheCrossEntropy() {
    let logits = normal([4, 1], seed: 33)
    let loss = Self.make(alpha: 0.5, gamma: 0)(
      logits, Tensor([0, -1, 0, -1] as [Int32], shape: [4]))
    let signs = [1.0, -1, 1, -1]
    let entropy = zip(logits.doubles, signs).reduce(0) { $0 + log1p(exp(-$1.0 * $1.1)) }
    expectClose(loss.scalar, entropy / 2, 1e-12)
  }

  @Test func noPointsGiveNoLoss() {
    let none = Self.make()(Tensor([Double](), shape: [0, 3]), Tensor([Int32](), shape: [0]))
    #expect(none.scalar == 0)
  }
}
