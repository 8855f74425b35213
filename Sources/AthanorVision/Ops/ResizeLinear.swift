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
  /// The weights of the two taps: both are rounded, so that their sum may be off 2048 by one.
  private(set) var a: [Int16] = []
  private(set) var b: [Int16] = []

  /// - Parameter clamped: whether taps outside the axis are replaced by its ends here. Rows are
  ///   clamped when they are read instead, as OpenCV does.
  init(
    count: Int, source: Int, scale: Double, inverse: Double, rule: TapRule, clamped: Bool
  ) {
    first.reserveCapacity(count)
    a.reserveCapacity(count)
    b.reserveCapacity(count)
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
        if s >= source - 1 { (s, fraction) = (source - 1, 0) }
      }
      first.append(Int32(s))
      a.append(Int16(((1 - fraction) * 2048).rounded(.toNearestOrEven)))
      b.append(Int16((fraction * 2048).rounded(.toNearestOrEven)))
    }
  }
}

/// The taps of a row by nearness, as byte offsets, and their weights, once for every channel.
private struct ColumnTaps {
  private(set) var near: [Int32] = []
  private(set) var far: [Int32] = []
  private(set) var nearWeight: [Int16] = []
  private(set) var farWeight: [Int16] = []
  /// Whether all pairs of weights sum to 2048, as nearly all tables' do.
  private(set) var isWhole = true

  init(_ taps: LinearTaps, channels: Int) {
    for (i, first) in taps.first.enumerated() {
      let (a, b) = (taps.a[i], taps.b[i])
      let from = first * Int32(channels)
      let next = b > 0 ? from + Int32(channels) : from
      near.append(a >= b ? from : next)
      far.append(a >= b ? next : from)
      for _ in 0..<channels {
        nearWeight.append(max(a, b))
        farWeight.append(min(a, b))
      }
      isWhole = isWhole && a + b == 2048
    }
  }
}

/// Rows first, kept as `(s₀·a₀ + s₁·a₁) >> 4` in 16 bits, then
/// `(((r₀·b₀) >> 16) + ((r₁·b₁) >> 16) + 2) >> 2` down the columns.
func resizeLinear(_ src: Pixels, _ dst: MutablePixels, _ scale: ResizeScale, _ rule: TapRule) {
  let columns = ColumnTaps(
    LinearTaps(
      count: dst.width, source: src.width, scale: scale.x, inverse: scale.inverseX, rule: rule,
      clamped: true), channels: src.channels)
  let rowTaps = LinearTaps(
    count: dst.height, source: src.height, scale: scale.y, inverse: scale.inverseY, rule: rule,
    clamped: false)
  let count = dst.width * dst.channels
  parallelRanges(dst.height, grain: rowGrain(count)) { range in
    withUnsafeTemporaryAllocation(of: UInt16.self, capacity: 3 * count + 8) { buffer in
      // Source rows already resized: which, and where. Neighbouring rows share them.
      var held = (-1, -1)
      var slots = (buffer.baseAddress!, buffer.baseAddress! + count)
      let taps = UnsafeMutableRawPointer(buffer.baseAddress! + 2 * count)
        .assumingMemoryBound(to: UInt8.self)
      for y in range {
        let s = Int(rowTaps.first[y])
        let wanted = (min(max(s, 0), src.height - 1), min(max(s + 1, 0), src.height - 1))
        if held.0 != wanted.0 {
          swap(&held.0, &held.1)
          swap(&slots.0, &slots.1)
          if held.0 != wanted.0 {
            linearRow(src.row(wanted.0), src.width, columns, src.channels, taps, slots.0, count)
            held.0 = wanted.0
          }
        }
        let (a, b) = (rowTaps.a[y], rowTaps.b[y])
        let onlyFirst = b == 0 || wanted.0 == wanted.1
        if !onlyFirst && held.1 != wanted.1 {
          linearRow(src.row(wanted.1), src.width, columns, src.channels, taps, slots.1, count)
          held.1 = wanted.1
        }
        blendRows(slots.0, onlyFirst ? slots.0 : slots.1, a, b, dst.row(y), count)
      }
    }
  }
}

/// `dst[x] = (((r₀·b₀) >> 16) + ((r₁·b₁) >> 16) + 2) >> 2`
private func blendRows(
  _ r0: UnsafePointer<UInt16>, _ r1: UnsafePointer<UInt16>, _ b0: Int16, _ b1: Int16,
  _ dst: UnsafeMutablePointer<UInt8>, _ count: Int
) {
  let (b0, b1) = (UInt32(UInt16(b0)), UInt32(UInt16(b1)))
  for x in 0..<count {
    let high0 = UInt16(truncatingIfNeeded: (UInt32(r0[x]) &* b0) &>> 16)
    let high1 = UInt16(truncatingIfNeeded: (UInt32(r1[x]) &* b1) &>> 16)
    dst[x] = UInt8(truncatingIfNeeded: (high0 &+ high1 &+ 2) &>> 2)
  }
}

