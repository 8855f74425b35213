import AthanorCore
import AthanorTensor
import Foundation

extension OpFamily {
  static let reductions: [OpFamily] = sums + softmaxes + norms

  private static func reduction(
    _ name: String, ofNothing: Double? = nil, ties: Bool = false,
    _ op: @escaping @Sendable (Tensor, [Int]?, Bool) -> Tensor,
    _ fold: @escaping @Sendable ([Double]) -> Double
  ) -> OpFamily {
    let make: @Sendable ([Int], [Int]?, Bool, Double) -> OpCase = { shape, axes, keep, step in
      OpCase(
        "\(name)(axes: \(axes?.description ?? "nil"), keepDimensions: \(keep))",
        [Input(shape, step: step)],
        shape: PlainReference.reduced(shape, axes, keepDimensions: keep),
        apply: { op($0[0], axes, keep) },
        reference: { PlainReference.reduced($0[0], shape, axes, fold) })
    }
    var fixed = [
      make([3, 4], nil, false, 0), make([9001], nil, false, 0), make([3, 37], [1], false, 0),
      make([3000, 5], [0], false, 0), make([2, 3, 4], [1], true, 0),
      make([2, 3, 4], [2, 0], false, 0), make([2, 3, 4, 5], [0, 1, 2], false, 0),
      make([2, 3], [], false, 0), make([], nil, false, 0), make([], [], true, 0),
      make([1, 1], [0], true, 0), make([0, 3], [1], false, 0),
    ]
    if ofNothing != nil { fixed += [make([0, 3], nil, false, 0), make([0, 3], [0], true, 0)] }
    if ties { fixed += [make([4, 9], [1], false, 0.5), make([4, 9], nil, true, 1)] }
    return OpFamily(name, fixed: fixed) {
      var shape = $0.shape()
      let order = $0.permutation(shape.count)
      let axes = $0.chance(0.2) ? nil : Array(order.prefix($0.integer(in: 0..<(order.count + 1))))
      if ofNothing == nil { for axis in axes ?? order { shape[axis] = max(1, shape[axis]) } }
      return make(shape, axes, $0.chance(0.5), ties && $0.chance(0.5) ? 0.5 : 0)
    }
  }

  private static let sums: [OpFamily] = [
    reduction("sum", ofNothing: 0, { $0.sum(axes: $1, keepDimensions: $2) }, { $0.reduce(0, +) }),
    reduction(
      "mean", { $0.mean(axes: $1, keepDimensions: $2) },
      { $0.reduce(0, +) / Double($0.count) }),
    reduction(
      "maximum", ties: true, { $0.maximum(axes: $1, keepDimensions: $2) }, { $0.max() ?? .nan }),
    reduction(
      "minimum", ties: true, { $0.minimum(axes: $1, keepDimensions: $2) }, { $0.min() ?? .nan }),
  ]

  /// A function of the last axis, row by row.
  private static func rowwise(
    _ name: String, fixed: [([Int], ClosedRange<Double>)],
    _ op: @escaping @Sendable (Tensor) -> Tensor,
    _ f: @escaping @Sendable ([Double]) -> [Double]
  ) -> OpFamily {
    let make: @Sendable ([Int], ClosedRange<Double>) -> OpCase = { shape, range in
      OpCase(
        name, [Input(shape, in: range)], shape: shape,
        tolerance: range.upperBound > 100 ? 1e-4 : 2e-5, apply: { op($0[0]) },
        reference: { v in
          let classes = shape.last!
          return classes == 0
            ? []
            : stride(from: 0, to: v[0].count, by: classes).flatMap {
              f(Array(v[0][$0..<($0 + classes)]))
            }
        })
    }
    return OpFamily(name, fixed: fixed.map(make)) { make($0.shape(rank: 1...4), -4...4) }
  }

  private static func softmax(_ row: [Double]) -> [Double] {
    let top = row.max()!
    let sum = row.reduce(0) { $0 + Foundation.exp($1 - top) }
    return row.map { Foundation.exp($0 - top) / sum }
  }

  private static func argmax(_ shape: [Int], step: Double = 0) -> OpCase {
    OpCase(
      "argmax", [Input(shape, step: step)], shape: shape.dropLast(), gradient: .none,
      apply: { $0[0].argmax() },
      reference: { v in
        let classes = shape.last!
        return stride(from: 0, to: v[0].count, by: classes).map { start in
          let row = Array(v[0][start..<(start + classes)])
          return Double(row.firstIndex(of: row.max()!)!)
        }
      })
  }

