#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// `x' = a·x + b·y + c`, `y' = d·x + e·y + f`, from the source to the destination: the two rows of
/// OpenCV's 2×3 matrix.
public struct AffineTransform: Equatable, Sendable {
  public var a, b, c, d, e, f: Double

  public init(_ a: Double, _ b: Double, _ c: Double, _ d: Double, _ e: Double, _ f: Double) {
    (self.a, self.b, self.c, self.d, self.e, self.f) = (a, b, c, d, e, f)
  }

  /// Turned by `degrees` counter-clockwise and scaled about (`x`, `y`): `cv::getRotationMatrix2D`.
  public init(rotation degrees: Double, scale: Double = 1, aboutX x: Double, y: Double) {
    let angle = degrees * .pi / 180
    let (alpha, beta) = (cos(angle) * scale, sin(angle) * scale)
    self.init(
      alpha, beta, (1 - alpha) * x - beta * y, -beta, alpha, beta * x + (1 - alpha) * y)
  }

  public func callAsFunction(_ x: Double, _ y: Double) -> (x: Double, y: Double) {
    (a * x + b * y + c, d * x + e * y + f)
  }

  /// From the destination back to the source; without an inverse, always pixel (0, 0), as
  /// in OpenCV.
  public var inverse: AffineTransform {
    var determinant = a * e - b * d
    determinant = determinant != 0 ? 1 / determinant : 0
    let (a, b, d, e) = (
      e * determinant, b * -determinant, d * -determinant, a * determinant
    )
    return AffineTransform(a, b, -a * c - b * f, d, e, -d * c - e * f)
  }
}

/// Moves every pixel of `src` to where `transform` takes it in `dst`.
///
/// Shapes: any sizes from one pixel to 32766; 1, 3 or 4 channels, the same in both.
/// Parity: `cv::warpAffine` with `INTER_NEAREST` or `INTER_LINEAR`, byte for byte: positions are
/// in 1/1024, rounded to 1/32.
public func warpAffine(
  _ src: Pixels, into dst: MutablePixels, _ transform: AffineTransform,
  _ interpolation: WarpInterpolation, border: BorderMode
) {
  warp(src, into: dst, AffineMap(transform.inverse, width: dst.width), interpolation, border)
}

/// Positions from a table of each column's share, in 1/1024.
private struct AffineMap: WarpMap {
  let blockWidth = 512
  private let inverse: AffineTransform
  private let columnsX, columnsY: [Int32]

  init(_ inverse: AffineTransform, width: Int) {
    self.inverse = inverse
    columnsX = (0..<width).map { fixedPoint(inverse.a * Double($0) * 1024) }
    columnsY = (0..<width).map { fixedPoint(inverse.d * Double($0) * 1024) }
  }

  func positions(
    _ x: Int, _ y: Int, _ count: Int, _ interpolation: WarpInterpolation,
    _ u: UnsafeMutablePointer<Int32>, _ v: UnsafeMutablePointer<Int32>
  ) {
    let isLinear = interpolation == .linear
    let (half, shift): (Int32, Int32) = isLinear ? (16, 5) : (512, 10)
    let y = Double(y)
    let startX = fixedPoint((inverse.b * y + inverse.c) * 1024) &+ half
    let startY = fixedPoint((inverse.e * y + inverse.f) * 1024) &+ half
    columnsX.withUnsafeBufferPointer { columns in
      let columns = columns.baseAddress! + x
      for i in 0..<count { u[i] = (startX &+ columns[i]) &>> shift }
    }
    columnsY.withUnsafeBufferPointer { columns in
      let columns = columns.baseAddress! + x
      for i in 0..<count { v[i] = (startY &+ columns[i]) &>> shift }
    }
  }
}

/// To the nearest whole number, ties to even; one that does not fit becomes the smallest.
private func fixedPoint(_ value: Double) -> Int32 {
  Int32(exactly: value.rounded(.toNearestOrEven)) ?? .min
}

extension Image {
  /// Warped into `width`×`height`; see `warpAffine`.
  public func warped(
    _ transform: AffineTransform, width: Int, height: Int,
    _ interpolation: WarpInterpolation = .linear, border: BorderMode
  ) -> Image {
    Image(width: width, height: height, channels: channels) { dst in
      withPixels { warpAffine($0, into: dst, transform, interpolation, border: border) }
    }
  }
}
