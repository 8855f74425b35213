/// Shapes by their definitions, written for reading.
extension PlainReference {
  /// The index along each axis of the element at `flat`.
  static func index(_ flat: Int, _ shape: [Int]) -> [Int] {
    var rest = flat
    return shape.reversed().map { size in
      defer { rest /= size }
      return rest % size
    }.reversed()
  }

  /// The shape that all of these stretch to, aligned at the right.
  static func common(_ shapes: [[Int]]) -> [Int] {
    let rank = shapes.map(\.count).max() ?? 0
    return (0..<rank).map { axis in
      let sizes = shapes.compactMap { shape in
        axis >= rank - shape.count ? shape[axis - rank + shape.count] : nil
      }
      return sizes.first { $0 != 1 } ?? 1
    }
  }

  static func stretched(_ x: [Double], _ shape: [Int], to wide: [Int]) -> [Double] {
    (0..<wide.reduce(1, *)).map { flat in
      let own = index(flat, wide).suffix(shape.count)
      return x[zip(own, shape).reduce(0) { $0 * $1.1 + ($1.1 == 1 ? 0 : $1.0) }]
    }
  }

  /// The elements whose index along `axis` is in `range`.
  static func sliced(_ x: [Double], _ shape: [Int], _ range: Range<Int>, axis: Int) -> [Double] {
    x.indices.filter { range.contains(index($0, shape)[axis]) }.map { x[$0] }
  }

  static func concatenated(_ parts: [[Double]], _ shapes: [[Int]], axis: Int) -> [Double] {
    (0..<shapes[0][..<axis].reduce(1, *)).flatMap { outer in
      zip(parts, shapes).flatMap { part, shape in
        let run = shape[axis...].reduce(1, *)
        return part[(outer * run)..<((outer + 1) * run)]
      }
    }
  }

  /// The shape that is left of `shape`.
  static func reduced(_ shape: [Int], _ axes: [Int]?, keepDimensions: Bool) -> [Int] {
    let axes = axes ?? Array(shape.indices)
    return shape.indices.compactMap { axis in
      axes.contains(axis) ? (keepDimensions ? 1 : nil) : shape[axis]
    }
  }

  /// `fold` of the elements that meet in each result.
  static func reduced(
    _ x: [Double], _ shape: [Int], _ axes: [Int]?, _ fold: ([Double]) -> Double
  ) -> [Double] {
    let axes = axes ?? Array(shape.indices)
    let kept = shape.indices.map { axes.contains($0) ? 1 : shape[$0] }
    var groups = [[Double]](repeating: [], count: kept.reduce(1, *))
    for (flat, value) in x.enumerated() {
      let place = zip(index(flat, shape), kept).reduce(0) {
        $0 * $1.1 + ($1.1 == 1 ? 0 : $1.0)
      }
      groups[place].append(value)
    }
    return groups.map(fold)
  }
}
