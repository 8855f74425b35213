/// The gradient of a depthwise convolution with respect to its weights.
///
/// oneDNN 2 has a fast kernel only for 3×3 without dilation; for 5×5 and 7×7 this one is three to
/// eight times as fast. It takes 16 channels at a time, one per lane, copied from the image with
/// padding, so that the loops over taps and pixels have no borders.
enum DepthwiseWeights {
  private typealias Lanes = SIMD16<Float>

  /// Whether this is faster than oneDNN.
  static func isFaster(for g: WindowGeometry) -> Bool {
    g.isDepthwise && (max(g.kernelHeight, g.kernelWidth) > 3 || g.dilation > 1)
  }

  /// Bytes of the source that are copied at a time: they fit the second-level cache.
  private static let stripBytes = 1 << 18

  /// diffWeights[c, ky, kx] = Σ diffDst[n, y, x, c]·src[n, y·s + ky·d − p, x·s + kx·d − p, c].
  ///
  /// Sums are in the scalar type over a few hundred pixels, then in double precision, in an order
  /// that does not depend on the number of threads.
  static func backward(
    _ g: WindowGeometry, src: UnsafePointer<Float>, diffDst: UnsafePointer<Float>,
    diffWeights: UnsafeMutablePointer<Float>, diffBias: UnsafeMutablePointer<Float>?
  ) {
    let taps = g.kernelHeight * g.kernelWidth
    let blocks = (g.c + Lanes.scalarCount - 1) / Lanes.scalarCount
    // Images are distributed too where there are few channels.
    let parts = min(g.n, max(1, 16 / blocks))
    // For each part of each block: the sums of every tap, then the sum of diffDst.
    let size = (taps + 1) * Lanes.scalarCount
    withUnsafeTemporaryAllocation(of: Double.self, capacity: blocks * parts * size) { all in
      let sums = all.baseAddress!
      sums.initialize(repeating: 0, count: all.count)
      parallelFor(blocks * parts) { i in
        let (block, part) = (i / parts, i % parts)
        accumulate(
          g, src, diffDst, images: (g.n * part / parts)..<(g.n * (part + 1) / parts),
          firstChannel: block * Lanes.scalarCount, into: sums + i * size)
      }
      for c in 0..<g.c {
        let (block, lane) = (c / Lanes.scalarCount, c % Lanes.scalarCount)
        func total(_ tap: Int) -> Float {
          var sum = 0.0
          for part in 0..<parts {
            sum += sums[(block * parts + part) * size + tap * Lanes.scalarCount + lane]
          }
          return Float(sum)
        }
        for tap in 0..<taps { diffWeights[c * taps + tap] = total(tap) }
        diffBias?[c] = total(taps)
      }
    }
  }

  /// The sums for the channels from `firstChannel` on over some images.
  private static func accumulate(
    _ g: WindowGeometry, _ src: UnsafePointer<Float>, _ diffDst: UnsafePointer<Float>,
    images: Range<Int>, firstChannel: Int, into sums: UnsafeMutablePointer<Double>
  ) {
    let channels = min(Lanes.scalarCount, g.c - firstChannel)
    let width = (g.outputWidth - 1) * g.stride + g.dilation * (g.kernelWidth - 1) + 1
    let halo = g.dilation * (g.kernelHeight - 1) + 1
    let affordable = stripBytes / (width * MemoryLayout<Lanes>.size)
    let most = min(g.outputHeight, max(1, (affordable - halo) / g.stride + 1))
    let strip = Strip(
      width: width, height: (most - 1) * g.stride + halo, outputWidth: g.outputWidth, rows: most)
    defer { strip.deallocate() }
    for n in images {
      for top in stride(from: 0, to: g.outputHeight, by: most) {
        let rows = min(most, g.outputHeight - top)
        copy(
          src + n * g.h * g.w * g.c + firstChannel, height: g.h, width: g.w, pixel: g.c,
          channels: channels, fromRow: top * g.stride - g.padding, fromColumn: -g.padding,
          to: strip.src, rows: (rows - 1) * g.stride + halo, columns: width)
        copy(
          diffDst + n * g.outputHeight * g.outputWidth * g.c + firstChannel,
          height: g.outputHeight, width: g.outputWidth, pixel: g.c, channels: channels,
          fromRow: top, fromColumn: 0, to: strip.diffDst, rows: rows, columns: g.outputWidth)
        strip.add(g, rows: rows, to: sums)
      }
    }
  }

