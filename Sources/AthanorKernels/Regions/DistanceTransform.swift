/// The Euclidean distance of every non-zero pixel to the nearest zero pixel, which itself gets 0.
///
/// Formula: `dst[y, x] = min √((x − u)² + (y − v)²)` over the zero pixels (u, v); √10¹⁵ everywhere
/// where no pixel is zero.
/// Shapes: `src` of fewer than 65,535 rows, `stride` bytes apart; `dst` of height × width floats.
/// Source: Felzenszwalb and Huttenlocher, Distance Transforms of Sampled Functions, Theory of
/// Computing 2012, algorithm 1. Distances down the columns, then the lower envelope of a parabola
/// a column along each row. Stretches of a row that are nowhere far from zero are searched by
/// vectors instead of the envelope.
/// Parity: `cv::distanceTransform` with `DIST_L2` and `DIST_MASK_PRECISE`, equal to the last bit.
public func distanceTransform(
  _ src: UnsafePointer<UInt8>, width: Int, height: Int, stride: Int,
  into dst: UnsafeMutablePointer<Float>
) {
  precondition(height < Int(UInt16.max), "distanceTransform: \(width)×\(height)")
  nonisolated(unsafe) let dst = dst
  guard columnDistances(src, width, height, stride, dst) else {
    parallelRanges(height, grain: rowGrain(4 * width)) { rows in
      (dst + rows.lowerBound * width).update(
        repeating: Float(1e15).squareRoot(), count: rows.count * width)
    }
    return
  }
  let tables = ParabolaTables(width: width)
  let isExact = RowDistanceTransform.isExact(width: width, height: height)
  parallelRanges(height, grain: rowGrain(8 * width)) { rows in
    RowDistanceTransform.withScratch(width: width, tables) { row in
      for y in rows { row.apply(dst + y * width, isExact: isExact) }
    }
  }
}

/// The same of a mask without gaps between its rows.
public func distanceTransform(_ src: [UInt8], width: Int, height: Int) -> [Float] {
  precondition(
    src.count == width * height, "distanceTransform: \(src.count) pixels for \(width)×\(height)")
  return [Float](unsafeUninitializedCapacity: src.count) { dst, count in
    src.withUnsafeBufferPointer { src in
      guard let base = src.baseAddress, let dst = dst.baseAddress else { return }
      distanceTransform(base, width: width, height: height, stride: width, into: dst)
    }
    count = src.count
  }
}

/// The distance along the column from every pixel to a zero, 65,535 where the column has none; as
/// 16 bits at the start of each row of `dst`. Whether there is any zero at all.
private func columnDistances(
  _ src: UnsafePointer<UInt8>, _ width: Int, _ height: Int, _ rowStride: Int,
  _ dst: UnsafeMutablePointer<Float>
) -> Bool {
  // Strips of columns stay in the cache from the way down to the way up.
  let strip = 128
  let strips = (width + strip - 1) / strip
  nonisolated(unsafe) let dst = dst
  @Sendable func distances(_ y: Int) -> UnsafeMutablePointer<UInt16> {
    UnsafeMutableRawPointer(dst + y &* width).assumingMemoryBound(to: UInt16.self)
  }
  parallelRanges(strips, grain: max(1, rowGrain(strip * height))) { range in
    for index in range {
      let (x, count) = (index * strip, min(strip, width - index * strip))
      distancesDown(src + x, nil, distances(0) + x, count)
      for y in 1..<max(1, height) {
        distancesDown(src + y &* rowStride + x, distances(y - 1) + x, distances(y) + x, count)
      }
      for y in stride(from: height - 2, through: 0, by: -1) {
        distancesUp(distances(y + 1) + x, distances(y) + x, count)
      }
    }
  }
  return height > 0 && (0..<width).contains { distances(0)[$0] != .max }
}

@inline(never)
private func distancesDown(
  _ src: UnsafePointer<UInt8>, _ above: UnsafePointer<UInt16>?, _ dst: UnsafeMutablePointer<UInt16>,
  _ count: Int
) {
  guard let above else {
    for x in 0..<count { dst[x] = src[x] == 0 ? 0 : .max }
    return
  }
  for x in 0..<count {
    let next = min(above[x], .max - 1) &+ 1
    dst[x] = src[x] == 0 ? 0 : next
  }
}

@inline(never)
private func distancesUp(
  _ below: UnsafePointer<UInt16>, _ dst: UnsafeMutablePointer<UInt16>, _ count: Int
) {
  for x in 0..<count { dst[x] = min(dst[x], min(below[x], .max - 1) &+ 1) }
}
