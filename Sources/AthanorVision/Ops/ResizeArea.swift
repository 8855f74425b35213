import AthanorKernels

/// Halves both sides: `(a + b + c + d + 2) >> 2`.
func resizeHalf(_ src: Pixels, _ dst: MutablePixels) {
  let channels = src.channels
  parallelRanges(dst.height, grain: rowGrain(4 * dst.width * channels)) { rows in
    for y in rows {
      let (top, bottom, to) = (src.row(2 * y), src.row(2 * y + 1), dst.row(y))
      switch channels {
      case 1: halveRow(top, bottom, to, dst.width, 1)
      case 3: halveRow(top, bottom, to, dst.width, 3)
      default: halveRow(top, bottom, to, dst.width, 4)
      }
    }
  }
}

@inline(__always) private func halveRow(
  _ top: UnsafePointer<UInt8>, _ bottom: UnsafePointer<UInt8>, _ dst: UnsafeMutablePointer<UInt8>,
  _ width: Int, _ channels: Int
) {
  for x in 0..<width {
    for c in 0..<channels {
      let i = 2 &* x &* channels &+ c
      let sum =
        UInt16(top[i]) &+ UInt16(top[i &+ channels]) &+ UInt16(bottom[i])
        &+ UInt16(bottom[i &+ channels])
      dst[x &* channels &+ c] = UInt8(truncatingIfNeeded: (sum &+ 2) &>> 2)
    }
  }
}

/// The mean of whole blocks, in float and rounded to even: `round(Σ · 1/n)`.
func resizeBlocks(_ src: Pixels, _ dst: MutablePixels, _ blockWidth: Int, _ blockHeight: Int) {
  let channels = src.channels
  let count = dst.width * channels
  let scale = 1 / Float(blockWidth * blockHeight)
  parallelRanges(dst.height, grain: rowGrain(count * blockWidth * blockHeight)) { rows in
    withUnsafeTemporaryAllocation(of: UInt32.self, capacity: src.width * channels) { sums in
      for y in rows {
        // Down the columns first, where neighbours are adjacent in memory.
        sums.update(repeating: 0)
        for by in 0..<blockHeight {
          let from = src.row(y * blockHeight + by)
          for i in 0..<(src.width * channels) { sums[i] &+= UInt32(from[i]) }
        }
        let to = dst.row(y)
        for x in 0..<dst.width {
          for c in 0..<channels {
            var sum: UInt32 = 0
            for bx in 0..<blockWidth { sum &+= sums[(x &* blockWidth &+ bx) &* channels &+ c] }
            to[x &* channels &+ c] = saturated(Float(sum) * scale)
          }
        }
      }
    }
  }
}

/// The contribution of a source position to a destination position along an axis.
private struct AreaTerm {
  var destination: Int
  var source: Int
  var weight: Float

  static func terms(count: Int, source: Int, scale: Double) -> [AreaTerm] {
    var terms: [AreaTerm] = []
    terms.reserveCapacity(2 * source)
    for d in 0..<count {
      let start = Double(d) * scale
      let end = start + scale
      let cell = min(scale, Double(source) - start)
      let last = min(Int(end.rounded(.down)), source - 1)
      let first = min(Int(start.rounded(.up)), last)
      if Double(first) - start > 1e-3 {
        terms.append(
          AreaTerm(
            destination: d, source: first - 1, weight: Float((Double(first) - start) / cell)))
      }
      for s in first..<last {
        terms.append(AreaTerm(destination: d, source: s, weight: Float(1 / cell)))
      }
      if end - Double(last) > 1e-3 {
        let part = min(min(end - Double(last), 1), cell)
        terms.append(AreaTerm(destination: d, source: last, weight: Float(part / cell)))
      }
    }
    return terms
  }
}

/// The mean of the covered area with fractional edges, summed in float in OpenCV's order.
func resizeArea(_ src: Pixels, _ dst: MutablePixels, _ scale: ResizeScale) {
  let channels = src.channels
  let count = dst.width * channels
  let columns = AreaTerm.terms(count: dst.width, source: src.width, scale: scale.x)
  let rowTerms = AreaTerm.terms(count: dst.height, source: src.height, scale: scale.y)
  // The index of each destination row's first term.
  var starts = [Int](repeating: rowTerms.count, count: dst.height + 1)
  for (i, term) in rowTerms.enumerated().reversed() { starts[term.destination] = i }
  let firstTerm = starts
  parallelRanges(dst.height, grain: rowGrain(src.width * channels)) { rows in
    withUnsafeTemporaryAllocation(of: Float.self, capacity: 2 * count) { memory in
      let row = memory.baseAddress!
      let sum = row + count
      for y in rows {
        for (i, term) in rowTerms[firstTerm[y]..<firstTerm[y + 1]].enumerated() {
          areaRow(src.row(term.source), columns, channels, row, count)
          let weight = term.weight
          if i == 0 {
            for x in 0..<count { sum[x] = weight * row[x] }
          } else {
            for x in 0..<count { sum[x] += weight * row[x] }
          }
        }
        let to = dst.row(y)
        for x in 0..<count { to[x] = saturated(sum[x]) }
      }
    }
  }
}

private func areaRow(
  _ src: UnsafePointer<UInt8>, _ columns: [AreaTerm], _ channels: Int,
  _ dst: UnsafeMutablePointer<Float>, _ count: Int
) {
  dst.update(repeating: 0, count: count)
  columns.withUnsafeBufferPointer { columns in
    switch channels {
    case 1:
      for term in columns { dst[term.destination] += Float(src[term.source]) * term.weight }
    case 3:
      for term in columns {
        let from = src + 3 &* term.source
        let to = dst + 3 &* term.destination
        to[0] += Float(from[0]) * term.weight
        to[1] += Float(from[1]) * term.weight
        to[2] += Float(from[2]) * term.weight
      }
    default:
      for term in columns {
        let from = UnsafeRawPointer(src + 4 &* term.source).loadUnaligned(as: SIMD4<UInt8>.self)
        let to = UnsafeMutableRawPointer(dst + 4 &* term.destination)
        let sum =
          to.loadUnaligned(as: SIMD4<Float>.self)
          + SIMD4<Float>(SIMD4<Int32>(truncatingIfNeeded: from)) * term.weight
        to.storeBytes(of: sum, as: SIMD4<Float>.self)
      }
    }
  }
}

/// The nearest integer, ties to even, clamped to 0…255: OpenCV's `saturate_cast<uchar>(float)`.
@inline(__always) func saturated(_ value: Float) -> UInt8 {
  // After adding 2²³ there are no fraction bits: the sum is rounded to even, and its low byte is
  // the result.
  let low = value > 0 ? value : 0
  let clamped = low < 255 ? low : 255
  return UInt8(truncatingIfNeeded: (clamped + 8_388_608).bitPattern)
}
