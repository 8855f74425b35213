import AthanorKernels

/// Sixteen bins of a histogram.
private typealias Bins = SIMD16<UInt16>

/// The median of large windows in time independent of their size. Every column has a histogram of
/// `size` pixels in two levels, 16 coarse bins with 16 fine ones each; that of the window is their
/// sum, whose fine bins are updated only where the median needs them.
func medianByHistogram(_ bordered: Pixels, _ dst: MutablePixels, _ size: Int) {
  // Strips narrow enough for the histograms to fit the cache.
  let strip = max(1, min(dst.width, 512 / dst.channels))
  let strips = (dst.width + strip - 1) / strip
  parallelRanges(dst.height, grain: 4 * size) { rows in
    for x in 0..<strips {
      let (left, width) = (x * strip, min(strip, dst.width - x * strip))
      medianOfStrip(
        bordered.cropped(x: left, y: 0, width: width + size - 1, height: bordered.height),
        dst.cropped(x: left, y: 0, width: width, height: dst.height), size, rows)
    }
  }
}

private func medianOfStrip(
  _ src: Pixels, _ dst: MutablePixels, _ size: Int, _ rows: Range<Int>
) {
  let count = src.width * src.channels
  withUnsafeTemporaryAllocation(of: Bins.self, capacity: 17 * count) { memory in
    memory.update(repeating: .zero)
    // Bins of column i: coarse[i], and for the coarse bin k fine[k * count + i].
    let coarse = memory.baseAddress!
    let fine = coarse + count
    let coarseBins = UnsafeMutableRawPointer(coarse).assumingMemoryBound(to: UInt16.self)
    let fineBins = UnsafeMutableRawPointer(fine).assumingMemoryBound(to: UInt16.self)
    func update(_ row: UnsafePointer<UInt8>, by change: UInt16) {
      for i in 0..<count {
        let high = Int(row[i] >> 4)
        coarseBins[16 &* i &+ high] &+= change
        fineBins[16 &* (high &* count &+ i) &+ Int(row[i] & 15)] &+= change
      }
    }
    for y in rows.lowerBound..<(rows.lowerBound + size - 1) { update(src.row(y), by: 1) }
    for y in rows {
      update(src.row(y + size - 1), by: 1)
      for c in 0..<src.channels {
        medianRow(coarse + c, fine + c, count, src.channels, size, dst.row(y) + c, dst.width)
      }
      update(src.row(y), by: 0 &- 1)
    }
  }
}

/// One channel of one row: column x is at `x * step` of the bins.
private func medianRow(
  _ coarse: UnsafePointer<Bins>, _ fine: UnsafePointer<Bins>, _ count: Int, _ step: Int,
  _ size: Int, _ dst: UnsafeMutablePointer<UInt8>, _ width: Int
) {
  var window = Bins.zero
  for x in 0..<(size - 1) { window &+= coarse[x &* step] }
  let half = UInt16(size * size / 2)
  withUnsafeTemporaryAllocation(of: Bins.self, capacity: 17) { memory in
    // The window's fine bins, and the column after the last one included in them.
    let segments = memory.baseAddress!
    segments.update(repeating: .zero, count: 17)
    withUnsafeTemporaryAllocation(of: Int.self, capacity: 16) { ends in
      ends.update(repeating: 0)
      let scratch = UnsafeMutableRawPointer(segments + 16).assumingMemoryBound(to: UInt16.self)
      for x in 0..<width {
        let end = x &+ size
        window &+= coarse[(end &- 1) &* step]
        segments[16] = window
        var below: UInt16 = 0
        var k = 0
        while below &+ scratch[k] <= half {
          below &+= scratch[k]
          k &+= 1
        }
        window &-= coarse[x &* step]

        let columns = fine + k &* count
        var sum = segments[k]
        var held = ends[k]
        if held <= x {
          sum = .zero
          for i in x..<end { sum &+= columns[i &* step] }
        } else {
          while held < end {
            sum &+= columns[held &* step]
            sum &-= columns[(held &- size) &* step]
            held &+= 1
          }
        }
        segments[k] = sum
        ends[k] = end
        let bins = UnsafeMutableRawPointer(segments + k).assumingMemoryBound(to: UInt16.self)
        var value = 0
        while below &+ bins[value] <= half {
          below &+= bins[value]
          value &+= 1
        }
        dst[x &* step] = UInt8(truncatingIfNeeded: 16 &* k &+ value)
      }
    }
  }
}
