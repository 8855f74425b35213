import AthanorKernels

/// Which rule places the two taps of a destination pixel.
enum TapRule {
  case linear
  /// `INTER_AREA` where the image grows.
  case area
}

/// The two source positions of every destination position along an axis, and their 11-bit weights.
struct LinearTaps {
  /// The first tap; the second is the next position.
  private(set) var first: [Int32] = []
  /// The weights of both taps, which sum to 2048: the first in the low half.
  private(set) var weights: [UInt32] = []

  /// - Parameter clamped: whether taps outside the axis are replaced by its ends here. Rows are
  ///   clamped when they are read instead, as OpenCV does.
  init(
    count: Int, source: Int, scale: Double, inverse: Double, rule: TapRule, clamped: Bool
  ) {
    first.reserveCapacity(count)
    weights.reserveCapacity(count)
    for d in 0..<count {
      var s: Int
      var fraction: Float
      switch rule {
      case .linear:
        fraction = Float((Double(d) + 0.5) * scale - 0.5)
        s = Int(fraction.rounded(.down))
        fraction -= Float(s)
      case .area:
        s = Int((Double(d) * scale).rounded(.down))
        fraction = Float(Double(d + 1) - Double(s + 1) * inverse)
        fraction = fraction <= 0 ? 0 : fraction - fraction.rounded(.down)
      }
      if clamped {
        if s < 0 { (s, fraction) = (0, 0) }
        if s >= source - 1 {
          // The last pixel alone; two pixels are read, so it stands second where there are two.
          (s, fraction) = source > 1 ? (source - 2, 1) : (0, 0)
        }
      }
      let a = UInt32(((1 - fraction) * 2048).rounded(.toNearestOrEven))
      let b = UInt32((fraction * 2048).rounded(.toNearestOrEven))
      first.append(Int32(s))
      weights.append(a | b << 16)
    }
  }
}

/// Rows first, kept as `(s₀·a₀ + s₁·a₁) >> 4` in 16 bits, then
/// `(((r₀·b₀) >> 16) + ((r₁·b₁) >> 16) + 2) >> 2` down the columns.
func resizeLinear(_ src: Pixels, _ dst: MutablePixels, _ scale: ResizeScale, _ rule: TapRule) {
  let columns = LinearTaps(
    count: dst.width, source: src.width, scale: scale.x, inverse: scale.inverseX, rule: rule,
    clamped: true)
  let rowTaps = LinearTaps(
    count: dst.height, source: src.height, scale: scale.y, inverse: scale.inverseY, rule: rule,
    clamped: false)
  let count = dst.width * dst.channels
  let padded = (count + 31) & ~31
  parallelRanges(dst.height, grain: rowGrain(count)) { range in
    withUnsafeTemporaryAllocation(of: UInt16.self, capacity: 2 * padded) { buffer in
      // Source rows already resized: which, and where. Neighbouring rows share them.
      var held = (-1, -1)
      var slots = (buffer.baseAddress!, buffer.baseAddress! + padded)
      for y in range {
        let s = Int(rowTaps.first[y])
        let wanted = (min(max(s, 0), src.height - 1), min(max(s + 1, 0), src.height - 1))
        if held.0 != wanted.0 {
          if held.1 == wanted.0 {
            swap(&held.0, &held.1)
            swap(&slots.0, &slots.1)
          } else {
            linearRow(src.row(wanted.0), src.width, columns, src.channels, slots.0)
            held.0 = wanted.0
          }
        }
        let weights = rowTaps.weights[y]
        let onlyFirst = weights >> 16 == 0 || wanted.0 == wanted.1
        if !onlyFirst && held.1 != wanted.1 {
          linearRow(src.row(wanted.1), src.width, columns, src.channels, slots.1)
          held.1 = wanted.1
        }
        blendRows(slots.0, onlyFirst ? slots.0 : slots.1, weights, dst.row(y), count)
      }
    }
  }
}

