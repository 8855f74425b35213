/// Resampling of channels-last memory with half-pixel centres (`align_corners` false).
///
/// oneDNN 2.6's primitive, on one thread and three sizes of the segmentation head, was 3 to 5 times
/// faster forward and 6 to 13 times slower backward, together about half as fast or slower.
public enum Resampling {
  public enum Kind: Hashable, Sendable { case nearest, bilinear }
  @specialized(where T == Float)
  @specialized(where T == Double)
  public static func forward<T: FloatingScalar>(
    _ kind: Kind, n: Int, h: Int, w: Int, c: Int, outputHeight: Int, outputWidth: Int,
    src: UnsafePointer<T>, dst: UnsafeMutablePointer<T>
  ) {
    let rows = Axis(kind, from: h, to: outputHeight)
    let columns = Axis(kind, from: w, to: outputWidth)
    parallelRanges(n * outputHeight) { range in
      for row in range {
        let (image, oy) = (row / outputHeight, row % outputHeight)
        let top = src + (image * h + rows.low[oy]) * w * c
        let bottom = src + (image * h + rows.high[oy]) * w * c
        let out = dst + row * outputWidth * c
        let v = T(rows.weight[oy])
        for ox in 0..<outputWidth {
          let (l, r) = (columns.low[ox] * c, columns.high[ox] * c)
          let u = T(columns.weight[ox])
          let (tl, tr, bl, br) = ((1 - v) * (1 - u), (1 - v) * u, v * (1 - u), v * u)
          let o = out + ox * c
          if u == 0 && v == 0 {
            o.update(from: top + l, count: c)
          } else {
            for i in 0..<c {
              o[i] = (tl * top[l + i] + tr * top[r + i]) + (bl * bottom[l + i] + br * bottom[r + i])
            }
          }
        }
      }
    }
  }

  /// Sums, for every source pixel, the gradients of the destination pixels that read it.
  @specialized(where T == Float)
  @specialized(where T == Double)
  public static func backward<T: FloatingScalar>(
    _ kind: Kind, n: Int, h: Int, w: Int, c: Int, outputHeight: Int, outputWidth: Int,
    diffDst: UnsafePointer<T>, diffSrc: UnsafeMutablePointer<T>
  ) {
    let rows = Axis(kind, from: h, to: outputHeight).transposed(h)
    let columns = Axis(kind, from: w, to: outputWidth).transposed(w)
    parallelRanges(n * h) { range in
      // One row of the destination's width, summed over the rows that read this source row.
      withUnsafeTemporaryAllocation(of: T.self, capacity: outputWidth * c) { sum in
        let gathered = sum.baseAddress!
        for row in range {
          let (image, y) = (row / h, row % h)
          gathered.initialize(repeating: 0, count: outputWidth * c)
          for tap in rows[y] {
            let line = diffDst + (image * outputHeight + tap.index) * outputWidth * c
            let weight = T(tap.weight)
            for i in 0..<(outputWidth * c) { gathered[i] += weight * line[i] }
          }
          for x in 0..<w {
            let out = diffSrc + (row * w + x) * c
            out.initialize(repeating: 0, count: c)
            for tap in columns[x] {
              let line = gathered + tap.index * c
              let weight = T(tap.weight)
              for i in 0..<c { out[i] += weight * line[i] }
            }
          }
        }
      }
    }
  }

  /// Where each destination index of one axis reads from, and the share of the higher neighbour.
  private struct Axis {
    var low: [Int] = []
    var high: [Int] = []
    var weight: [Double] = []

    init(_ kind: Kind, from count: Int, to outputCount: Int) {
      let scale = Double(count) / Double(outputCount)
      for i in 0..<outputCount {
        switch kind {
        case .nearest:
          let source = min(count - 1, Int(Double(i) * scale))
          (low, high) = (low + [source], high + [source])
          weight.append(0)
        case .bilinear:
          let position = max(0, (Double(i) + 0.5) * scale - 0.5)
          let source = min(count - 1, Int(position))
          let next = min(count - 1, source + 1)
          (low, high) = (low + [source], high + [next])
          weight.append(next == source ? 0 : position - Double(source))
        }
      }
    }

    /// For each source index the destination indices that read it, with their weights.
    func transposed(_ count: Int) -> [[(index: Int, weight: Double)]] {
      var taps = [[(index: Int, weight: Double)]](repeating: [], count: count)
      for i in low.indices {
        taps[low[i]].append((i, 1 - weight[i]))
        if weight[i] != 0 { taps[high[i]].append((i, weight[i])) }
      }
      return taps
    }
  }
}
