import AthanorCore

/// A procedural surface: a value in `0...1` for every point, mixed between two colours.
struct SceneTexture: Sendable {
  private enum Pattern: Int, CaseIterable {
    case plain, gradient, stripes, checks, dots, clouds
  }

  private let pattern: Pattern
  private let low: SIMD3<Float>
  private let high: SIMD3<Float>
  private let direction: SIMD2<Float>
  private let period: Float
  private let phase: SIMD2<Float>
  private let salt: UInt32

  /// A random pattern between two colours with features of about `period` pixels.
  init(
    from low: SIMD3<Float>, to high: SIMD3<Float>, period: ClosedRange<Double>,
    _ generator: inout Generator
  ) {
    pattern = Pattern.allCases[generator.integer(in: 0..<Pattern.allCases.count)]
    self.low = low
    self.high = high
    let angle = generator.uniform(0, 2 * .pi)
    direction = SIMD2(Float(cosine(angle)), Float(cosine(angle - .pi / 2)))
    self.period = Float(generator.uniform(period.lowerBound, period.upperBound))
    phase = SIMD2(Float(generator.uniform(0, 64)), Float(generator.uniform(0, 64)))
    salt = UInt32(truncatingIfNeeded: generator.next())
  }

  /// The colour at a point; `extent` is the length over which a gradient runs.
  func color(_ point: SIMD2<Float>, extent: Float) -> SIMD3<Float> {
    low + (high - low) * value(point, extent: extent)
  }

  private func value(_ point: SIMD2<Float>, extent: Float) -> Float {
    let turned = SIMD2(
      (point * direction).sum(), point.y * direction.x - point.x * direction.y)
    switch pattern {
    case .plain: return 0.5
    case .gradient: return min(max(turned.x / extent + 0.5, 0), 1)
    case .stripes: return triangle(turned.x / period + phase.x)
    case .checks:
      let a = triangle(turned.x / period + phase.x) - 0.5
      let b = triangle(turned.y / period + phase.y) - 0.5
      return a * b > 0 ? 1 : 0
    case .dots:
      let a = triangle(turned.x / period + phase.x) - 0.5
      let b = triangle(turned.y / period + phase.y) - 0.5
      return a * a + b * b < 0.08 ? 1 : 0
    case .clouds:
      return (2 * noise(turned / period + phase) + noise(turned / period * 2.3 + phase)) / 3
    }
  }

  /// A wave of period 2 between 0 and 1.
  private func triangle(_ x: Float) -> Float {
    let t = x - 2 * (x / 2).rounded(.down)
    return t < 1 ? t : 2 - t
  }

  /// Value noise: hashed lattice values, smoothly interpolated.
  private func noise(_ point: SIMD2<Float>) -> Float {
    let x0 = point.x.rounded(.down)
    let y0 = point.y.rounded(.down)
    let (ix, iy) = (Int32(x0), Int32(y0))
    let (tx, ty) = (smooth(point.x - x0), smooth(point.y - y0))
    let top = lattice(ix, iy) + (lattice(ix + 1, iy) - lattice(ix, iy)) * tx
    let bottom = lattice(ix, iy + 1) + (lattice(ix + 1, iy + 1) - lattice(ix, iy + 1)) * tx
    return top + (bottom - top) * ty
  }

  private func smooth(_ t: Float) -> Float { t * t * (3 - 2 * t) }

  private func lattice(_ x: Int32, _ y: Int32) -> Float {
    var h = UInt32(bitPattern: x) &* 0x9E37_79B1 ^ UInt32(bitPattern: y) &* 0x85EB_CA77 ^ salt
    h = (h ^ (h >> 15)) &* 0x2C1B_3C6D
    h = (h ^ (h >> 12)) &* 0x297A_2D39
    return Float((h ^ (h >> 15)) >> 8) * 0x1p-24
  }
}

/// The RGB colour, `0...255` per channel, of a hue, saturation and value in `0...1`.
func color(hue: Double, saturation: Double, value: Double) -> SIMD3<Float> {
  let h = (hue - hue.rounded(.down)) * 6
  func channel(_ n: Double) -> Float {
    let k = (n + h).truncatingRemainder(dividingBy: 6)
    return Float(255 * (value - value * saturation * max(0, min(k, 4 - k, 1))))
  }
  return SIMD3(channel(5), channel(3), channel(1))
}

/// cos x to 1e-9 from arithmetic alone, so that scenes are the same bits on every system.
func cosine(_ x: Double) -> Double {
  // Reduced to −π…π, then the half angle by series: cos x = 2 cos²(x/2) − 1, |x/4| < 0.8.
  let turns = (x / (2 * .pi)).rounded()
  let y = (x - turns * 2 * .pi) / 4
  let y2 = y * y
  var c = 1.0
  for k in stride(from: 14.0, to: 0, by: -2) { c = 1 - c * y2 / (k * (k - 1)) }
  let half = 2 * c * c - 1
  return 2 * half * half - 1
}