  private static let softmaxes: [OpFamily] = [
    rowwise(
      "softmax",
      fixed: [
        ([2, 2, 5], -4...4), ([3, 1], -4...4), ([4, 3], -800...800), ([0, 3], -4...4),
        ([3, 0], -4...4), ([2000, 3], -4...4),
      ], { $0.softmax() }, softmax),
    rowwise(
      "logSoftmax",
      fixed: [([5, 6], -4...4), ([3, 1], -4...4), ([0, 3], -4...4), ([3, 0], -4...4)],
      { $0.logSoftmax() }, { softmax($0).map { Foundation.log($0) } }),
    OpFamily(
      "argmax",
      fixed: [
        argmax([3, 5]), argmax([1]), argmax([0, 3]), argmax([2, 256]), argmax([9, 4], step: 0.5),
        argmax([9000, 3], step: 0.5),
      ]
    ) {
      var shape = $0.shape(rank: 1...4)
      shape[shape.count - 1] = $0.chance(0.05) ? 256 : $0.integer(in: 1..<9)
      return argmax(shape, step: $0.chance(0.5) ? 0.5 : 0)
    },
  ]

  /// The inner products of every row of `a` with every row of `b`, their parts of these shapes; the
  /// parts at `missing`, counted through, are zeros.
  private static func products(
    _ a: Int, _ b: Int, _ shapes: [[Int]], missing: Set<Int> = []
  ) -> OpCase {
    let parts = shapes.count
    let pairs = (0..<a).flatMap { i in (0..<b).map { (i, $0) } }
    return OpCase(
      "products", (0..<((a + b) * parts)).map { Input(shapes[$0 % parts]) }, shape: [a * b],
      gradient: .none,
      apply: { inputs in
        func row(_ r: Int) -> [Tensor?] {
          (0..<parts).map { k in
            missing.contains(r * parts + k) ? nil : inputs[r * parts + k]
          }
        }
        return Tensor(
          Tensor.products((0..<a).map(row), (a..<(a + b)).map(row), pairs), shape: [a * b])
      },
      reference: { v in
        pairs.map { i, j in
          (0..<parts).reduce(0) { sum, k in
            let (x, y) = (i * parts + k, (a + j) * parts + k)
            return missing.contains(x) || missing.contains(y)
              ? sum : sum + zip(v[x], v[y]).reduce(0) { $0 + $1.0 * $1.1 }
          }
        }
      })
  }

  /// The norm, and the squares that it leaves.
  private static func adaGradNorm(_ shape: [Int], epsilon: Double) -> OpCase {
    OpCase(
      "adaGradNorm", [Input(shape), Input(shape, in: 0...2)], gradient: .none,
      apply: {
        let squares = $0[1] * 1
        let norm = $0[0].adaGradNorm(accumulating: squares, epsilon: epsilon)
        return .concatenated(
          [Tensor(norm, squares.dtype).reshaped([1]), squares.reshaped([-1])], axis: 0)
      },
      reference: { v in
        let squares = zip(v[0], v[1]).map { $0 * $0 + $1 }
        let norm = zip(v[0], squares).reduce(0) {
          $0 + $1.0 * $1.0 / ($1.1 + epsilon).squareRoot()
        }
        return [norm] + squares
      })
  }

  private static let norms: [OpFamily] = [
    OpFamily(
      "products",
      fixed: [
        products(2, 2, [[3], [2, 4]], missing: [1, 6]), products(1, 1, [[]]),
        products(1, 2, [[0], [9000]]),
      ]
    ) {
      let (a, b) = ($0.integer(in: 1..<4), $0.integer(in: 1..<4))
      var shapes: [[Int]] = []
      for _ in 0..<$0.integer(in: 1..<4) { shapes.append($0.shape(rank: 0...3)) }
      var missing: Set<Int> = []
      for i in 0..<((a + b) * shapes.count) where $0.chance(0.2) { missing.insert(i) }
      return products(a, b, shapes, missing: missing)
    },
    OpFamily(
      "adaGradNorm",
      fixed: [
        adaGradNorm([3, 4], epsilon: 0.1), adaGradNorm([], epsilon: 1),
        adaGradNorm([0], epsilon: 1), adaGradNorm([9001], epsilon: 0.5),
      ]
    ) { adaGradNorm($0.shape(), epsilon: $0.uniform(0.1, 1)) },
  ]
}
