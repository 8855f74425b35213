/// `i²` and `½ / i` for every distance along a row.
struct ParabolaTables: Sendable {
  let squares: [Float]
  let halfInverses: [Float]

  init(width: Int) {
    squares = (0..<max(1, width)).map { Float($0 * $0) }
    halfInverses = (0..<max(1, width)).map { $0 == 0 ? 0 : Float(0.5 / Double($0)) }
  }
}

/// One row of the distance transform: `min (x − u)² + columns[u]²` over all u.
struct RowDistanceTransform {
  /// Pixels searched by vectors on each side.
  private static let reach = 40
  /// Represents all squares larger than those found by the search; `far + reach²` fits in 16 bits.
  private static let far: UInt16 = 40000
  private static let lanes = 64
  /// Pixels outside the row, on each side.
  private static let margin = reach + lanes

  private let width: Int
  private let squares: UnsafePointer<Float>
  private let halfInverses: UnsafePointer<Float>
  /// Squared column distances clamped to `far`, with `margin` further elements on both sides.
  private let near: UnsafeMutablePointer<UInt16>
  /// The smallest squared distances of the searched pixels so far.
  private let best: UnsafeMutablePointer<UInt16>
  /// Squared column distances, 10¹⁵ where a column has no zero.
  private let exact: UnsafeMutablePointer<Float>
  /// The apexes of the envelope's parabolas, and the positions from which each is the lowest.
  private let apexes: UnsafeMutablePointer<Int32>
  private let starts: UnsafeMutablePointer<Float>

  /// Whether OpenCV's float arithmetic gives exact results, so that any exact method may be used:
  /// all squares are integers below 2²⁴, and no intersection of two parabolas, with a relative
  /// error of 2⁻²³, can cross a pixel, since it is at least ½ / width away from one.
  static func isExact(width: Int, height: Int) -> Bool {
    width <= 2000 && width * width + height * height < 1 << 24
  }

  static func withScratch(
    width: Int, _ tables: ParabolaTables, _ body: (RowDistanceTransform) -> Void
  ) {
    let floats = 3 * width + 2 + (width + 2 * margin + lanes + 1) / 2
    withUnsafeTemporaryAllocation(of: Float.self, capacity: floats) { scratch in
      tables.squares.withUnsafeBufferPointer { squares in
        tables.halfInverses.withUnsafeBufferPointer { halfInverses in
          let base = scratch.baseAddress!
          let near = UnsafeMutableRawPointer(base + 3 * width + 2)
            .assumingMemoryBound(to: UInt16.self)
          near.initialize(repeating: far, count: width + 2 * margin + lanes)
          body(
            RowDistanceTransform(
              width: width, squares: squares.baseAddress!, halfInverses: halfInverses.baseAddress!,
              near: near + margin, best: near + width + 2 * margin, exact: base,
              apexes: UnsafeMutableRawPointer(base + width).assumingMemoryBound(to: Int32.self),
              starts: base + 2 * width))
        }
      }
    }
  }

  /// Replaces the column distances at the start of `row` by distances.
  func apply(_ row: UnsafeMutablePointer<Float>, isExact: Bool) {
    let columns = UnsafeMutableRawPointer(row).assumingMemoryBound(to: UInt16.self)
    squareColumns(columns)
    guard isExact else {
      envelope(0, width, row)
      return squareRoots(row, width)
    }
    var x = 0
    while x < width {
      if let far = search(x, row) {
        // The parabolas between two zeros are the lowest ones there.
        var from = x
        while from > 0 && near[from] != 0 { from &-= 1 }
        var to = far
        while to < width && near[to] != 0 { to &+= 1 }
        envelope(from, min(width, to &+ 1), row)
        squareRoots(row + from, to &- from)
        x = to
      } else {
        x &+= Self.lanes
      }
    }
  }

  private func squareColumns(_ columns: UnsafePointer<UInt16>) {
    for x in 0..<width {
      let (value, wide) = (columns[x], UInt32(columns[x]))
      near[x] = value > 200 ? Self.far : value &* value
      exact[x] = value == .max ? 1e15 : Float(wide &* wide)
    }
  }

  /// Writes the distances of `lanes` pixels from `x` on, or returns one that is further than
  /// `reach` from zero, or may be.
  private func search(_ x: Int, _ row: UnsafeMutablePointer<Float>) -> Int? {
    let center = near + x
    best.update(from: center, count: Self.lanes)
    if farthest() > 16 * 16 {
      lower(center, 8, 24)
      lower(center, 20, Self.reach)
      if farthest() > Self.reach * Self.reach {
        let limit = UInt16(Self.reach * Self.reach)
        for lane in 0..<min(Self.lanes, width &- x) where best[lane] > limit { return x &+ lane }
      }
    }
    var d = 1
    while d < Self.reach && farthest() > d &* d {
      lower(center, d, d &+ 1)
      lower(center, d &+ 2, d &+ 3)
      d &+= 4
    }
    let out = row + x
    if width &- x >= Self.lanes {
      for lane in 0..<Self.lanes { out[lane] = Float(best[lane]).squareRoot() }
    } else {
      for lane in 0..<(width &- x) { out[lane] = Float(best[lane]).squareRoot() }
    }
    return nil
  }

  /// Updates `best` with the columns at two distances, on both sides.
  @inline(__always)
  private func lower(_ center: UnsafePointer<UInt16>, _ d: Int, _ e: Int) {
    let (dd, ee) = (UInt16(truncatingIfNeeded: d &* d), UInt16(truncatingIfNeeded: e &* e))
    for lane in 0..<Self.lanes {
      let atD = min(center[lane &+ d], center[lane &- d]) &+ dd
      let atE = min(center[lane &+ e], center[lane &- e]) &+ ee
      best[lane] = min(best[lane], min(atD, atE))
    }
  }

  /// The largest of `best`.
  @inline(__always)
  private func farthest() -> Int {
    var most: UInt16 = 0
    for lane in 0..<Self.lanes { most = max(most, best[lane]) }
    return Int(most)
  }

  /// The squared distances of the pixels `from..<to`, from the parabolas with apexes among them.
  ///
  /// The order of the float operations is OpenCV's, which matters in rows too long to be exact.
  private func envelope(_ from: Int, _ to: Int, _ row: UnsafeMutablePointer<Float>) {
    let (f, dst, count) = (exact + from, row + from, to &- from)
    var top = 0
    apexes[0] = 0
    starts[0] = -1e15
    for q in 1..<max(1, count) {
      let height = f[q] + squares[q]
      while true {
        let p = Int(apexes[top])
        let start = (height - f[p] - squares[p]) * halfInverses[q &- p]
        if start > starts[top] {
          top &+= 1
          apexes[top] = Int32(truncatingIfNeeded: q)
          starts[top] = start
          break
        }
        top &-= 1
      }
    }
    starts[top &+ 1] = 1e15
    var k = 0
    for q in 0..<count {
      while starts[k &+ 1] < Float(q) { k &+= 1 }
      let p = Int(apexes[k])
      dst[q] = squares[abs(q &- p)] + f[p]
    }
  }

  private func squareRoots(_ row: UnsafeMutablePointer<Float>, _ count: Int) {
    for x in 0..<count { row[x] = row[x].squareRoot() }
  }
}
