import AthanorCore
import AthanorTensor

extension OpFamily {
  static let layouts: [OpFamily] = [reshaping, slicing, selecting, joining, gathering, stretching]

  private static func reshaped(_ from: [Int], _ to: [Int], _ shape: [Int]) -> OpCase {
    OpCase(
      "reshaped(\(to))", [Input(from)], shape: shape, apply: { $0[0].reshaped(to) },
      reference: { $0[0] })
  }

  private static let reshaping = OpFamily(
    "reshaped",
    fixed: [
      reshaped([2, 6], [3, -1], [3, 4]), reshaped([], [1, 1], [1, 1]), reshaped([1], [], []),
      reshaped([0, 3], [-1, 2], [0, 2]), reshaped([2, 3], [2, 3], [2, 3]),
    ]
  ) {
    let from = $0.shape()
    var to = $0.element(of: [
      [from.reduce(1, *)], from.reversed(), from + [1], [1] + from,
      from.count > 1 ? [from[0] * from[1]] + from[2...] : from,
    ])
    let shape = to
    if !to.isEmpty, !to.contains(0), $0.chance(0.5) { to[$0.integer(in: 0..<to.count)] = -1 }
    return reshaped(from, to, shape)
  }

  private static func sliced(_ shape: [Int], _ range: Range<Int>, _ axis: Int) -> OpCase {
    var sizes = shape
    sizes[axis] = range.count
    return OpCase(
      "sliced(\(range), axis: \(axis))", [Input(shape)], shape: sizes,
      apply: { $0[0].sliced(range, axis: axis) },
      reference: { PlainReference.sliced($0[0], shape, range, axis: axis) })
  }

  private static let slicing = OpFamily(
    "sliced",
    fixed: [
      sliced([5, 3], 1..<4, 0), sliced([3, 5], 2..<4, 1), sliced([4, 5], 2..<2, 1),
      sliced([4], 0..<4, 0), sliced([0, 2], 0..<0, 0), sliced([2, 3, 4], 1..<2, 1),
    ]
  ) {
    let shape = $0.shape(rank: 1...4)
    let axis = $0.integer(in: 0..<shape.count)
    let ends = [$0.integer(in: 0..<(shape[axis] + 1)), $0.integer(in: 0..<(shape[axis] + 1))]
    return sliced(shape, ends.min()!..<ends.max()!, axis)
  }

  private static func selected(_ shape: [Int], _ index: Int, _ axis: Int) -> OpCase {
    var sizes = shape
    sizes.remove(at: axis)
    return OpCase(
      "selected(\(index), axis: \(axis))", [Input(shape)], shape: sizes,
      apply: { $0[0].selected(index, axis: axis) },
      reference: { PlainReference.sliced($0[0], shape, index..<(index + 1), axis: axis) })
  }

  private static let selecting = OpFamily(
    "selected",
    fixed: [
      selected([4, 5], 3, 1), selected([4], 0, 0), selected([0, 4], 1, 1), selected([1, 1], 0, 0),
    ]
  ) {
    var shape = $0.shape(rank: 1...4)
    let axis = $0.integer(in: 0..<shape.count)
    shape[axis] = max(1, shape[axis])
    return selected(shape, $0.integer(in: 0..<shape[axis]), axis)
  }

  private static func concatenated(_ shapes: [[Int]], _ axis: Int) -> OpCase {
    var sizes = shapes[0]
    sizes[axis] = shapes.reduce(0) { $0 + $1[axis] }
    return OpCase(
      "concatenated(axis: \(axis))", shapes.map { Input($0) }, shape: sizes,
      apply: { .concatenated($0, axis: axis) },
      reference: { PlainReference.concatenated($0, shapes, axis: axis) })
  }

  private static let joining = OpFamily(
    "concatenated",
    fixed: [
      concatenated([[2, 3], [1, 3], [0, 3]], 0), concatenated([[2, 3], [2, 2]], 1),
      concatenated([[4]], 0), concatenated([[0, 2], [0, 3]], 1),
    ]
  ) {
    let shape = $0.shape(rank: 1...4)
    let axis = $0.integer(in: 0..<shape.count)
    var shapes = [shape]
    for _ in 0..<$0.integer(in: 0..<3) {
      var other = shape
      other[axis] = $0.size()
      shapes.append(other)
    }
    return concatenated(shapes, axis)
  }

  private static func gathered(_ shape: [Int], _ rows: [Int]) -> OpCase {
    let width = shape[1...].reduce(1, *)
    return OpCase(
      "gathered(\(rows.prefix(8)))", [Input(shape)], shape: [rows.count] + shape[1...],
      apply: { $0[0].gathered(rows) },
      reference: { v in rows.flatMap { v[0][($0 * width)..<(($0 + 1) * width)] } })
  }

  private static let gathering = OpFamily(
    "gathered",
    fixed: [
      gathered([4, 2], [2, 0, 2, 3]), gathered([4, 3], []), gathered([0, 3], []),
      gathered([3], [1, 1]), gathered([2, 0], [1, 0, 1]),
    ]
  ) {
    let shape = $0.shape(rank: 1...4)
    var rows: [Int] = []
    if shape[0] > 0 {
      for _ in 0..<$0.integer(in: 0..<9) { rows.append($0.integer(in: 0..<shape[0])) }
    }
    return gathered(shape, rows)
  }

  private static func broadcast(_ from: [Int], _ to: [Int]) -> OpCase {
    OpCase(
      "broadcast(to: \(to))", [Input(from)], shape: to, apply: { $0[0].broadcast(to: to) },
      reference: { PlainReference.stretched($0[0], from, to: to) })
  }

  private static let stretching = OpFamily(
    "broadcast",
    fixed: [
      broadcast([2, 1, 2], [2, 2, 2, 2]), broadcast([], [3]), broadcast([1], [0]),
      broadcast([3], [3]), broadcast([4, 1], [4, 6000]),
    ]
  ) {
    let shape = $0.shape()
    return broadcast($0.stretching(to: shape), shape)
  }

  private static func product(_ m: Int, _ k: Int, _ n: Int, _ ta: Bool, _ tb: Bool) -> OpCase {
    let (a, b) = (Input(ta ? [k, m] : [m, k]), Input(tb ? [n, k] : [k, n]))
    let name = "matmul\(ta ? ", left transposed" : "")\(tb ? ", right transposed" : "")"
    return OpCase(
      name, [a, b], shape: [m, n],
      apply: { $0[0].matmul($0[1], transposeSelf: ta, transposeOther: tb) },
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

  static let products: [OpFamily] = [
    OpFamily(
      "matmul",
      fixed: [(4, 5, 6), (1, 1, 1), (1, 7, 3), (33, 2, 17), (3, 0, 4), (0, 3, 4)].flatMap {
        m, k, n in
        [false, true].flatMap { ta in [false, true].map { product(m, k, n, ta, $0) } }
      }
    ) {
      let largest = $0.chance(0.1) ? 40 : 9
      return product(
        $0.size(upTo: largest), $0.size(upTo: largest), $0.size(upTo: largest), $0.chance(0.5),
        $0.chance(0.5))
    }
  ]
}
