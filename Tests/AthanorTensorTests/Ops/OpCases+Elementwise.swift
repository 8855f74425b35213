import AthanorCore
import AthanorTensor
import Foundation

extension OpFamily {
  typealias Input = OpCase.Input

  static let elementwise: [OpFamily] = unary + powers + bounds + arithmetic

  /// Shapes that every elementwise operation is tested on.
  private static let shapes = [[3, 7], [], [1], [0, 4]]

  private static func unary(
    _ name: String, covers: [String]? = nil, in range: ClosedRange<Double> = -3...3,
    _ op: @escaping @Sendable (Tensor) -> Tensor,
    _ f: @escaping @Sendable (Double) -> Double
  ) -> OpFamily {
    let make: @Sendable ([Int]) -> OpCase = { shape in
      OpCase(
        name, [Input(shape, in: range)], shape: shape, apply: { op($0[0]) },
        reference: { $0[0].map(f) })
    }
    return OpFamily(name, covers: covers, fixed: shapes.map(make)) { make($0.shape()) }
  }

  private static let unary: [OpFamily] = [
    unary("negate", covers: ["-"], { -$0 }, { -$0 }),
    unary("exp", { $0.exp() }, { Foundation.exp($0) }),
    unary("log", in: 0.1...4, { $0.log() }, { Foundation.log($0) }),
    unary("sqrt", in: 0.1...4, { $0.sqrt() }, { $0.squareRoot() }),
    unary("abs", { $0.abs() }, { Swift.abs($0) }),
    unary("relu", { $0.relu() }, { Swift.max(0, $0) }),
    unary("sigmoid", { $0.sigmoid() }, { 1 / (1 + Foundation.exp(-$0)) }),
    unary(
      "sigmoid, saturated", covers: ["sigmoid"], in: -40...40, { $0.sigmoid() },
      { 1 / (1 + Foundation.exp(-$0)) }),
    unary("softplus", { $0.softplus() }, { Foundation.log(1 + Foundation.exp($0)) }),
    unary("tanh", { $0.tanh() }, { Foundation.tanh($0) }),
    unary("gelu", in: -6...6, { $0.gelu() }, { $0 * Foundation.erfc(-$0 / 2.0.squareRoot()) / 2 }),
    unary("hardSigmoid", in: -6...6, { $0.hardSigmoid() }, { min(max($0 + 3, 0), 6) / 6 }),
    unary("hardSwish", in: -6...6, { $0.hardSwish() }, { $0 * min(max($0 + 3, 0), 6) / 6 }),
    unary("plus a number", covers: ["+"], { 2.5 + ($0 + 0.5) }, { $0 + 3 }),
    unary("minus a number", covers: ["-"], { 2 - ($0 - 0.5) }, { 2.5 - $0 }),
    unary("times a number", covers: ["*"], { 3 * ($0 * 0.5) }, { 1.5 * $0 }),
    unary("over a number", covers: ["/"], { $0 / 4 }, { $0 / 4 }),
    unary("a number over", covers: ["/"], in: 0.5...3, { 2 / $0 }, { 2 / $0 }),
    unary("maximum with a number", covers: ["maximum"], { $0.maximum(0.5) }, { max($0, 0.5) }),
    unary("minimum with a number", covers: ["minimum"], { $0.minimum(0.5) }, { min($0, 0.5) }),
  ]

  private static func power(_ shape: [Int], _ exponent: Double) -> OpCase {
    // Of a negative number a whole power alone is a number.
    let isWhole = [1, 2, 3].contains(exponent)
    return OpCase(
      "pow(\(exponent))", [Input(shape, in: isWhole ? -3...3 : 0.3...3)], shape: shape,
      apply: { $0[0].pow(exponent) }, reference: { $0[0].map { Foundation.pow($0, exponent) } })
  }

  private static let exponents = [-1.5, -1, 0, 0.5, 1, 2, 3]

  private static let powers: [OpFamily] = [
    OpFamily("pow", fixed: exponents.map { power([3, 7], $0) } + shapes.map { power($0, 1.7) }) {
      power($0.shape(), $0.chance(0.5) ? $0.element(of: exponents) : $0.uniform(-2, 3))
    }
  ]

