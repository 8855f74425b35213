import AthanorKernels

/// Contrast-limited adaptive histogram equalisation of a gray image.
///
/// Each of `tiles` equal parts (the image is mirrored at its right and bottom where they do not
/// divide it) has a histogram, whose counts are clipped to `clipLimit` times their mean; the excess
/// is distributed evenly over all values. Its running sum times `255/N` is the tile's table.
/// A pixel gets the values of its four nearest tiles' tables, weighted bilinearly by the distances
/// to their centres.
///
/// Units/range: `clipLimit` ≤ 0 does not limit.
/// Source: K. Zuiderveld, "Contrast Limited Adaptive Histogram Equalization", Graphics Gems IV,
/// 1994.
/// Parity: `cv::createCLAHE(clipLimit, tiles)->apply`, byte for byte.
public func clahe(
  _ src: Pixels, into dst: MutablePixels, clipLimit: Double = 40, tiles: (x: Int, y: Int) = (8, 8)
) {
  precondition(
    src.channels == 1 && dst.channels == 1 && src.width == dst.width && src.height == dst.height
      && tiles.x > 0 && tiles.y > 0,
    "clahe: \(src.width)×\(src.height)×\(src.channels) into "
      + "\(dst.width)×\(dst.height)×\(dst.channels), \(tiles) tiles")
  if src.width == 0 || src.height == 0 { return }
  let grid = TileGrid(src, tiles)
  withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 256 * tiles.x * tiles.y) { memory in
    guard let base = memory.baseAddress else { return }
    nonisolated(unsafe) let tables = base
    let grain = max(1, 65536 / (grid.width * grid.height))
    parallelFor(tiles.x * tiles.y, grain: grain) { tile in
      grid.makeTable(src, tile, clipLimit, tables + 256 * tile)
    }
    parallelRanges(src.height, grain: rowGrain(8 * src.width)) { rows in
      grid.blend(src, dst, rows, tables)
    }
  }
}

/// The grid of tiles.
private struct TileGrid: Sendable {
  let columns: Int
  let rows: Int
  /// The size of a tile.
  let width: Int
  let height: Int

  init(_ src: Pixels, _ tiles: (x: Int, y: Int)) {
    (columns, rows) = tiles
    // Where one side is not divisible, the other is padded too, by a pixel per tile if it
    // is divisible.
    let divides = src.width % tiles.x == 0 && src.height % tiles.y == 0
    width = divides ? src.width / tiles.x : src.width / tiles.x + 1
    height = divides ? src.height / tiles.y : src.height / tiles.y + 1
  }

  /// Fills the 256 entries of `table` from the histogram of one tile.
  func makeTable(
    _ src: Pixels, _ tile: Int, _ clipLimit: Double, _ table: UnsafeMutablePointer<UInt8>
  ) {
    withUnsafeTemporaryAllocation(of: Int32.self, capacity: 256) { memory in
      guard let counts = memory.baseAddress else { return }
      counts.initialize(repeating: 0, count: 256)
      addCounts(src, tile, counts)
      let area = width * height
      if clipLimit > 0 {
        let limit = max(1, Int32(clamping: Int(clipLimit * Double(area) / 256)))
        clip(counts, limit)
      }
      let scale = 255 / Float(area)
      var sum: Int32 = 0
      for v in 0..<256 {
        sum &+= counts[v]
        table[v] = saturated(Float(sum) * scale)
      }
    }
  }

  private func addCounts(_ src: Pixels, _ tile: Int, _ counts: UnsafeMutablePointer<Int32>) {
    let (left, top) = (tile % columns * width, tile / columns * height)
    let (right, bottom) = (left + width, top + height)
    if right <= src.width && bottom <= src.height {
      addHistogram(src.cropped(x: left, y: top, width: width, height: height), counts)
      return
    }
    for y in top..<bottom {
      let row = src.row(reflected(y, src.height))
      for x in left..<right { counts[Int(row[reflected(x, src.width)])] &+= 1 }
    }
  }

