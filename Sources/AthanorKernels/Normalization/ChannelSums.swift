/// Sums over the rows of a `[rows, channels]` matrix for each column, which batch and group
/// normalisation need. Loops are vectorised along the channels, so that every load is contiguous.
public enum ChannelSums {
  /// Rows summed in the scalar type before the sum is added in double precision.
  private static let block = 128

  /// For every channel, Σ(x − pivot) and Σ(x − pivot)²; the pivot is the first row, so that the
  /// variance is accurate even where the mean is large. Returns `[Σ…, Σ²…]`.
  public static func moments<T: FloatingScalar>(
    _ x: UnsafePointer<T>, rows: Range<Int>, channels: Int
  ) -> [Double] {
    let pivot = x + rows.lowerBound * channels
    return accumulate(rows, channels) { row, first, second in
      let line = x + row * channels
      for c in 0..<channels {
        let d = line[c] - pivot[c]
        first[c] += d
        second[c] += d * d
      }
    }
  }

  /// For every channel, Σg and Σg·x̂ with x̂ = (x − mean)·scale. Returns `[Σg…, Σg·x̂…]`.
  ///
  /// Where `y` is given, g is 0 unless y > 0: the backward pass of a fused ReLU.
  public static func dots<T: FloatingScalar>(
    _ g: UnsafePointer<T>, _ x: UnsafePointer<T>, relu y: UnsafePointer<T>?, rows: Range<Int>,
    channels: Int, mean: UnsafePointer<T>, scale: UnsafePointer<T>
  ) -> [Double] {
    accumulate(rows, channels) { row, first, second in
      let (gs, xs) = (g + row * channels, x + row * channels)
      if let y {
        let ys = y + row * channels
        for c in 0..<channels {
          let d = ys[c] > 0 ? gs[c] : 0
          first[c] += d
          second[c] += d * ((xs[c] - mean[c]) * scale[c])
        }
      } else {
        for c in 0..<channels {
          first[c] += gs[c]
          second[c] += gs[c] * ((xs[c] - mean[c]) * scale[c])
        }
      }
    }
  }

  @inline(__always)
  private static func accumulate<T: FloatingScalar>(
    _ rows: Range<Int>, _ channels: Int,
    _ add: (Int, UnsafeMutablePointer<T>, UnsafeMutablePointer<T>) -> Void
  ) -> [Double] {
    var total = [Double](repeating: 0, count: 2 * channels)
    withUnsafeTemporaryAllocation(of: T.self, capacity: 2 * channels) { partial in
      let (first, second) = (partial.baseAddress!, partial.baseAddress! + channels)
      for start in stride(from: rows.lowerBound, to: rows.upperBound, by: block) {
        partial.initialize(repeating: 0)
        for row in start..<min(start + block, rows.upperBound) { add(row, first, second) }
        for i in 0..<(2 * channels) { total[i] += Double(partial[i]) }
      }
    }
    return total
  }
}
