/// Layer normalisation of the rows of a `[rows, channels]` matrix.
///
/// x̂ = (x − μ)/√(σ² + ε) with μ, σ² over a row, y = γx̂ + β. Loops are vectorised along a row,
/// which stays in the first-level cache between passes.
public enum LayerNormalization {
  /// Rows that share one partial sum of the gradients of γ and β.
  private static let block = 128

  /// Writes y, and for `backward` each row's μ and 1/√(σ² + ε).
  @specialized(where T == Float)
  @specialized(where T == Double)
  public static func forward<T: FloatingScalar>(
    _ x: UnsafePointer<T>, rows: Int, channels: Int, epsilon: Double, scale: UnsafePointer<T>,
    shift: UnsafePointer<T>, to y: UnsafeMutablePointer<T>, mean: UnsafeMutablePointer<T>,
    inverse: UnsafeMutablePointer<T>
  ) {
    let size = T(channels)
    parallelFor(rows, grain: max(1, 4096 / max(1, channels))) { row in
      let (xs, ys) = (x + row * channels, y + row * channels)
      let center = sum(channels, { xs[$0] }, vector: { load(xs, $0) }) / size
      let variance =
        sum(channels) {
          let d = xs[$0] - center
          return d * d
        } vector: {
          let d = load(xs, $0) - center
          return d * d
        } / size
      let factor = 1 / (variance + T(epsilon)).squareRoot()
      for c in 0..<channels { ys[c] = (xs[c] - center) * factor * scale[c] + shift[c] }
      (mean[row], inverse[row]) = (center, factor)
    }
  }

  /// The gradients of `forward`, given the gradient g of y; `dx` is skipped where nil.
  @specialized(where T == Float)
  @specialized(where T == Double)
  public static func backward<T: FloatingScalar>(
    _ g: UnsafePointer<T>, _ x: UnsafePointer<T>, rows: Int, channels: Int,
    scale: UnsafePointer<T>, mean: UnsafePointer<T>, inverse: UnsafePointer<T>,
    dx: UnsafeMutablePointer<T>?, dScale: UnsafeMutablePointer<T>,
    dShift: UnsafeMutablePointer<T>
  ) {
    let blocks = (rows + block - 1) / block
    withUnsafeTemporaryAllocation(of: T.self, capacity: blocks * 2 * channels) { all in
      let partial = all.baseAddress!
      partial.initialize(repeating: 0, count: all.count)
      parallelFor(blocks) { b in
        let (scaleSum, shiftSum) = (partial + 2 * b * channels, partial + (2 * b + 1) * channels)
        for row in (b * block)..<min(rows, (b + 1) * block) {
          let (gs, xs) = (g + row * channels, x + row * channels)
          let (center, factor) = (mean[row], inverse[row])
          for c in 0..<channels {
            scaleSum[c] += gs[c] * ((xs[c] - center) * factor)
            shiftSum[c] += gs[c]
          }
          guard let dx else { continue }
          backwardRow(
            gs, xs, channels, scale: scale, center: center, factor: factor, to: dx + row * channels)
        }
      }
      for c in 0..<channels {
        var (scaleSum, shiftSum) = (0.0, 0.0)
        for b in 0..<blocks {
          scaleSum += Double(partial[2 * b * channels + c])
          shiftSum += Double(partial[(2 * b + 1) * channels + c])
        }
        (dScale[c], dShift[c]) = (T(scaleSum), T(shiftSum))
      }
    }
  }

  /// dx = (γg − mean(γg) − x̂·mean(γg·x̂))/√(σ² + ε).
  @inline(__always)
  private static func backwardRow<T: FloatingScalar>(
    _ g: UnsafePointer<T>, _ x: UnsafePointer<T>, _ channels: Int, scale: UnsafePointer<T>,
    center: T, factor: T, to dx: UnsafeMutablePointer<T>
  ) {
    let size = T(channels)
    let (total, dot) = sums(channels) {
      let d = g[$0] * scale[$0]
      return (d, d * (x[$0] - center))
    } vector: {
      let d = load(g, $0) * load(scale, $0)
      return (d, d * (load(x, $0) - center))
    }
    let (gMean, gProjection) = (total / size, dot * factor * factor / size)
    for c in 0..<channels {
      dx[c] = factor * (g[c] * scale[c] - gMean - (x[c] - center) * gProjection)
    }
  }

  @inline(__always)
  private static func load<T: FloatingScalar>(_ x: UnsafePointer<T>, _ i: Int) -> SIMD16<T> {
    UnsafeRawPointer(x + i).loadUnaligned(as: SIMD16<T>.self)
  }

  /// Σ of so many terms, sixteen at a time by `vector`, the remaining ones singly.
  @inline(__always)
  private static func sum<T: FloatingScalar>(
    _ count: Int, _ scalar: (Int) -> T, vector: (Int) -> SIMD16<T>
  ) -> T {
    var lanes = SIMD16<T>()
    var i = 0
    while i + 16 <= count {
      lanes += vector(i)
      i += 16
    }
    var sum = total(lanes)
    while i < count {
      sum += scalar(i)
      i += 1
    }
    return sum
  }

  /// Two such sums in one pass.
  @inline(__always)
  private static func sums<T: FloatingScalar>(
    _ count: Int, _ scalar: (Int) -> (T, T), vector: (Int) -> (SIMD16<T>, SIMD16<T>)
  ) -> (T, T) {
    var (first, second) = (SIMD16<T>(), SIMD16<T>())
    var i = 0
    while i + 16 <= count {
      let terms = vector(i)
      first += terms.0
      second += terms.1
      i += 16
    }
    var result = (total(first), total(second))
    while i < count {
      let terms = scalar(i)
      result.0 += terms.0
      result.1 += terms.1
      i += 1
    }
    return result
  }

  /// The pairwise sum of the lanes; `sum()` adds them one after the other.
  @inline(__always)
  private static func total<T: FloatingScalar>(_ lanes: SIMD16<T>) -> T {
    let eight = lanes.lowHalf + lanes.highHalf
    let four = eight.lowHalf + eight.highHalf
    let two = four.lowHalf + four.highHalf
    return two[0] + two[1]
  }
}
