import AthanorTensor
import Foundation

extension OpCase {
  static let shapes: [OpCase] = reductions + layouts + products

  /// The sum over the middle axis of `[outer, n, inner]`.
  private static func fold(_ x: [Double], _ outer: Int, _ n: Int, _ inner: Int) -> [Double] {
    var result = [Double](repeating: 0, count: outer * inner)
    for o in 0..<outer {
      for k in 0..<n { for i in 0..<inner { result[o * inner + i] += x[(o * n + k) * inner + i] } }
    }
    return result
  }

  private static let reductions: [OpCase] = {
    var cases: [OpCase] = []
    cases.append(
      OpCase("sum", [Input([3, 4])], apply: { $0[0].sum() }, reference: { fold($0[0], 1, 12, 1) }))
    cases.append(
      OpCase(
        "sum of many", [Input([9001])], apply: { $0[0].sum() },
        reference: { fold($0[0], 1, 9001, 1) }))
    cases.append(
      OpCase(
        "sum of rows", [Input([3, 37])], apply: { $0[0].sum(axes: [1]) },
        reference: { fold($0[0], 3, 37, 1) }))
    cases.append(
      OpCase(
        "sum of columns", [Input([3000, 5])], apply: { $0[0].sum(axes: [0]) },
        reference: { fold($0[0], 1, 3000, 5) }))
    cases.append(
      OpCase(
        "sum of the middle axis, kept", [Input([2, 3, 4])],
        apply: { $0[0].sum(axes: [1], keepDimensions: true) },
        reference: { fold($0[0], 2, 3, 4) }))
    cases.append(
      OpCase(
        "sum of outer axes", [Input([2, 3, 4])], apply: { $0[0].sum(axes: [2, 0]) },
        reference: { fold(fold($0[0], 6, 4, 1), 1, 2, 3) }))
    cases.append(
      OpCase(
        "sum of leading axes", [Input([2, 3, 4, 5])], apply: { $0[0].sum(axes: [0, 1, 2]) },
        reference: { fold($0[0], 1, 24, 5) }))
    cases.append(
      OpCase(
        "sum over no axis", [Input([2, 3])], apply: { $0[0].sum(axes: []) }, reference: { $0[0] }))
    cases.append(
      OpCase("sum of a scalar", [Input([])], apply: { $0[0].sum() }, reference: { $0[0] }))
    cases.append(
      OpCase(
        "sum of an empty tensor", [Input([0, 3])], apply: { $0[0].sum() }, reference: { _ in [0] }))
    cases.append(
      OpCase(
        "sum of empty columns", [Input([0, 3])], apply: { $0[0].sum(axes: [0]) },
        reference: { _ in [0, 0, 0] }))
    cases.append(
      OpCase(
        "mean", [Input([3, 4])], apply: { $0[0].mean() },
        reference: { fold($0[0], 1, 12, 1).map { $0 / 12 } }))
    cases.append(
      OpCase(
        "mean of rows", [Input([3, 4])], apply: { $0[0].mean(axes: [1], keepDimensions: true) },
        reference: { fold($0[0], 3, 4, 1).map { $0 / 4 } }))
    cases.append(
      OpCase(
        "logSoftmax", [Input([5, 6], in: -4...4)], apply: { $0[0].logSoftmax() },
        reference: { softmax($0[0], 6).map { Foundation.log($0) } }))
    cases.append(
      OpCase(
        "softmax", [Input([2, 2, 5], in: -4...4)], apply: { $0[0].softmax() },
        reference: { softmax($0[0], 5) }))
    cases.append(
      OpCase(
        "softmax of one class", [Input([3, 1])], apply: { $0[0].softmax() },
        reference: { _ in [1, 1, 1] }))
    cases.append(
      OpCase(
        "softmax of large logits", [Input([4, 3], in: -800...800)], tolerance: 1e-4,
        apply: { $0[0].softmax() },
        reference: { softmax($0[0], 3) }))
    return cases
  }()

