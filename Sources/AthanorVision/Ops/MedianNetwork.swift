import AthanorKernels

/// 3×3 and 5×5. Every column is sorted once for the windows of all its neighbours, and two rows
/// share the sorting of common pixels. Distances between planes and between pixels are constants,
/// so that the compiler vectorises the loops.
func medianByNetwork(_ src: Pixels, _ dst: MutablePixels, _ size: Int) {
  switch (size, src.channels) {
  case (3, 1): medianByNetwork(src, dst, ranks: 3, step: 1)
  case (3, 3): medianByNetwork(src, dst, ranks: 3, step: 3)
  case (3, _): medianByNetwork(src, dst, ranks: 3, step: 4)
  case (_, 1): medianByNetwork(src, dst, ranks: 5, step: 1)
  case (_, 3): medianByNetwork(src, dst, ranks: 5, step: 3)
  default: medianByNetwork(src, dst, ranks: 5, step: 4)
  }
}

private typealias Bytes = UnsafePointer<UInt8>
private typealias Five = (UInt8, UInt8, UInt8, UInt8, UInt8)

/// Bytes of a row at a time, and from one plane to the next; the planes fit the first-level cache.
private let blockBytes = 1024
private let planeBytes = 1216

@inline(__always) private func medianByNetwork(
  _ src: Pixels, _ dst: MutablePixels, ranks: Int, step: Int
) {
  let (count, radius) = (src.width * step, ranks / 2)
  let halo = radius * step
  parallelRanges(src.height, grain: max(8, rowGrain(ranks * count))) { range in
    // One plane per rank: first those of row y's windows, then those of row y + 1's.
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 2 * ranks * planeBytes) { memory in
      let above = memory.baseAddress!
      let below = above + ranks * planeBytes
      for y in stride(from: range.lowerBound, to: range.upperBound, by: 2) {
        for start in stride(from: 0, to: count, by: blockBytes) {
          let end = min(start + blockBytes, count)
          // The columns of the block and its neighbours, in whole vectors.
          let first = max(start - halo, 0)
          let last = min(first + (end + halo - first + 63) & ~63, count)
          func row(_ k: Int) -> Bytes {
            src.row(min(max(y - radius + k, 0), src.height - 1)) + first
          }
          let planes = above + (halo - (start - first))
          if ranks == 3 {
            sortThree(row(0), row(1), row(2), row(3), planes, last - first)
          } else {
            sortFive(row(0), row(1), row(2), row(3), row(4), row(5), planes, last - first)
          }
          if first == 0 { repeatFirst(above + (halo - start), 2 * ranks, step, halo) }
          if last == count { repeatLast(above + (halo - start + count), 2 * ranks, step, halo) }
          for (i, planes) in [above, below].enumerated() where y + i < range.upperBound {
            let to = dst.row(y + i) + start
            if ranks == 3 {
              medianOfNine(planes, to, end - start, step)
            } else {
              medianOfTwentyFive(planes, to, end - start, step)
            }
          }
        }
      }
    }
  }
}

/// Fills the `halo` bytes before `row` in every plane with the pixel at `row`.
private func repeatFirst(
  _ row: UnsafeMutablePointer<UInt8>, _ planes: Int, _ step: Int, _ halo: Int
) {
  for plane in 0..<planes {
    let row = row + plane * planeBytes
    for i in 0..<halo { row[i - halo] = row[i % step] }
  }
}

/// Fills the `halo` bytes from `end` on in every plane with the pixel before it.
private func repeatLast(
  _ end: UnsafeMutablePointer<UInt8>, _ planes: Int, _ step: Int, _ halo: Int
) {
  for plane in 0..<planes {
    let end = end + plane * planeBytes
    for i in 0..<halo { end[i] = end[i % step - step] }
  }
}

@inline(__always) private func order(_ a: inout UInt8, _ b: inout UInt8) {
  (a, b) = (min(a, b), max(a, b))
}

@inline(__always) private func median(_ a: UInt8, _ b: UInt8, _ c: UInt8) -> UInt8 {
  max(min(a, b), min(max(a, b), c))
}

private func sortThree(
  _ r0: Bytes, _ r1: Bytes, _ r2: Bytes, _ r3: Bytes, _ planes: UnsafeMutablePointer<UInt8>,
  _ count: Int
) {
  for i in 0..<count {
    let (b, c) = (min(r1[i], r2[i]), max(r1[i], r2[i]))
    let (top, bottom) = (r0[i], r3[i])
    let (m, n) = (max(top, b), max(bottom, b))
    planes[i] = min(top, b)
    planes[i &+ planeBytes] = min(m, c)
    planes[i &+ 2 &* planeBytes] = max(m, c)
    planes[i &+ 3 &* planeBytes] = min(bottom, b)
    planes[i &+ 4 &* planeBytes] = min(n, c)
    planes[i &+ 5 &* planeBytes] = max(n, c)
  }
}