/// `dst[x] = (((r₀·b₀) >> 16) + ((r₁·b₁) >> 16) + 2) >> 2`
private func blendRows(
  _ r0: UnsafePointer<UInt16>, _ r1: UnsafePointer<UInt16>, _ weights: UInt32,
  _ dst: UnsafeMutablePointer<UInt8>, _ count: Int
) {
  let b0 = UInt16(truncatingIfNeeded: weights)
  let b1 = UInt16(truncatingIfNeeded: weights >> 16)
  let (raw0, raw1) = (UnsafeRawPointer(r0), UnsafeRawPointer(r1))
  let out = UnsafeMutableRawPointer(dst)
  @inline(__always) func high(_ r: SIMD16<UInt16>, _ b: UInt16) -> SIMD16<UInt16> {
    let product =
      SIMD16<UInt32>(truncatingIfNeeded: r) &* SIMD16<UInt32>(repeating: UInt32(b))
    return SIMD16<UInt16>(truncatingIfNeeded: product &>> 16)
  }
  var x = 0
  while x &+ 16 <= count {
    let v0 = raw0.loadUnaligned(fromByteOffset: 2 &* x, as: SIMD16<UInt16>.self)
    let v1 = raw1.loadUnaligned(fromByteOffset: 2 &* x, as: SIMD16<UInt16>.self)
    let sum = (high(v0, b0) &+ high(v1, b1) &+ 2) &>> 2
    out.storeBytes(
      of: SIMD16<UInt8>(truncatingIfNeeded: sum), toByteOffset: x, as: SIMD16<UInt8>.self)
    x &+= 16
  }
  while x < count {
    let sum = (UInt32(r0[x]) &* UInt32(b0)) >> 16 &+ (UInt32(r1[x]) &* UInt32(b1)) >> 16
    dst[x] = UInt8(truncatingIfNeeded: (sum &+ 2) >> 2)
    x &+= 1
  }
}

/// `dst[x] = (s₀·a₀ + s₁·a₁) >> 4` for one row.
private func linearRow(
  _ src: UnsafePointer<UInt8>, _ width: Int, _ taps: LinearTaps, _ channels: Int,
  _ dst: UnsafeMutablePointer<UInt16>
) {
  taps.first.withUnsafeBufferPointer { first in
    taps.weights.withUnsafeBufferPointer { weights in
      let step = width > 1 ? channels : 0
      switch channels {
      case 1:
        for x in 0..<first.count {
          let from = src + Int(first[x])
          let w = weights[x]
          let sum = UInt32(from[0]) &* (w & 0xFFFF) &+ UInt32(from[step]) &* (w >> 16)
          dst[x] = UInt16(truncatingIfNeeded: sum >> 4)
        }
      case 3:
        for x in 0..<first.count {
          let from = src + 3 &* Int(first[x])
          let w = weights[x]
          let (a, b) = (w & 0xFFFF, w >> 16)
          let to = dst + 3 &* x
          to[0] = UInt16(
            truncatingIfNeeded: (UInt32(from[0]) &* a &+ UInt32(from[step]) &* b) >> 4)
          to[1] = UInt16(
            truncatingIfNeeded: (UInt32(from[1]) &* a &+ UInt32(from[step &+ 1]) &* b) >> 4)
          to[2] = UInt16(
            truncatingIfNeeded: (UInt32(from[2]) &* a &+ UInt32(from[step &+ 2]) &* b) >> 4)
        }
      default:
        for x in 0..<first.count {
          let from = UnsafeRawPointer(src + 4 &* Int(first[x]))
          let w = weights[x]
          let v0 = from.loadUnaligned(as: SIMD4<UInt8>.self)
          let v1 = from.loadUnaligned(fromByteOffset: step, as: SIMD4<UInt8>.self)
          let sum =
            SIMD4<UInt32>(truncatingIfNeeded: v0) &* (w & 0xFFFF)
            &+ SIMD4<UInt32>(truncatingIfNeeded: v1) &* (w >> 16)
          UnsafeMutableRawPointer(dst + 4 &* x).storeBytes(
            of: SIMD4<UInt16>(truncatingIfNeeded: sum &>> 4), as: SIMD4<UInt16>.self)
        }
      }
    }
  }
}