  /// Copies `channels` channels of a window of an image; pixels outside of the image are 0.
  private static func copy(
    _ image: UnsafePointer<Float>, height: Int, width: Int, pixel: Int, channels: Int,
    fromRow: Int, fromColumn: Int, to dst: UnsafeMutablePointer<Lanes>, rows: Int, columns: Int
  ) {
    for r in 0..<rows {
      let (y, line) = (fromRow + r, dst + r * columns)
      guard y >= 0, y < height else {
        line.update(repeating: .zero, count: columns)
        continue
      }
      for column in 0..<columns {
        let x = fromColumn + column
        guard x >= 0, x < width else {
          line[column] = .zero
          continue
        }
        let from = image + (y * width + x) * pixel
        if channels == Lanes.scalarCount {
          line[column] = UnsafeRawPointer(from).loadUnaligned(as: Lanes.self)
        } else {
          var lanes = Lanes.zero
          for c in 0..<channels { lanes[c] = from[c] }
          line[column] = lanes
        }
      }
    }
  }

  /// Rows of 16 channels of a padded source, and the corresponding rows of the destination.
  private struct Strip {
    let src: UnsafeMutablePointer<Lanes>
    let diffDst: UnsafeMutablePointer<Lanes>
    let width: Int
    let outputWidth: Int

    private let byteCount: Int

    init(width: Int, height: Int, outputWidth: Int, rows: Int) {
      (self.width, self.outputWidth) = (width, outputWidth)
      let count = width * height + outputWidth * rows
      byteCount = count * MemoryLayout<Lanes>.size
      src = Allocator.allocate(byteCount).bindMemory(to: Lanes.self, capacity: count)
      diffDst = src + width * height
    }

    func deallocate() { Allocator.deallocate(src, byteCount) }

    func add(_ g: WindowGeometry, rows: Int, to sums: UnsafeMutablePointer<Double>) {
      let taps = g.kernelHeight * g.kernelWidth
      // Rows that are summed in the scalar type.
      let run = max(1, 256 / outputWidth)
      for top in stride(from: 0, to: rows, by: run) {
        let count = min(run, rows - top)
        for ky in 0..<g.kernelHeight {
          var kx = 0
          // Several taps at a time read each element of diffDst once: parts as equal as possible.
          let pieces = (g.kernelWidth + 3) / 4
          for piece in 0..<pieces {
            let end = g.kernelWidth * (piece + 1) / pieces
            let out = sums + (ky * g.kernelWidth + kx) * Lanes.scalarCount
            let from = src + (top * g.stride + ky * g.dilation) * width + kx * g.dilation
            switch end - kx {
            case 1: add(g, 1, from, top, count, out)
            case 2: add(g, 2, from, top, count, out)
            case 3: add(g, 3, from, top, count, out)
            default: add(g, 4, from, top, count, out)
            }
            kx = end
          }
        }
        var sum = Lanes.zero
        for i in (top * outputWidth)..<((top + count) * outputWidth) { sum += diffDst[i] }
        move(sum, to: sums + taps * Lanes.scalarCount)
      }
    }

    /// Adds the sums of `taps` neighbouring taps over `count` rows from `top` on.
    @inline(__always)
    private func add(
      _ g: WindowGeometry, _ taps: Int, _ src: UnsafeMutablePointer<Lanes>, _ top: Int,
      _ count: Int, _ sums: UnsafeMutablePointer<Double>
    ) {
      var (a, b, c, d) = (Lanes.zero, Lanes.zero, Lanes.zero, Lanes.zero)
      let (stride, tap) = (g.stride, g.dilation)
      for row in 0..<count {
        var x = src + row * stride * width
        let line = diffDst + (top + row) * outputWidth
        for column in 0..<outputWidth {
          let gradient = line[column]
          a += gradient * x[0]
          if taps > 1 { b += gradient * x[tap] }
          if taps > 2 { c += gradient * x[2 * tap] }
          if taps > 3 { d += gradient * x[3 * tap] }
          x += stride
        }
      }
      move(a, to: sums)
      if taps > 1 { move(b, to: sums + Lanes.scalarCount) }
      if taps > 2 { move(c, to: sums + 2 * Lanes.scalarCount) }
      if taps > 3 { move(d, to: sums + 3 * Lanes.scalarCount) }
    }

    @inline(__always)
    private func move(_ lanes: Lanes, to sums: UnsafeMutablePointer<Double>) {
      for i in 0..<Lanes.scalarCount { sums[i] += Double(lanes[i]) }
    }
  }
}
