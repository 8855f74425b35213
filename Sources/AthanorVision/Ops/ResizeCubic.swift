import AthanorKernels

/// The four source positions of every destination position along an axis, and their 11-bit weights.
private struct CubicTaps {
  /// The position of the first tap, which like the others may lie outside.
  private(set) var first: [Int] = []
  /// The weights of each tap: `weights[k * count + d]`.
  private(set) var weights: [Int16]

  init(count: Int, scale: Double, repeated channels: Int = 1) {
    weights = [Int16](repeating: 0, count: 4 * count * channels)
    first.reserveCapacity(count)
    for d in 0..<count {
      var x = Float((Double(d) + 0.5) * scale - 0.5)
      let s = x.rounded(.down)
      x -= s
      first.append(Int(s) - 1)
      for (k, weight) in CubicTaps.weights(x).enumerated() {
        let fixed = Int16((weight * 2048).rounded(.toNearestOrEven))
        for c in 0..<channels { weights[(k * count + d) * channels + c] = fixed }
      }
    }
  }

  /// Keys' kernel with a = −3/4, at distances 1 + x, x, 1 − x and 2 − x.
  private static func weights(_ x: Float) -> [Float] {
    let a: Float = -0.75
    let w0 = ((a * (x + 1) - 5 * a) * (x + 1) + 8 * a) * (x + 1) - 4 * a
    let w1 = ((a + 2) * x - (a + 3)) * x * x + 1
    let w2 = ((a + 2) * (1 - x) - (a + 3)) * (1 - x) * (1 - x) + 1
    return [w0, w1, w2, 1 - w0 - w1 - w2]
  }
}

/// Rows first, `r = Σ s·a` in 22 bits without loss, then down the columns in float,
/// `round(r₀·b₀ + (r₁·b₁ + (r₂·b₂ + r₃·b₃)))` with ties to even; the last bytes of a row, fewer
/// than eight, in integers, `(Σ r·b + 2²¹) >> 22`, which OpenCV's vectors do not cover.
func resizeCubic(_ src: Pixels, _ dst: MutablePixels, _ scale: ResizeScale) {
  let (channels, count) = (src.channels, dst.width * dst.channels)
  let columns = CubicTaps(count: dst.width, scale: scale.x, repeated: channels)
  let rowTaps = CubicTaps(count: dst.height, scale: scale.y)
  parallelRanges(dst.height, grain: rowGrain(4 * count)) { range in
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 4 * (count + 4)) { taps in
      // Source rows already resized; row s is in slot s mod 4.
      withUnsafeTemporaryAllocation(of: Float.self, capacity: 4 * count) { slots in
        var held = SIMD4<Int>(repeating: -1)
        for y in range {
          var rows = SIMD4<Int>()
          for k in 0..<4 {
            let s = min(max(rowTaps.first[y] + k, 0), src.height - 1)
            rows[k] = s & 3
            if held[s & 3] == s { continue }
            held[s & 3] = s
            cubicRow(
              src.row(s), src.width, columns, channels, taps.baseAddress!,
              slots.baseAddress! + (s & 3) * count, count)
          }
          let base = UnsafePointer(slots.baseAddress!)
          let b = SIMD4<Int32>(
            truncatingIfNeeded: SIMD4(
              rowTaps.weights[y], rowTaps.weights[dst.height + y],
              rowTaps.weights[2 * dst.height + y], rowTaps.weights[3 * dst.height + y]))
          blendCubic(
            base + rows[0] * count, base + rows[1] * count, base + rows[2] * count,
            base + rows[3] * count, b, dst.row(y), count)
        }
      }
    }
  }
}

private func blendCubic(
  _ r0: UnsafePointer<Float>, _ r1: UnsafePointer<Float>, _ r2: UnsafePointer<Float>,
  _ r3: UnsafePointer<Float>, _ b: SIMD4<Int32>, _ dst: UnsafeMutablePointer<UInt8>, _ count: Int
) {
  let unit: Float = 1 / 4_194_304
  let (b0, b1, b2, b3) = (
    Float(b[0]) * unit, Float(b[1]) * unit, Float(b[2]) * unit, Float(b[3]) * unit
  )
  for x in 0..<(count & ~7) {
    dst[x] = saturated(r0[x] * b0 + (r1[x] * b1 + (r2[x] * b2 + r3[x] * b3)))
  }
  for x in (count & ~7)..<count {
    let sum =
      Int32(r0[x]) &* b[0] &+ Int32(r1[x]) &* b[1] &+ Int32(r2[x]) &* b[2] &+ Int32(r3[x]) &* b[3]
    dst[x] = UInt8(clamping: (sum &+ 2_097_152) >> 22)
  }
}

/// `dst[x] = Σ s·a` for one row: the taps are gathered in rows, then weighted.
private func cubicRow(
  _ src: UnsafePointer<UInt8>, _ width: Int, _ columns: CubicTaps, _ channels: Int,
  _ taps: UnsafeMutablePointer<UInt8>, _ dst: UnsafeMutablePointer<Float>, _ count: Int
) {
  let plane = count + 4
  gatherCubic(src, width, columns.first, channels, taps, plane)
  columns.weights.withUnsafeBufferPointer { weights in
    let (t0, t1, t2, t3) = (taps, taps + plane, taps + 2 * plane, taps + 3 * plane)
    let a0 = weights.baseAddress!
    let (a1, a2, a3) = (a0 + count, a0 + 2 * count, a0 + 3 * count)
    for x in 0..<count {
      let near = Int32(t0[x]) &* Int32(a0[x]) &+ Int32(t1[x]) &* Int32(a1[x])
      let far = Int32(t2[x]) &* Int32(a2[x]) &+ Int32(t3[x]) &* Int32(a3[x])
      dst[x] = Float(near &+ far)
    }
  }
}

/// Copies the four taps of every pixel into a plane each. Four bytes are copied at a time, and each
/// pixel overwrites the excess of the one before; at the row's ends, where taps lie outside and are
/// replaced by the last pixel inside, single bytes are copied.
private func gatherCubic(
  _ src: UnsafePointer<UInt8>, _ width: Int, _ first: [Int], _ channels: Int,
  _ taps: UnsafeMutablePointer<UInt8>, _ plane: Int
) {
  let (raw, out) = (UnsafeRawPointer(src), UnsafeMutableRawPointer(taps))
  // The last word read ends inside the row.
  let lastWhole = (width * channels - 4) / channels - 3
  first.withUnsafeBufferPointer { first in
    for x in 0..<first.count {
      let s = first[x]
      if s >= 0 && s <= lastWhole {
        var (from, to) = (s &* channels, x &* channels)
        for _ in 0..<4 {
          out.storeBytes(
            of: raw.loadUnaligned(fromByteOffset: from, as: UInt32.self), toByteOffset: to,
            as: UInt32.self)
          from &+= channels
          to &+= plane
        }
      } else {
        for k in 0..<4 {
          let from = src + min(max(s &+ k, 0), width &- 1) &* channels
          for c in 0..<channels { taps[k &* plane &+ x &* channels &+ c] = from[c] }
        }
      }
    }
  }
}
