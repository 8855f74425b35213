import AthanorTensor
import Foundation

extension OpCase {
  static let elementwise: [OpCase] = unary + powers + arithmetic + selections

  private static func unary(
    _ name: String, in range: ClosedRange<Double> = -3...3,
    _ op: @escaping @Sendable (Tensor) -> Tensor,
    _ f: @escaping @Sendable (Double) -> Double
  ) -> OpCase {
    OpCase(name, [Input([3, 7], in: range)], apply: { op($0[0]) }, reference: { $0[0].map(f) })
  }

  private static let unary: [OpCase] = [
    unary("negate", { -$0 }, { -$0 }),
    unary("exp", { $0.exp() }, { Foundation.exp($0) }),
    unary("log", in: 0.1...4, { $0.log() }, { Foundation.log($0) }),
    unary("sqrt", in: 0.1...4, { $0.sqrt() }, { $0.squareRoot() }),
    unary("abs", { $0.abs() }, { Swift.abs($0) }),
    unary("relu", { $0.relu() }, { Swift.max(0, $0) }),
    unary("sigmoid", { $0.sigmoid() }, { 1 / (1 + Foundation.exp(-$0)) }),
    unary("sigmoid, saturated", in: -40...40, { $0.sigmoid() }, { 1 / (1 + Foundation.exp(-$0)) }),
    unary("softplus", { $0.softplus() }, { Foundation.log(1 + Foundation.exp($0)) }),
    unary("tanh", { $0.tanh() }, { Foundation.tanh($0) }),
    unary("clip", { $0.clip(-1, 0.5) }, { Swift.min(0.5, Swift.max(-1, $0)) }),
    unary("thresholded", { $0.thresholded(above: 0.3) }, { $0 > 0.3 ? $0 : 0 }),
    unary("cast to the same type", { $0.cast(to: $0.dtype) }, { $0 }),
    unary("plus a number", { 2.5 + ($0 + 0.5) }, { $0 + 3 }),
    unary("minus a number", { 2 - ($0 - 0.5) }, { 2.5 - $0 }),
    unary("times a number", { 3 * ($0 * 0.5) }, { 1.5 * $0 }),
    unary("over a number", { $0 / 4 }, { $0 / 4 }),
    unary("a number over", in: 0.5...3, { 2 / $0 }, { 2 / $0 }),
  ]

  private static let powers: [OpCase] = [-1.5, -1, 0, 0.5, 1, 2, 3].map { exponent in
    unary("pow(\(exponent))", in: 0.3...3, { $0.pow(exponent) }, { Foundation.pow($0, exponent) })
  }

  /// Every direction in which two shapes can stretch.
  private static let shapePairs: [([Int], [Int])] = [
    ([2, 3, 4], [2, 3, 4]), ([2, 3, 4], [4]), ([4], [2, 3, 4]), ([2, 3, 4], [3, 1]),
    ([3, 1], [2, 3, 4]), ([2, 1, 4], [3, 1]), ([1], [2, 3]), ([2, 3], []), ([], [2, 3]),
    ([2, 3], [1, 1]), ([1, 1], [3]), ([5, 1], [1, 6]), ([1, 3, 1], [2, 1, 4]), ([0, 3], [3]),
    ([], []),
  ]

  private static func binary(
    _ name: String, in range: ClosedRange<Double> = -2...2,
    _ op: @escaping @Sendable (Tensor, Tensor) -> Tensor,
    _ f: @escaping @Sendable (Double, Double) -> Double
  ) -> [OpCase] {
    shapePairs.map { a, b in
      OpCase(
        name, [Input(a, in: range), Input(b, in: range)], apply: { op($0[0], $0[1]) },
        reference: { broadcast($0[0], a, $0[1], b, f) })
    }
  }

  private static let arithmetic: [OpCase] =
    binary("add", { $0 + $1 }, { $0 + $1 })
    + binary("subtract", { $0 - $1 }, { $0 - $1 })
    + binary("multiply", { $0 * $1 }, { $0 * $1 })
    + binary("divide", in: 0.5...2, { $0 / $1 }, { $0 / $1 })
    + binary("power", in: 0.5...2, { $0.pow($1) }, { Foundation.pow($0, $1) })
    + binary("maximum", { $0.maximum($1) }, { Swift.max($0, $1) })
    + binary("minimum", { $0.minimum($1) }, { Swift.min($0, $1) })

  private static let selections: [OpCase] =
    shapePairs.map { a, b in
      OpCase(
        "where", [Input(a), Input(b)],
        apply: {
          Tensor.where(($0[0].detached() * 7).notEqual($0[1].detached()), $0[0], $0[1] * 2)
        },
        reference: { broadcast($0[0], a, $0[1], b) { x, y in 7 * x != y ? x : 2 * y } })
    } + [
      OpCase(
        "where, one mask for each row", [Input([4, 3]), Input([4, 3])],
        apply: {
          .where(
            Tensor([1, 0, 0, 1] as [Double], shape: [4, 1]).cast(to: $0[0].dtype), $0[0], $0[1])
        },
        reference: { v in (0..<12).map { [0, 3].contains($0 / 3) ? v[0][$0] : v[1][$0] } })
    ]

  /// f over two arrays whose shapes align at the right.
  static func broadcast(
    _ a: [Double], _ shapeA: [Int], _ b: [Double], _ shapeB: [Int],
    _ f: (Double, Double) -> Double
  ) -> [Double] {
    let rank = max(shapeA.count, shapeB.count)
    let left = [Int](repeating: 1, count: rank - shapeA.count) + shapeA
    let right = [Int](repeating: 1, count: rank - shapeB.count) + shapeB
    let shape = zip(left, right).map { $0 == 1 ? $1 : $0 }
    func place(_ index: [Int], _ shape: [Int]) -> Int {
      zip(index, shape).reduce(0) { $0 * $1.1 + ($1.1 == 1 ? 0 : $1.0) }
    }
    return (0..<shape.reduce(1, *)).map { flat in
      var rest = flat
      let index = shape.reversed().map { size in
        defer { rest /= size }
        return rest % size
      }
      let forward = Array(index.reversed())
      return f(a[place(forward, left)], b[place(forward, right)])
    }
  }
}
