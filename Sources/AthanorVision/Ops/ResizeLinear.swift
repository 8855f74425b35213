import AthanorKernels

/// The rule for the positions of a destination pixel's two taps.
enum TapRule {
  case linear
  /// `INTER_AREA` where the image grows.
  case area
}

/// The two source positions of every destination position along an axis, and their 11-bit weights.
struct LinearTaps {
  /// The first tap; the second is the next position.
  private(set) var first: [Int32] = []
  /// The weights of the two taps. Both are rounded, so that their sum may differ from 2048 by one.
  private(set) var a: [Int16] = []
  private(set) var b: [Int16] = []

  /// - Parameter clamped: Whether taps outside the axis are clamped to its ends here. Those of rows
  ///   are clamped on reading instead, as in OpenCV.
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

/// The taps of a row as byte offsets, and the second one's weight times 32, once for every channel.
private struct ColumnTaps {
  private(set) var first: [Int32] = []
  private(set) var share: [UInt16] = []
  /// Both weights, where some pair does not sum to 2048: few tables have one.
  private(set) var pair: (a: [Int16], b: [Int16])?

  init(_ taps: LinearTaps, channels: Int) {
    first.reserveCapacity(taps.first.count)
    share.reserveCapacity(taps.first.count * channels)
    for (position, weight) in zip(taps.first, taps.b) {
      // The full weight of the second tap is weight 0 of the one after it.
      let isNext: Int32 = weight == 2048 ? 1 : 0
      first.append((position + isNext) * Int32(channels))
      for _ in 0..<channels { share.append(UInt16(truncatingIfNeeded: Int32(weight) * 32)) }
    }
    if zip(taps.a, taps.b).contains(where: { $0 + $1 != 2048 }) {
      let each = { (weights: [Int16]) in
        weights.flatMap { [Int16](repeating: $0, count: channels) }
      }
      pair = (each(taps.a), each(taps.b))
      first = taps.first.map { $0 * Int32(channels) }
    }
  }
}

/// Rows first, stored as `(s₀·a₀ + s₁·a₁) >> 4` in 16 bits, then
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
      // The source rows resized already and their slots; neighbouring rows share them.
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

/// `dst[x] = (s₀·a₀ + s₁·a₁) >> 4` for one row: the taps are gathered in rows, then weighted.
private func linearRow(
  _ src: UnsafePointer<UInt8>, _ width: Int, _ columns: ColumnTaps, _ channels: Int,
  _ taps: UnsafeMutablePointer<UInt8>, _ dst: UnsafeMutablePointer<UInt16>, _ count: Int
) {
  let second = taps + count + 4
  columns.first.withUnsafeBufferPointer { first in
    switch channels {
    case 1: gather(src, first, width, 1, taps, second)
    case 3: gather(src, first, width, 3, taps, second)
    default: gather(src, first, width, 4, taps, second)
    }
  }
  if let pair = columns.pair {
    pair.a.withUnsafeBufferPointer { a in
      pair.b.withUnsafeBufferPointer { b in
        weigh(taps, second, a.baseAddress!, b.baseAddress!, dst, count)
      }
    }
  } else {
    columns.share.withUnsafeBufferPointer {
      weigh(taps, second, $0.baseAddress!, dst, count)
    }
  }
}

/// `(s₀·(2048 − w) + s₁·w) >> 4` in 16 bits, from 32·w: `128·s₀ + (128·(s₁ − s₀)·32·w >> 16)`. The
/// product's high half is of signed numbers; where 32·w is read as negative, the other factor is
/// added once to correct it.
private func weigh(
  _ first: UnsafePointer<UInt8>, _ second: UnsafePointer<UInt8>, _ share: UnsafePointer<UInt16>,
  _ dst: UnsafeMutablePointer<UInt16>, _ count: Int
) {
  for x in 0..<count {
    let base = Int16(first[x]) &<< 7
    let difference = (Int16(second[x]) &<< 7) &- base
    let weight = Int16(bitPattern: share[x])
    let high = Int16(truncatingIfNeeded: (Int32(difference) &* Int32(weight)) &>> 16)
    dst[x] = UInt16(bitPattern: base &+ high &+ (difference & (weight &>> 15)))
  }
}

/// As above, for weights of any sum.
private func weigh(
  _ first: UnsafePointer<UInt8>, _ second: UnsafePointer<UInt8>, _ a: UnsafePointer<Int16>,
  _ b: UnsafePointer<Int16>, _ dst: UnsafeMutablePointer<UInt16>, _ count: Int
) {
  for x in 0..<count {
    let sum = Int32(first[x]) &* Int32(a[x]) &+ Int32(second[x]) &* Int32(b[x])
    dst[x] = UInt16(truncatingIfNeeded: sum &>> 4)
  }
}

/// Copies both taps of every pixel into a row each. Eight bytes are read and four written twice,
/// and each pixel overwrites the excess of the one before; near the row's end, where a word would
/// reach beyond it, bytes are copied, and a tap beyond it, whose weight is 0, is replaced by
/// the first.
@inline(__always)
private func gather(
  _ src: UnsafePointer<UInt8>, _ first: UnsafeBufferPointer<Int32>, _ width: Int,
  _ channels: Int, _ taps: UnsafeMutablePointer<UInt8>, _ second: UnsafeMutablePointer<UInt8>
) {
  let (raw, out0, out1) = (
    UnsafeRawPointer(src), UnsafeMutableRawPointer(taps), UnsafeMutableRawPointer(second)
  )
  let lastWhole = width * channels - 8
  var whole = first.count
  while whole > 0, Int(first[whole &- 1]) > lastWhole { whole &-= 1 }
  if channels == 1 {
    for x in 0..<whole {
      taps[x] = src[Int(first[x])]
      second[x] = src[Int(first[x]) &+ 1]
    }
  } else {
    let shift = UInt64(8 &* channels)
    var to = 0
    for x in 0..<whole {
      let both = UInt64(
        littleEndian: raw.loadUnaligned(fromByteOffset: Int(first[x]), as: UInt64.self))
      out0.storeBytes(
        of: UInt32(truncatingIfNeeded: both).littleEndian, toByteOffset: to, as: UInt32.self)
      out1.storeBytes(
        of: UInt32(truncatingIfNeeded: both &>> shift).littleEndian, toByteOffset: to,
        as: UInt32.self)
      to &+= channels
    }
  }
  for x in whole..<first.count {
    let from = src + Int(first[x])
    let step = Int(first[x]) < (width &- 1) &* channels ? channels : 0
    for c in 0..<channels {
      taps[x &* channels &+ c] = from[c]
      second[x &* channels &+ c] = from[step &+ c]
    }
  }
}
