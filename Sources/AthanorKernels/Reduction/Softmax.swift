/// Softmax over the rows of a `[rows, classes]` matrix, shifted by each row's largest element.
public enum Softmax {
  private static let grain = 512

  /// y = eˣ / Σ eˣ.
  @specialized(where T == Float)
  @specialized(where T == Double)
  public static func forward<T: FloatingScalar>(
    _ x: UnsafePointer<T>, rows: Int, classes: Int, to y: UnsafeMutablePointer<T>
  ) {
    parallelFor(rows, grain: grain) { row in
      let (from, to) = (x + row * classes, y + row * classes)
      let top = largest(from, classes)
      var sum: T = 0
      for c in 0..<classes {
        let e = T.exp(from[c] - top)
        to[c] = e
        sum += e
      }
      let scale = 1 / sum
      for c in 0..<classes { to[c] *= scale }
    }
  }

  /// dx = y·(g − Σ g·y).
  @specialized(where T == Float)
  @specialized(where T == Double)
  public static func backward<T: FloatingScalar>(
    _ g: UnsafePointer<T>, _ y: UnsafePointer<T>, rows: Int, classes: Int,
    to dx: UnsafeMutablePointer<T>
  ) {
    parallelFor(rows, grain: grain) { row in
      let (gs, ys, out) = (g + row * classes, y + row * classes, dx + row * classes)
      var dot: T = 0
      for c in 0..<classes { dot += gs[c] * ys[c] }
      for c in 0..<classes { out[c] = ys[c] * (gs[c] - dot) }
    }
  }

  /// y = x − ln Σ eˣ.
  @specialized(where T == Float)
  @specialized(where T == Double)
  public static func logForward<T: FloatingScalar>(
    _ x: UnsafePointer<T>, rows: Int, classes: Int, to y: UnsafeMutablePointer<T>
  ) {
    parallelFor(rows, grain: grain) { row in
      let (from, to) = (x + row * classes, y + row * classes)
      let top = largest(from, classes)
      var sum: T = 0
      for c in 0..<classes { sum += T.exp(from[c] - top) }
      let shift = T.log(sum)
      for c in 0..<classes { to[c] = (from[c] - top) - shift }
    }
  }

  /// dx = g − eʸ·Σ g.
  @specialized(where T == Float)
  @specialized(where T == Double)
  public static func logBackward<T: FloatingScalar>(
    _ g: UnsafePointer<T>, _ y: UnsafePointer<T>, rows: Int, classes: Int,
    to dx: UnsafeMutablePointer<T>
  ) {
    parallelFor(rows, grain: grain) { row in
      let (gs, ys, out) = (g + row * classes, y + row * classes, dx + row * classes)
      var sum: T = 0
      for c in 0..<classes { sum += gs[c] }
      for c in 0..<classes { out[c] = gs[c] - T.exp(ys[c]) * sum }
    }
  }

  @inline(__always)
  private static func largest<T: FloatingScalar>(_ x: UnsafePointer<T>, _ count: Int) -> T {
    var top = x[0]
    for c in 1..<max(1, count) where x[c] > top { top = x[c] }
    return top
  }
}
