import AthanorKernels

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Stripes of width `stripe` at every `period` along both axes, starting at (`x`, `y`) and rotated
/// about the image's centre.
public struct MaskGrid: Equatable, Sendable {
  public var period: Int
  public var stripe: Int
  public var x: Int
  public var y: Int
  public var degrees: Int

  public init(period: Int, stripe: Int, x: Int = 0, y: Int = 0, degrees: Int = 0) {
    precondition(
      period > 0 && stripe >= 0, "MaskGrid: stripes of \(stripe) at every \(period) pixels")
    (self.period, self.stripe, self.degrees) = (period, stripe, degrees)
    (self.x, self.y) = (x, y)
  }
}

/// Sets every pixel outside of the stripes to `value`: the squares between them.
///
/// Source: Chen et al., GridMask Data Augmentation, 2020.
/// Parity: the same pixels as `cpp-reference`, which computes them in doubles too.
public func gridMask(_ dst: MutablePixels, _ grid: MaskGrid, value: [UInt8]) {
  precondition(
    value.count == dst.channels, "gridMask: \(value.count) values for \(dst.channels) channels")
  let (width, channels) = (dst.width, dst.channels)
  let (acrossX, acrossY) = (
    Between(grid.period, grid.stripe, grid.x), Between(grid.period, grid.stripe, grid.y)
  )
  let angle = Double(grid.degrees) * .pi / 180
  let (sine, cosine) = (sin(angle), cos(angle))
  let columns = (0..<width).map { Double($0) - Double(width - 1) / 2 }
  let (along, across) = (columns.map { $0 * cosine }, columns.map { $0 * sine })
  // A row of the value, from which runs are copied.
  let paint = [[UInt8]](repeating: value, count: width).flatMap { $0 }
  parallelRanges(dst.height, grain: rowGrain(4 * width * channels)) { rows in
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: width) { marks in
      let marks = marks.baseAddress!
      if grid.degrees == 0 {
        for x in 0..<width { marks[x] = acrossX.contains(Double(x)) ? 1 : 0 }
      }
      for y in rows {
        if grid.degrees == 0 {
          if !acrossY.contains(Double(y)) { continue }
        } else {
          let v = Double(y) - Double(dst.height - 1) / 2
          mark(along, across, v * sine, v * cosine, acrossX, acrossY, marks)
        }
        let row = dst.row(y)
        paint.withUnsafeBufferPointer { paint in
          forEachRun(ofNonZero: marks, width) { start, end in
            (row + start &* channels).update(
              from: paint.baseAddress!, count: (end &- start) &* channels)
          }
        }
      }
    }
  }
}

/// 1 where (`along` + `sine`, `cosine` − `across`), in whole pixels, lies between stripes of both
/// axes, else 0.
private func mark(
  _ along: [Double], _ across: [Double], _ sine: Double, _ cosine: Double, _ x: Between,
  _ y: Between, _ marks: UnsafeMutablePointer<UInt8>
) {
  along.withUnsafeBufferPointer { along in
    across.withUnsafeBufferPointer { across in
      for i in 0..<along.count {
        let isBetween =
          x.contains((along[i] + sine).rounded(.down))
          && y.contains((cosine - across[i]).rounded(.down))
        marks[i] = isBetween ? 1 : 0
      }
    }
  }
}

/// The positions of an axis that lie between two stripes.
private struct Between {
  private let period, inverse, stripe, offset: Double

  init(_ period: Int, _ stripe: Int, _ offset: Int) {
    (self.period, inverse) = (Double(period), 1 / Double(period))
    (self.stripe, self.offset) = (Double(stripe), Double(offset))
  }

  @inline(__always)
  func contains(_ position: Double) -> Bool {
    let distance = position - offset
    // Adding a half keeps whole multiples of the period away from the edge of the next.
    let periods = ((distance + 0.5) * inverse).rounded(.down)
    return distance - period * periods >= stripe
  }
}