  private static func softmax(_ x: [Double], _ classes: Int) -> [Double] {
    stride(from: 0, to: x.count, by: classes).flatMap { start in
      let row = x[start..<(start + classes)]
      let top = row.max()!
      let sum = row.reduce(0) { $0 + Foundation.exp($1 - top) }
      return row.map { Foundation.exp($0 - top) / sum }
    }
  }

  private static func elements(_ x: [Double], _ places: [Int]) -> [Double] { places.map { x[$0] } }

  private static let layouts: [OpCase] = {
    var cases: [OpCase] = []
    cases.append(
      OpCase(
        "reshaped", [Input([2, 6])], apply: { $0[0].reshaped([3, -1]) }, reference: { $0[0] }))
    cases.append(
      OpCase(
        "sliced rows", [Input([5, 3])], apply: { $0[0].sliced(1..<4, axis: 0) },
        reference: { Array($0[0][3..<12]) }))
    cases.append(
      OpCase(
        "sliced columns", [Input([3, 5])], apply: { $0[0].sliced(2..<4, axis: 1) },
        reference: { elements($0[0], [2, 3, 7, 8, 12, 13]) }))
    cases.append(
      OpCase(
        "sliced to nothing", [Input([4, 5])], apply: { $0[0].sliced(2..<2, axis: 1) },
        reference: { _ in [] }))
    cases.append(
      OpCase(
        "selected", [Input([4, 5])], apply: { $0[0].selected(3, axis: 1) },
        reference: { elements($0[0], [3, 8, 13, 18]) }))
    cases.append(
      OpCase(
        "concatenated rows", [Input([2, 3]), Input([1, 3]), Input([0, 3])],
        apply: { .concatenated($0, axis: 0) }, reference: { $0[0] + $0[1] + $0[2] }))
    cases.append(
      OpCase(
        "concatenated columns", [Input([2, 3]), Input([2, 2])],
        apply: { .concatenated($0, axis: 1) },
        reference: { elements($0[0] + $0[1], [0, 1, 2, 6, 7, 3, 4, 5, 8, 9]) }))
    cases.append(
      OpCase(
        "gathered", [Input([4, 2])], apply: { $0[0].gathered([2, 0, 2, 3]) },
        reference: { elements($0[0], [4, 5, 0, 1, 4, 5, 6, 7]) }))
    cases.append(
      OpCase(
        "gathered nothing", [Input([4, 3])], apply: { $0[0].gathered([]) },
        reference: { _ in [] }))
    cases.append(
      OpCase(
        "broadcast", [Input([2, 1, 2])], apply: { $0[0].broadcast(to: [2, 2, 2, 2]) },
        reference: { elements($0[0], [0, 1, 0, 1, 2, 3, 2, 3, 0, 1, 0, 1, 2, 3, 2, 3]) }))
    return cases
  }()

  private static func product(_ m: Int, _ k: Int, _ n: Int, _ ta: Bool, _ tb: Bool) -> OpCase {
    let (a, b) = (Input(ta ? [k, m] : [m, k]), Input(tb ? [n, k] : [k, n]))
    let name = "matmul\(ta ? ", left transposed" : "")\(tb ? ", right transposed" : "")"
    return OpCase(
      name, [a, b], apply: { $0[0].matmul($0[1], transposeSelf: ta, transposeOther: tb) },
      reference: { v in
        (0..<(m * n)).map { i in
          let (row, column) = (i / n, i % n)
          var sum = 0.0
          for d in 0..<k {
            let left = v[0][ta ? d * m + row : row * k + d]
            let right = v[1][tb ? column * k + d : d * n + column]
            sum += left * right
          }
          return sum
        }
      })
  }

  private static let products: [OpCase] = {
    var cases: [OpCase] = []
    for (m, k, n) in [(4, 5, 6), (1, 1, 1), (1, 7, 3), (33, 2, 17), (3, 0, 4), (0, 3, 4)] {
      for ta in [false, true] {
        for tb in [false, true] { cases.append(product(m, k, n, ta, tb)) }
      }
    }
    return cases
  }()
}
