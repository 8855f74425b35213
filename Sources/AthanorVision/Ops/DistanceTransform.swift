import AthanorKernels

/// The Euclidean distance of every non-zero pixel to the nearest zero pixel, which itself gets 0.
///
/// Formula: `dst[y, x] = min √((x − u)² + (y − v)²)` over the zero pixels (u, v); √10¹⁵ everywhere
/// where no pixel is zero.
/// Shapes: `src` of one channel and fewer than 65,535 rows, `dst` of height × width floats.
/// Source: Felzenszwalb and Huttenlocher, Distance Transforms of Sampled Functions, Theory of
/// Computing 2012, algorithm 1. Distances down the columns, then the lower envelope of a parabola
/// a column along each row. Stretches of a row that are close to zeros are searched with
/// vectors instead.
/// Parity: `cv::distanceTransform` with `DIST_L2` and `DIST_MASK_PRECISE`, equal to the last bit.
public func distanceTransform(_ src: Pixels, into dst: UnsafeMutablePointer<Float>) {
  precondition(
    src.channels == 1 && src.height < Int(UInt16.max),
    "distanceTransform: \(src.width)×\(src.height)×\(src.channels)")
  nonisolated(unsafe) let dst = dst
  guard columnDistances(src, dst) else {
    parallelRanges(src.height, grain: rowGrain(4 * src.width)) { rows in
      (dst + rows.lowerBound * src.width).update(
        repeating: Float(1e15).squareRoot(), count: rows.count * src.width)
    }
    return
  }
  let tables = ParabolaTables(width: src.width)
  let isExact = RowDistanceTransform.isExact(width: src.width, height: src.height)
  parallelRanges(src.height, grain: rowGrain(8 * src.width)) { rows in
    RowDistanceTransform.withScratch(width: src.width, tables) { row in
      for y in rows { row.apply(dst + y * src.width, isExact: isExact) }
    }
  }
}

/// The distance along the column from every pixel to a zero, 65,535 where the column has none; as
/// 16 bits at the start of each row of `dst`. Returns whether there is any zero.
private func columnDistances(_ src: Pixels, _ dst: UnsafeMutablePointer<Float>) -> Bool {
  // Strips of columns stay in the cache between the passes down and up.
  let strip = 128
  let strips = (src.width + strip - 1) / strip
  nonisolated(unsafe) let dst = dst
  @Sendable func distances(_ y: Int) -> UnsafeMutablePointer<UInt16> {
    UnsafeMutableRawPointer(dst + y &* src.width).assumingMemoryBound(to: UInt16.self)
  }
  parallelRanges(strips, grain: max(1, rowGrain(strip * src.height))) { range in
    for index in range {
      let (x, count) = (index * strip, min(strip, src.width - index * strip))
      distancesDown(src.row(0) + x, nil, distances(0) + x, count)
      for y in 1..<max(1, src.height) {
        distancesDown(src.row(y) + x, distances(y - 1) + x, distances(y) + x, count)
      }
      for y in stride(from: src.height - 2, through: 0, by: -1) {
        distancesUp(distances(y + 1) + x, distances(y) + x, count)
      }
    }
  }
  return src.height > 0 && (0..<src.width).contains { distances(0)[$0] != .max }
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

extension Image {
  /// The distance of every pixel of this mask to the nearest zero pixel; see `distanceTransform`.
  public func distanceTransformed() -> [Float] {
    [Float](unsafeUninitializedCapacity: width * height) { buffer, count in
      if let base = buffer.baseAddress { withPixels { distanceTransform($0, into: base) } }
      count = width * height
    }
  }
}
