/// Maps of a `[rows, channels]` matrix with coefficients for each channel.
public enum ChannelAffine {
  /// y = x·a + b, then ReLU where asked.
  public static func apply<T: FloatingScalar>(
    _ x: UnsafePointer<T>, to y: UnsafeMutablePointer<T>, rows: Range<Int>, channels: Int,
    a: UnsafePointer<T>, b: UnsafePointer<T>, relu: Bool
  ) {
    for row in rows {
      let (xs, ys) = (x + row * channels, y + row * channels)
      if relu {
        for c in 0..<channels {
          let v = xs[c] * a[c] + b[c]
          ys[c] = 0 > v ? 0 : v  // NaN stays NaN
        }
      } else {
        for c in 0..<channels { ys[c] = xs[c] * a[c] + b[c] }
      }
    }
  }

  /// dx = g·p + x·q + r; where `y` is given, g is 0 unless y > 0.
  public static func applyBackward<T: FloatingScalar>(
    _ g: UnsafePointer<T>, _ x: UnsafePointer<T>, relu y: UnsafePointer<T>?,
    to dx: UnsafeMutablePointer<T>, rows: Range<Int>, channels: Int, p: UnsafePointer<T>,
    q: UnsafePointer<T>, r: UnsafePointer<T>
  ) {
    for row in rows {
      let offset = row * channels
      let (gs, xs, out) = (g + offset, x + offset, dx + offset)
      if let y {
        let ys = y + offset
        for c in 0..<channels {
          out[c] = (ys[c] > 0 ? gs[c] : 0) * p[c] + (xs[c] * q[c] + r[c])
        }
      } else {
        for c in 0..<channels { out[c] = gs[c] * p[c] + (xs[c] * q[c] + r[c]) }
      }
    }
  }
}