  private static func clip(_ shape: [Int], _ low: Double, _ high: Double) -> OpCase {
    OpCase(
      "clip(\(low), \(high))", [Input(shape, in: -3...3)], shape: shape,
      apply: { $0[0].clip(low, high) }, reference: { $0[0].map { min(high, max(low, $0)) } })
  }

  private static func threshold(_ shape: [Int], _ threshold: Double) -> OpCase {
    OpCase(
      "thresholded(\(threshold))", [Input(shape, in: -3...3)], shape: shape,
      apply: { $0[0].thresholded(above: threshold) },
      reference: { $0[0].map { $0 > threshold ? $0 : 0 } })
  }

  private static let bounds: [OpFamily] = [
    OpFamily("clip", fixed: shapes.map { clip($0, -1, 0.5) }) {
      // Bounds that single precision holds, as the elements.
      let bounds = [Double(Float($0.uniform(-3, 3))), Double(Float($0.uniform(-3, 3)))].sorted()
      return clip($0.shape(), bounds[0], bounds[1])
    },
    OpFamily("thresholded", fixed: shapes.map { threshold($0, 0.25) }) {
      let bound = Double(Float($0.uniform(-2, 2)))
      var drawn = threshold($0.shape(), bound)
      // The value jumps there: no element is as near as the step of the differences.
      drawn.inputs[0].step = 0.25
      return bound.remainder(dividingBy: 0.25).magnitude > 1e-4 ? drawn : threshold([2], 0.3)
    },
  ]

  /// Every direction in which two shapes can stretch.
  static let shapePairs: [([Int], [Int])] = [
    ([2, 3, 4], [2, 3, 4]), ([2, 3, 4], [4]), ([4], [2, 3, 4]), ([2, 3, 4], [3, 1]),
    ([3, 1], [2, 3, 4]), ([2, 1, 4], [3, 1]), ([1], [2, 3]), ([2, 3], []), ([], [2, 3]),
    ([2, 3], [1, 1]), ([1, 1], [3]), ([5, 1], [1, 6]), ([1, 3, 1], [2, 1, 4]), ([0, 3], [3]),
    ([], []), ([0, 1], [1, 3]), ([1], [0]), ([2, 3, 2, 5], [2, 1, 1, 5]),
  ]

  /// A function of two operands that stretch.
  static func binary(
    _ name: String, covers: [String]? = nil, in range: ClosedRange<Double> = -2...2,
    ties: Bool = false, gradient: OpCase.Gradient = .differences,
    _ op: @escaping @Sendable (Tensor, Tensor) -> Tensor,
    _ f: @escaping @Sendable (Double, Double) -> Double
  ) -> OpFamily {
    let make: @Sendable ([Int], [Int], Double) -> OpCase = { a, b, step in
      let shape = PlainReference.common([a, b])
      return OpCase(
        name, [Input(a, in: range, step: step), Input(b, in: range, step: step)], shape: shape,
        gradient: gradient, apply: { op($0[0], $0[1]) },
        reference: { v in
          zip(
            PlainReference.stretched(v[0], a, to: shape),
            PlainReference.stretched(v[1], b, to: shape)
          ).map(f)
        })
    }
    let fixed = shapePairs.map { make($0, $1, 0) } + (ties ? [make([4, 9], [4, 9], 0.5)] : [])
    return OpFamily(name, covers: covers, fixed: fixed) {
      let shape = $0.shape()
      return make(
        $0.stretching(to: shape), $0.stretching(to: shape), ties && $0.chance(0.5) ? 0.5 : 0)
    }
  }

  private static let arithmetic: [OpFamily] = [
    binary("add", covers: ["+"], { $0 + $1 }, { $0 + $1 }),
    binary("subtract", covers: ["-"], { $0 - $1 }, { $0 - $1 }),
    binary("multiply", covers: ["*"], { $0 * $1 }, { $0 * $1 }),
    binary("divide", covers: ["/"], in: 0.5...2, { $0 / $1 }, { $0 / $1 }),
    binary("power", covers: ["pow"], in: 0.5...2, { $0.pow($1) }, { Foundation.pow($0, $1) }),
    binary("maximum", ties: true, { $0.maximum($1) }, { Swift.max($0, $1) }),
    binary("minimum", ties: true, { $0.minimum($1) }, { Swift.min($0, $1) }),
  ]
}
