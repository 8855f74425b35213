/// A homography from the source to the destination, the nine numbers of OpenCV's 3×3 matrix row by
/// row: `x' = (m₀x + m₁y + m₂)/w`, `y' = (m₃x + m₄y + m₅)/w`, `w = m₆x + m₇y + m₈`.
public struct PerspectiveTransform: Equatable, Sendable {
  public var matrix: [Double]

  public init(_ matrix: [Double]) {
    precondition(matrix.count == 9, "PerspectiveTransform: \(matrix.count) numbers, not 9")
    self.matrix = matrix
  }

  public func callAsFunction(_ x: Double, _ y: Double) -> (x: Double, y: Double) {
    let m = matrix
    let w = m[6] * x + m[7] * y + m[8]
    return ((m[0] * x + m[1] * y + m[2]) / w, (m[3] * x + m[4] * y + m[5]) / w)
  }

  /// From the destination back to the source; zeros where there is no inverse.
  public var inverse: PerspectiveTransform {
    let m = matrix
    func minor(_ a: Int, _ d: Int, _ b: Int, _ c: Int) -> Double { m[a] * m[d] - m[b] * m[c] }
    let determinant =
      m[0] * minor(4, 8, 5, 7) - m[1] * minor(3, 8, 5, 6) + m[2] * minor(3, 7, 4, 6)
    guard determinant != 0 else { return PerspectiveTransform([Double](repeating: 0, count: 9)) }
    let d = 1 / determinant
    return PerspectiveTransform([
      minor(4, 8, 5, 7) * d, minor(2, 7, 1, 8) * d, minor(1, 5, 2, 4) * d,
      minor(5, 6, 3, 8) * d, minor(0, 8, 2, 6) * d, minor(2, 3, 0, 5) * d,
      minor(3, 7, 4, 6) * d, minor(1, 6, 0, 7) * d, minor(0, 4, 1, 3) * d,
    ])
  }
}

/// Moves every pixel of `src` to where `transform` takes it in `dst`.
///
/// Shapes: any sizes from one pixel to 32766; 1, 3 or 4 channels, the same in both.
/// Parity: `cv::warpPerspective` with `INTER_NEAREST` or `INTER_LINEAR`, byte for byte for finite
/// matrices: positions are doubles rounded to 1/32.
public func warpPerspective(
  _ src: Pixels, into dst: MutablePixels, _ transform: PerspectiveTransform,
  _ interpolation: WarpInterpolation, border: BorderMode
) {
  let map = PerspectiveMap(transform.inverse, width: dst.width, height: dst.height)
  warp(src, into: dst, map, interpolation, border)
}

/// Positions by one division per pixel. Sums start at the first column of a block, so blocks must
/// be those of OpenCV.
private struct PerspectiveMap: WarpMap {
  let blockWidth: Int
  private let m: [Double]

  init(_ inverse: PerspectiveTransform, width: Int, height: Int) {
    m = inverse.matrix
    blockWidth = min(1024 / max(1, min(16, height)), max(1, width))
  }

  func positions(
    _ x: Int, _ y: Int, _ count: Int, _ interpolation: WarpInterpolation,
    _ u: UnsafeMutablePointer<Int32>, _ v: UnsafeMutablePointer<Int32>
  ) {
    let unit: Double = interpolation == .linear ? 32 : 1
    let (first, row) = (Double(x), Double(y))
    let x0 = m[0] * first + m[1] * row + m[2]
    let y0 = m[3] * first + m[4] * row + m[5]
    let w0 = m[6] * first + m[7] * row + m[8]
    let (dx, dy, dw) = (m[0], m[3], m[6])
    for i in 0..<count {
      let k = Double(Int32(truncatingIfNeeded: i))
      let w = w0 + dw * k
      let scale = w != 0 ? unit / w : 0
      u[i] = rounded((x0 + dx * k) * scale)
      v[i] = rounded((y0 + dy * k) * scale)
    }
  }

  /// To the nearest whole number of 32 bits, ties to even: the low bits of the sum with 1.5·2⁵².
  @inline(__always)
  private func rounded(_ value: Double) -> Int32 {
    let above = value < 2_147_483_647 ? value : 2_147_483_647
    let held = above > -2_147_483_648 ? above : -2_147_483_648
    return Int32(truncatingIfNeeded: (held + 6_755_399_441_055_744).bitPattern)
  }
}

extension Image {
  /// Warped into `width`×`height`; see `warpPerspective`.
  public func warped(
    _ transform: PerspectiveTransform, width: Int, height: Int,
    _ interpolation: WarpInterpolation = .linear, border: BorderMode
  ) -> Image {
    Image(width: width, height: height, channels: channels) { dst in
      withPixels { warpPerspective($0, into: dst, transform, interpolation, border: border) }
    }
  }
}
