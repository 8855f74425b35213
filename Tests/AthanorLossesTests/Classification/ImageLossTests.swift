import AthanorCore
import AthanorLosses
import AthanorTensor
import Foundation
import Testing

@Suite struct ImageLossTests {
  /// With a label smoothing, the value that PyTorch's `cross_entropy(ignore_index=-1)` gives in
  /// float64 for `batch`, the gradient's norm and its first six elements.
  static let cases: [(smoothing: Double, value: Double, norm: Double, gradient: [Double])] = [
    (
      0, 3.1768559914252057, 0.5926942822295668,
      [
        -0.174528325744, 0.167167554404, 0.006806426683, 0.000554344656, 0.003627840267,
        0.120454379691,
      ]
    ),
    (
      0.1, 3.138438500897582, 0.5549687928172576,
      [
        -0.155778325744, 0.160917554404, 0.000556426683, -0.005695655344, -0.002622159733,
        0.114204379691,
      ]
    ),
    (
      0.5, 2.984768538787087, 0.4150972852895283,
      [
        -0.080778325744, 0.135917554404, -0.024443573317, -0.030695655344, -0.027622159733,
        0.089204379691,
      ]
    ),
  ]

  /// 3 sin(1.3 i + .7) for i from 0; the third image has no class.
  static let logits = Tensor((0..<20).map { 3 * sin(1.3 * Double($0) + 0.7) }, shape: [5, 4])
  static let labels = Tensor([0, 3, -1, 2, 2] as [Int32], shape: [5])

  private static func loss(_ smoothing: Double) throws -> ImageCrossEntropyLoss {
    var options = ImageCrossEntropyLoss.Options()
    options.labelSmoothing = smoothing
    return try ImageCrossEntropyLoss(options)
  }

  @Test func theRegistryHasNoOther() { #expect(imageLosses.names == ["cross_entropy"]) }

  @Test func agreesWithPyTorch() throws {
    for item in Self.cases {
      let loss = try Self.loss(item.smoothing)
      for (dtype, tolerance) in [(DType.float64, 1e-10), (.float32, 2e-6)] {
        let (value, gradient) = valueAndGradient(Self.logits.cast(to: dtype)) {
          loss($0, Self.labels)
        }
        expectClose(value, item.value, tolerance)
        expectClose(norm(gradient), item.norm, tolerance)
        for (a, b) in zip(gradient, item.gradient) { expectClose(a, b, tolerance) }
        #expect(gradient[8..<12].allSatisfy { $0 == 0 })
      }
    }
  }

  @Test(arguments: [0, 0.1, 0.9]) func isItsFormula(_ smoothing: Double) throws {
    let loss = try Self.loss(smoothing)
    for (seed, classes) in [1, 2, 7].enumerated() {
      let logits = normal([6, classes], scale: 2, seed: seed)
      let labels = (0..<6).map { Int32($0 == 2 ? -1 : $0 % classes) }
      let rows = logits.doubles
      var sum = 0.0
      for (n, label) in labels.enumerated() where label >= 0 {
        let row = rows[(n * classes)..<((n + 1) * classes)].map { $0 }
        let normalizer = log(row.reduce(0) { $0 + exp($1) })
        for (c, logit) in row.enumerated() {
          let share = smoothing / Double(classes) + (c == Int(label) ? 1 - smoothing : 0)
          sum -= share * (logit - normalizer)
        }
      }
      expectClose(loss(logits, Tensor(labels, shape: [6])).scalar, sum / 5, 1e-12)
      expectGradient(at: logits, step: 1e-6) { loss($0, Tensor(labels, shape: [6])) }
    }
  }

  @Test func imagesWithoutAClassCountNowhere() throws {
    let loss = try Self.loss(0.1)
    let plain = valueAndGradient(Self.logits) { loss($0, Self.labels) }
    var values = Self.logits.doubles
    for c in 8..<12 { values[c] = 300 * Double(c - 9) }
    let other = valueAndGradient(Tensor(values, shape: [5, 4])) { loss($0, Self.labels) }
    #expect(other.value == plain.value && other.gradient == plain.gradient)
  }

  @Test func noLabelledImageGivesZeros() throws {
    for smoothing in [0, 0.1] {
      let loss = try Self.loss(smoothing)
      for count in [0, 3] {
        for dtype in [DType.float32, .float64] {
          let logits = normal([count, 4], seed: 1).cast(to: dtype)
          let labels = Tensor([Int32](repeating: -1, count: count), shape: [count])
          let (value, gradient) = valueAndGradient(logits) { loss($0, labels) }
          #expect(value == 0 && gradient.allSatisfy { $0 == 0 } && gradient.count == 4 * count)
        }
      }
    }
  }

  @Test func finiteForFiniteLogits() throws {
    let extremes = [-1e30, -500, -88, 0, 88, 500, 1e30]
    for smoothing in [0, 0.1] {
      let loss = try Self.loss(smoothing)
      for dtype in [DType.float32, .float64] {
        for a in extremes {
          for b in extremes {
            let (value, gradient) = valueAndGradient(
              Tensor([a, b], shape: [1, 2]).cast(to: dtype)
            ) { loss($0, Tensor([1] as [Int32], shape: [1])) }
            #expect(value.isFinite && gradient.allSatisfy(\.isFinite), "\(a), \(b): \(value)")
          }
        }
      }
    }
  }

  @Test func smoothingIsAFraction() {
    for smoothing in [-0.1, 1, .nan] {
      #expect(throws: SettingsError.self) { try Self.loss(smoothing) }
    }
  }
}