/// `dst[x] = (s₀·a₀ + s₁·a₁) >> 4` for one row: the taps are gathered side by side, then weighed.
private func linearRow(
  _ src: UnsafePointer<UInt8>, _ width: Int, _ columns: ColumnTaps, _ channels: Int,
  _ taps: UnsafeMutablePointer<UInt8>, _ dst: UnsafeMutablePointer<UInt16>, _ count: Int
) {
  let far = taps + count + 4
  columns.near.withUnsafeBufferPointer { near in
    columns.far.withUnsafeBufferPointer { fars in
      switch channels {
      case 1:
        for x in 0..<count {
          taps[x] = src[Int(near[x])]
          far[x] = src[Int(fars[x])]
        }
      case 3: gather(src, near, fars, width, 3, taps, far)
      default: gather(src, near, fars, width, 4, taps, far)
      }
    }
  }
  columns.farWeight.withUnsafeBufferPointer { farWeight in
    if columns.isWhole {
      weigh(taps, far, farWeight.baseAddress!, dst, count)
    } else {
      columns.nearWeight.withUnsafeBufferPointer { nearWeight in
        weigh(taps, far, nearWeight.baseAddress!, farWeight.baseAddress!, dst, count)
      }
    }
  }
}

/// `(n·(2048 − w) + f·w) >> 4` in 16 bits, `w` being at most 1024: `128·n + (128·(f − n)·32·w >> 16)`,
/// the signs changed where 32·w would not fit.
private func weigh(
  _ near: UnsafePointer<UInt8>, _ far: UnsafePointer<UInt8>, _ weight: UnsafePointer<Int16>,
  _ dst: UnsafeMutablePointer<UInt16>, _ count: Int
) {
  for x in 0..<count {
    let n = Int16(near[x]) &<< 7
    let difference = n &- Int16(far[x]) &<< 7
    let minus = weight[x] &* -32
    let share = Int16(truncatingIfNeeded: (Int32(difference) &* Int32(minus)) &>> 16)
    dst[x] = UInt16(bitPattern: n &+ share)
  }
}

/// The same for weights of any sum.
private func weigh(
  _ near: UnsafePointer<UInt8>, _ far: UnsafePointer<UInt8>, _ a: UnsafePointer<Int16>,
  _ b: UnsafePointer<Int16>, _ dst: UnsafeMutablePointer<UInt16>, _ count: Int
) {
  for x in 0..<count {
    let sum = Int32(near[x]) &* Int32(a[x]) &+ Int32(far[x]) &* Int32(b[x])
    dst[x] = UInt16(truncatingIfNeeded: sum &>> 4)
  }
}

/// Puts the near and the far tap of every pixel into rows of their own. Four bytes are moved at a
/// time, and each next pixel overwrites what was too much; near the row's end, where a word would
/// reach past it, bytes are moved.
@inline(__always)
private func gather(
  _ src: UnsafePointer<UInt8>, _ near: UnsafeBufferPointer<Int32>,
  _ far: UnsafeBufferPointer<Int32>, _ width: Int, _ channels: Int,
  _ taps: UnsafeMutablePointer<UInt8>, _ farTaps: UnsafeMutablePointer<UInt8>
) {
  let (raw, out0, out1) = (
    UnsafeRawPointer(src), UnsafeMutableRawPointer(taps), UnsafeMutableRawPointer(farTaps)
  )
  let lastWhole = width * channels - 4
  var whole = near.count
  while whole > 0, max(Int(near[whole &- 1]), Int(far[whole &- 1])) > lastWhole { whole &-= 1 }
  var to = 0
  for x in 0..<whole {
    out0.storeBytes(
      of: raw.loadUnaligned(fromByteOffset: Int(near[x]), as: UInt32.self), toByteOffset: to,
      as: UInt32.self)
    out1.storeBytes(
      of: raw.loadUnaligned(fromByteOffset: Int(far[x]), as: UInt32.self), toByteOffset: to,
      as: UInt32.self)
    to &+= channels
  }
  for x in whole..<near.count {
    for c in 0..<channels {
      taps[x &* channels &+ c] = src[Int(near[x]) &+ c]
      farTaps[x &* channels &+ c] = src[Int(far[x]) &+ c]
    }
  }
}