  /// Clips the counts at `limit` and distributes the excess over all values.
  private func clip(_ counts: UnsafeMutablePointer<Int32>, _ limit: Int32) {
    var excess: Int32 = 0
    for v in 0..<256 where counts[v] > limit {
      excess += counts[v] - limit
      counts[v] = limit
    }
    for v in 0..<256 { counts[v] += excess / 256 }
    let rest = Int(excess % 256)
    if rest > 0 {
      let step = max(1, 256 / rest)
      for i in 0..<rest where i * step < 256 { counts[i * step] += 1 }
    }
  }

  /// The two tiles whose centres lie around a coordinate, and the weight of the second.
  @inline(__always)
  private static func neighbors(
    _ position: Int, _ scale: Float, _ count: Int
  ) -> (first: Int, second: Int, weight: Float) {
    let at = Float(position) * scale - 0.5
    let below = at.rounded(.down)
    let first = Int(below)
    return (max(first, 0), min(first + 1, count - 1), at - below)
  }

  func blend(
    _ src: Pixels, _ dst: MutablePixels, _ range: Range<Int>, _ tables: UnsafePointer<UInt8>
  ) {
    let (scaleX, scaleY) = (1 / Float(width), 1 / Float(height))
    // For each pair of tile rows and of tile columns the four tables interleaved: one load reads
    // all that a value needs.
    withUnsafeTemporaryAllocation(of: SIMD4<Float>.self, capacity: 256 * (columns + 1)) { memory in
      guard let cells = memory.baseAddress else { return }
      withUnsafeTemporaryAllocation(of: Float.self, capacity: src.width) { weights in
        guard let weights = weights.baseAddress else { return }
        for x in 0..<src.width { weights[x] = Self.neighbors(x, scaleX, columns).weight }
        var filled = (-1, -1)
        for y in range {
          let (upper, lower, weightY) = Self.neighbors(y, scaleY, rows)
          if (upper, lower) != filled {
            fill(cells, tables + 256 * columns * upper, tables + 256 * columns * lower)
            filled = (upper, lower)
          }
          var x = 0
          while x < src.width {
            // A run of pixels between the same tiles.
            let cell = Self.cell(x, scaleX)
            var end = min(src.width, (2 * cell + 1) * width / 2 + 2)
            while end > x + 1 && Self.cell(end - 1, scaleX) != cell { end -= 1 }
            blendRun(
              src.row(y) + x, dst.row(y) + x, end - x, cells + 256 * cell, weights + x, weightY)
            x = end
          }
        }
      }
    }
  }

  /// The pair of tile columns that a pixel lies between: 0 left of the first centre.
  @inline(__always) private static func cell(_ x: Int, _ scale: Float) -> Int {
    Int((Float(x) * scale - 0.5).rounded(.down)) + 1
  }

  private func fill(
    _ cells: UnsafeMutablePointer<SIMD4<Float>>, _ upper: UnsafePointer<UInt8>,
    _ lower: UnsafePointer<UInt8>
  ) {
    for cell in 0...columns {
      let (left, right) = (256 * max(cell - 1, 0), 256 * min(cell, columns - 1))
      for v in 0..<256 {
        (cells + 256 * cell + v).initialize(
          to: SIMD4(
            Float(upper[left + v]), Float(lower[left + v]), Float(upper[right + v]),
            Float(lower[right + v])))
      }
    }
  }

  @inline(__always)
  private func blendRun(
    _ src: UnsafePointer<UInt8>, _ dst: UnsafeMutablePointer<UInt8>, _ count: Int,
    _ cell: UnsafePointer<SIMD4<Float>>, _ weights: UnsafePointer<Float>, _ weightY: Float
  ) {
    let (above, below) = (1 - weightY, weightY)
    for x in 0..<count {
      let values = cell[Int(src[x])]
      let (right, left) = (weights[x], 1 - weights[x])
      let mixed = values.lowHalf * left + values.highHalf * right
      dst[x] = saturated(mixed[0] * above + mixed[1] * below)
    }
  }
}

extension Image {
  /// The gray image with its local contrast raised; see `clahe`.
  public func locallyEqualized(
    clipLimit: Double = 40, tiles: (x: Int, y: Int) = (8, 8)
  ) -> Image {
    Image(width: width, height: height, channels: channels) { dst in
      withPixels { clahe($0, into: dst, clipLimit: clipLimit, tiles: tiles) }
    }
  }
}
