import AthanorCore
import AthanorTensor

extension OpFamily {
  /// Masks, types and sums of tensors.
  static let selections: [OpFamily] = comparisons + choices + casts + combinations

  private static func comparison(
    _ name: String, _ op: @escaping @Sendable (Tensor, Tensor) -> Tensor,
    _ withNumber: @escaping @Sendable (Tensor, Double) -> Tensor,
    _ f: @escaping @Sendable (Double, Double) -> Bool
  ) -> [OpFamily] {
    let test: @Sendable (Double, Double) -> Double = { f($0, $1) ? 1 : 0 }
    return [
      binary(name, ties: true, gradient: .none, op, test),
      binary(
        "\(name) of integers", covers: [name], in: -3...3, gradient: .none,
        { op($0.cast(to: .int32), $1.cast(to: .int32)) },
        { test($0.rounded(.towardZero), $1.rounded(.towardZero)) }),
      binary(
        "\(name) of a number", covers: [name], gradient: .none,
        // The second operand has no part in the value, only in the shape.
        { withNumber($0 + $1 * 0, 0.5) }, { x, _ in test(x, 0.5) }),
    ]
  }

  private static let comparisons: [OpFamily] =
    comparison(">", { $0 > $1 }, { $0 > $1 }, { $0 > $1 })
    + comparison("<", { $0 < $1 }, { $0 < $1 }, { $0 < $1 })
    + comparison(">=", { $0 >= $1 }, { $0 >= $1 }, { $0 >= $1 })
    + comparison("<=", { $0 <= $1 }, { $0 <= $1 }, { $0 <= $1 })
    + comparison("equal", { $0.equal($1) }, { $0.equal($1) }, { $0 == $1 })
    + comparison("notEqual", { $0.notEqual($1) }, { $0.notEqual($1) }, { $0 != $1 })

  private static func choice(_ mask: [Int], _ a: [Int], _ b: [Int], _ type: DType) -> OpCase {
    let shape = PlainReference.common([mask, a, b])
    return OpCase(
      "where, a mask of \(type)",
      [Input(mask, in: 0...2, step: 1, isConstant: true), Input(a), Input(b)], shape: shape,
      apply: { .where($0[0].cast(to: type), $0[1], $0[2]) },
      reference: { v in
        let wide = zip(v, [mask, a, b]).map { PlainReference.stretched($0, $1, to: shape) }
        return wide[0].indices.map { wide[0][$0] != 0 ? wide[1][$0] : wide[2][$0] }
      })
  }

  private static let choices: [OpFamily] = [
    OpFamily(
      "where",
      fixed: shapePairs.map { choice(PlainReference.common([$0, $1]), $0, $1, .float64) }
        + [
          choice([4, 1], [4, 3], [4, 3], .uint8), choice([4, 3], [], [3], .int32),
          choice([2, 1, 3], [4, 1], [1], .float32),
        ]
    ) {
      let shape = $0.shape()
      return choice(
        $0.stretching(to: shape), $0.stretching(to: shape), $0.stretching(to: shape),
        $0.element(of: DType.allCases))
    }
  ]

  /// There and back.
  private static func cast(_ shape: [Int], _ type: DType) -> OpCase {
    OpCase(
      "cast to \(type)", [Input(shape, in: -300...300)], shape: shape,
      gradient: type.isFloating ? .precisions : .none,
      apply: { $0[0].cast(to: type).cast(to: $0[0].dtype) },
      reference: { v in
        v[0].map {
          switch type {
          case .float32, .float64: $0
          case .int32, .int64: $0.rounded(.towardZero)
          case .uint8: min(255, max(0, $0.rounded(.towardZero)))
          }
        }
      })
  }

  private static let casts: [OpFamily] = [
    OpFamily("cast", fixed: DType.allCases.flatMap { [cast([3, 7], $0), cast([0], $0)] }) {
      cast($0.shape(), $0.element(of: DType.allCases))
    }
  ]

  private static func combination(_ shape: [Int], _ weights: [Double]) -> OpCase {
    OpCase(
      "combination", weights.map { _ in Input(shape) }, shape: shape, gradient: .none,
      apply: { .combination(weights, $0) },
      reference: { v in
        v[0].indices.map { i in weights.indices.reduce(0) { $0 + weights[$1] * v[$1][i] } }
      })
  }

  private static let combinations: [OpFamily] = [
    OpFamily(
      "combination",
      fixed: [
        combination([3, 4], [0.5, -2, 1]), combination([], [2]), combination([0], [1, 1]),
        combination([5_000], [1, 0, -0.25]),
      ]
    ) {
      let weights = (0..<$0.integer(in: 1..<5)).map { _ in 0.5 }
      return combination($0.shape(), weights.indices.map { Double($0) - 1.5 })
    }
  ]
}
