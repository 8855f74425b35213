import AthanorCore
import AthanorLosses
import AthanorTensor
import Foundation
import Testing

/// Every depth loss of the registry, by what its doc comment says.
@Suite struct DepthLossTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    var options: [Settings.Entry] = []
    /// The loss of the valid pairs (p, y).
    let formula: @Sendable ([(p: Double, y: Double)]) -> Double
    /// What PyTorch gives for `DepthLossTests.batch` in float64: the value, the gradient's norm and
    /// its first six elements.
    let value: Double
    let norm: Double
    let gradient: [Double]

    var testDescription: String { "\(name) \(options)" }
    var loss: any DepthLoss {
      get throws { try depthLosses.make(Selection(name, options), at: "loss") }
    }
  }

  private static func mean(_ values: [Double]) -> Double {
    values.reduce(0, +) / Double(values.count)
  }

  static let cases = [
    Case(
      name: "l1", formula: { mean($0.map { abs($0.p - $0.y) }) }, value: 1.8063670216452379,
      norm: 0.223606797749979, gradient: [0.05, 0.05, -0.05, 0, 0.05, 0.05]),
    Case(
      name: "l2", formula: { mean($0.map { ($0.p - $0.y) * ($0.p - $0.y) }) },
      value: 4.902143607625325, norm: 0.9901660070539007,
      gradient: [
        0.043265306171, 0.179547732807, -0.013243394039, 0, 0.022350763001, 0.269719729069,
      ]
    ),
    Case(
      name: "smooth_l1", formula: { mean($0.map { smoothed(abs($0.p - $0.y), beta: 1) }) },
      value: 1.3707017097900889, norm: 0.1960324893251742,
      gradient: [0.021632653086, 0.05, -0.00662169702, 0, 0.011175381501, 0.05]),
    Case(
      name: "smooth_l1", options: [.init("beta", .number(0.5))],
      formula: { mean($0.map { smoothed(abs($0.p - $0.y), beta: 0.5) }) },
      value: 1.5739611930946673, norm: 0.20668755058889088,
      gradient: [0.043265306171, 0.05, -0.013243394039, 0, 0.022350763001, 0.05]),
    Case(
      name: "berhu",
      formula: { pairs in
        let sizes = pairs.map { abs($0.p - $0.y) }
        let c = 0.2 * sizes.max()!
        return mean(sizes.map { $0 <= c ? $0 : ($0 * $0 + c * c) / (2 * c) })
      }, value: 3.364311269809641, norm: 0.6141246850810526,
      gradient: [0.05, 0.109894180476, -0.05, 0, 0.05, 0.165084950508]),
    Case(
      name: "scale_invariant_log",
      formula: { pairs in
        let d = pairs.map { log(max($0.p, 1e-6)) - log($0.y) }
        return mean(d.map { $0 * $0 }) - 0.5 * mean(d) * mean(d)
      }, value: 40.25314879758722, norm: 0.2662643889073503,
      gradient: [0.034329359302, 0.035190885323, 0.066889966574, 0, 0.115782984614, 0.045549627539]
    ),
  ]

  private static func smoothed(_ size: Double, beta: Double) -> Double {
    size < beta ? size * size / (2 * beta) : size - beta / 2
  }

  /// p = 2.5 + 3 sin(1.3 i + .7), y = 2.5 + 1.5 cos(.9 i) for i from 0, four of y invalid; four
  /// predictions at valid pixels are 0 or less.
  static let batch: (prediction: Tensor, target: Tensor) = {
    var target = (0..<24).map { 2.5 + 1.5 * cos(0.9 * Double($0)) }
    for (i, value) in [(3, 0.0), (7, -2), (12, .nan), (20, .infinity)] { target[i] = value }
    let prediction = (0..<24).map { 2.5 + 3 * sin(1.3 * Double($0) + 0.7) }
    return (Tensor(prediction, shape: [2, 3, 4]), Tensor(target, shape: [2, 3, 4]))
  }()

  static let invalid = [3, 7, 12, 20]

  @Test func everyLossIsHere() { #expect(Set(Self.cases.map(\.name)) == Set(depthLosses.names)) }

  @Test(arguments: cases) func agreesWithPyTorch(_ item: Case) throws {
    let (prediction, target) = Self.batch
    let loss = try item.loss
    for (dtype, tolerance) in [(DType.float64, 1e-10), (.float32, 5e-6)] {
      let (value, gradient) = valueAndGradient(prediction.cast(to: dtype)) {
        // The target of a batch is float32 whatever the network computes in.
        loss($0, dtype == .float32 ? target.cast(to: .float32) : target)
      }
      expectClose(value, item.value, tolerance)
      expectClose(norm(gradient), item.norm, tolerance)
      for (a, b) in zip(gradient, item.gradient) { expectClose(a, b, tolerance) }
      for i in Self.invalid { #expect(gradient[i] == 0) }
    }
  }

  @Test(arguments: cases) func isItsFormula(_ item: Case) throws {
    for seed in 0..<5 {
      let prediction = normal([2, 4, 5], scale: 2, seed: seed)
      var target = normal([2, 4, 5], scale: 3, seed: seed + 50).doubles
      target[seed] = .nan
      let pairs = zip(prediction.doubles, target).filter { $0.1.isFinite && $0.1 > 0 }
      let value = try item.loss(prediction, Tensor(target, shape: [2, 4, 5])).scalar
      expectClose(value, item.formula(pairs.map { (p: $0.0, y: $0.1) }), 1e-12)
    }
  }

  @Test(arguments: cases) func gradientMatchesDifferences(_ item: Case) throws {
    let (prediction, target) = Self.batch
    let loss = try item.loss
    let (_, gradient) = valueAndGradient(prediction) { loss($0, target) }
    let (values, truth) = (prediction.doubles, target.doubles)
    // berhu's c is a constant to the gradient, and moves with the largest error.
    let largest =
      item.name == "berhu"
      ? values.indices.filter { !Self.invalid.contains($0) }
        .max { abs(values[$0] - truth[$0]) < abs(values[$1] - truth[$1]) } : nil
    for i in values.indices where i != largest {
      func shifted(_ step: Double) -> Double {
        var moved = values
        moved[i] += step
        return loss(Tensor(moved, shape: prediction.shape), target).scalar
      }
      let difference = (shifted(1e-6) - shifted(-1e-6)) / 2e-6
      expectClose(gradient[i], difference, 1e-6, "element \(i)")
    }
  }

  @Test(arguments: cases) func invalidPixelsCountNowhere(_ item: Case) throws {
    let (prediction, target) = Self.batch
    let loss = try item.loss
    let plain = valueAndGradient(prediction) { loss($0, target) }
    for wild in [Double.nan, .infinity, -.infinity, 1e300, 0] {
      var values = prediction.doubles
      for i in Self.invalid { values[i] = wild }
      let other = valueAndGradient(Tensor(values, shape: prediction.shape)) { loss($0, target) }
      #expect(other.value == plain.value && other.gradient == plain.gradient, "\(wild)")
    }
  }

  @Test(arguments: cases) func noValidPixelGivesZeros(_ item: Case) throws {
    let loss = try item.loss
    for value in [0, -1, Double.nan, .infinity, -.infinity] {
      for shape in [[2, 3, 4], [0, 3, 4], [1, 0, 4]] {
        for dtype in [DType.float32, .float64] {
          let prediction = normal(shape, seed: 4).cast(to: dtype)
          let (loss, gradient) = valueAndGradient(prediction) {
            loss($0, Tensor(repeating: value, shape: shape, dtype))
          }
          #expect(loss == 0 && gradient == prediction.zerosLike().doubles, "\(value) \(shape)")
        }
      }
    }
  }

  @Test(arguments: cases) func finiteForEveryFinitePrediction(_ item: Case) throws {
    let loss = try item.loss
    let depths = [-1e18, -1, -1e-30, 0, 1e-30, 1e-6, 1, 1e18]
    for dtype in [DType.float32, .float64] {
      for a in depths {
        for b in depths {
          let (value, gradient) = valueAndGradient(
            Tensor([a, b], shape: [1, 1, 2]).cast(to: dtype)
          ) { loss($0, Tensor([2, 1e-3], shape: [1, 1, 2]).cast(to: dtype)) }
          #expect(value.isFinite && gradient.allSatisfy(\.isFinite), "\(a), \(b): \(value)")
          if item.name == "scale_invariant_log" {
            for (depth, part) in zip([a, b], gradient) where depth <= 0 { #expect(part == 0) }
          }
        }
      }
      // Nothing to learn.
      let right = Tensor([2, 1e-3], shape: [1, 1, 2]).cast(to: dtype)
      let (value, gradient) = valueAndGradient(right) { loss($0, right) }
      #expect(value == 0 && gradient == [0, 0])
    }
  }

  @Test(arguments: cases) func notANumberShows(_ item: Case) throws {
    let (prediction, target) = Self.batch
    var values = prediction.doubles
    values[0] = .nan
    #expect(try !item.loss(Tensor(values, shape: prediction.shape), target).scalar.isFinite)
  }

  @Test func betaMustBePositive() {
    for beta in [0, -1, Double.infinity, .nan] {
      var options = DepthSmoothL1Loss.Options()
      options.beta = beta
      #expect(throws: SettingsError.self) { try DepthSmoothL1Loss(options) }
    }
  }
}