private func sortFive(
  _ r0: Bytes, _ r1: Bytes, _ r2: Bytes, _ r3: Bytes, _ r4: Bytes, _ r5: Bytes,
  _ planes: UnsafeMutablePointer<UInt8>, _ count: Int
) {
  for i in 0..<count {
    var (b, c, d, e) = (r1[i], r2[i], r3[i], r4[i])
    order(&b, &c)
    order(&d, &e)
    order(&b, &d)
    order(&c, &e)
    order(&c, &d)
    let upper = inserted(r0[i], b, c, d, e)
    let lower = inserted(r5[i], b, c, d, e)
    planes[i] = upper.0
    planes[i &+ planeBytes] = upper.1
    planes[i &+ 2 &* planeBytes] = upper.2
    planes[i &+ 3 &* planeBytes] = upper.3
    planes[i &+ 4 &* planeBytes] = upper.4
    planes[i &+ 5 &* planeBytes] = lower.0
    planes[i &+ 6 &* planeBytes] = lower.1
    planes[i &+ 7 &* planeBytes] = lower.2
    planes[i &+ 8 &* planeBytes] = lower.3
    planes[i &+ 9 &* planeBytes] = lower.4
  }
}

/// `a` inserted among four sorted values.
@inline(__always) private func inserted(
  _ a: UInt8, _ b: UInt8, _ c: UInt8, _ d: UInt8, _ e: UInt8
) -> Five {
  var v = (a, b, c, d, e)
  order(&v.0, &v.1)
  order(&v.1, &v.2)
  order(&v.2, &v.3)
  order(&v.3, &v.4)
  return v
}

/// The median is one of three values: the largest of the smallest ones, the smallest of the largest
/// ones, and the median of the middle ones.
@inline(__always) private func medianOfNine(
  _ planes: Bytes, _ dst: UnsafeMutablePointer<UInt8>, _ count: Int, _ step: Int
) {
  for i in 0..<count {
    let (low, middle, high) = (i, i &+ planeBytes, i &+ 2 &* planeBytes)
    let l = max(max(planes[low], planes[low &+ step]), planes[low &+ 2 &* step])
    let m = median(planes[middle], planes[middle &+ step], planes[middle &+ 2 &* step])
    let h = min(min(planes[high], planes[high &+ step]), planes[high &+ 2 &* step])
    dst[i] = median(l, m, h)
  }
}

@inline(__always) private func medianOfTwentyFive(
  _ planes: Bytes, _ dst: UnsafeMutablePointer<UInt8>, _ count: Int, _ step: Int
) {
  for i in 0..<count {
    dst[i] = medianOfColumns(
      sortedRank(planes, i, step), sortedRank(planes, i &+ planeBytes, step),
      sortedRank(planes, i &+ 2 &* planeBytes, step),
      sortedRank(planes, i &+ 3 &* planeBytes, step),
      sortedRank(planes, i &+ 4 &* planeBytes, step))
  }
}

/// The five values of one rank, sorted.
@inline(__always) private func sortedRank(_ plane: Bytes, _ i: Int, _ step: Int) -> Five {
  var v = (
    plane[i], plane[i &+ step], plane[i &+ 2 &* step], plane[i &+ 3 &* step],
    plane[i &+ 4 &* step]
  )
  order(&v.0, &v.1)
  order(&v.3, &v.4)
  order(&v.2, &v.4)
  order(&v.2, &v.3)
  order(&v.1, &v.4)
  order(&v.0, &v.3)
  order(&v.0, &v.2)
  order(&v.1, &v.3)
  order(&v.1, &v.2)
  return v
}

/// The median of 25 values with sorted rows and columns, which is one of thirteen of them. A
/// network found by search, without the exchanges that are unnecessary for sorted rows and columns.
@inline(__always) private func medianOfColumns(
  _ rank0: Five, _ rank1: Five, _ rank2: Five, _ rank3: Five, _ rank4: Five
) -> UInt8 {
  var (v0, v1, v2, v3, v4) = (rank0, rank1, rank2, rank3, rank4)
  order(&v3.0, &v2.1)
  order(&v3.0, &v1.2)
  order(&v3.2, &v1.4)
  order(&v3.1, &v1.3)
  order(&v1.3, &v3.2)
  order(&v2.2, &v3.2)
  order(&v1.2, &v2.1)
  order(&v3.1, &v1.2)
  order(&v3.1, &v0.3)
  order(&v2.1, &v1.3)
  order(&v2.2, &v0.3)
  order(&v1.2, &v2.2)
  order(&v2.1, &v1.2)
  order(&v2.3, &v1.3)
  order(&v0.3, &v4.0)
  order(&v4.0, &v2.3)
  order(&v2.2, &v0.3)
  order(&v1.2, &v2.2)
  order(&v2.2, &v0.3)
  order(&v4.1, &v2.2)
  order(&v2.2, &v4.0)
  order(&v0.4, &v2.2)
  order(&v0.4, &v0.3)
  order(&v2.2, &v0.3)
  return v2.2
}
