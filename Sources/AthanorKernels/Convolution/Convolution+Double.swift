/// Convolution in double precision by its definition: what gradients are checked against.
extension Convolution {
  /// Calls `body(output row, input row, output channel's weight base, kernel offset)` for every pair
  /// of pixels that a kernel tap joins.
  private static func forEachTap(
    _ g: WindowGeometry, image n: Int, _ body: (_ dst: Int, _ src: Int, _ tap: Int) -> Void
  ) {
    for oy in 0..<g.outputHeight {
      for ox in 0..<g.outputWidth {
        let dst = ((n * g.outputHeight + oy) * g.outputWidth + ox) * g.outputChannels
        for ky in 0..<g.kernelHeight {
          let y = oy * g.stride + ky - g.padding
          guard y >= 0, y < g.h else { continue }
          for kx in 0..<g.kernelWidth {
            let x = ox * g.stride + kx - g.padding
            guard x >= 0, x < g.w else { continue }
            body(dst, ((n * g.h + y) * g.w + x) * g.c, ky * g.kernelWidth + kx)
          }
        }
      }
    }
  }

  public static func forward(
    _ g: WindowGeometry, src: UnsafePointer<Double>, weights: UnsafePointer<Double>,
    bias: UnsafePointer<Double>?, dst: UnsafeMutablePointer<Double>, relu: Bool
  ) {
    let taps = g.kernelHeight * g.kernelWidth
    let count = g.n * g.outputHeight * g.outputWidth * g.outputChannels
    for i in 0..<count { dst[i] = bias?[i % g.outputChannels] ?? 0 }
    for n in 0..<g.n {
      forEachTap(g, image: n) { d, s, tap in
        for o in 0..<g.outputChannels {
          for c in 0..<g.c { dst[d + o] += src[s + c] * weights[(o * g.c + c) * taps + tap] }
        }
      }
    }
    if relu { for i in 0..<count { dst[i] = 0 > dst[i] ? 0 : dst[i] } }
  }

  public static func backwardData(
    _ g: WindowGeometry, diffDst: UnsafePointer<Double>, weights: UnsafePointer<Double>,
    diffSrc: UnsafeMutablePointer<Double>
  ) {
    let taps = g.kernelHeight * g.kernelWidth
    for i in 0..<(g.n * g.h * g.w * g.c) { diffSrc[i] = 0 }
    for n in 0..<g.n {
      forEachTap(g, image: n) { d, s, tap in
        for o in 0..<g.outputChannels {
          for c in 0..<g.c {
            diffSrc[s + c] += diffDst[d + o] * weights[(o * g.c + c) * taps + tap]
          }
        }
      }
    }
  }

  public static func backwardWeights(
    _ g: WindowGeometry, src: UnsafePointer<Double>, diffDst: UnsafePointer<Double>,
    diffWeights: UnsafeMutablePointer<Double>, diffBias: UnsafeMutablePointer<Double>?
  ) {
    let taps = g.kernelHeight * g.kernelWidth
    for i in 0..<(g.outputChannels * g.c * taps) { diffWeights[i] = 0 }
    for n in 0..<g.n {
      forEachTap(g, image: n) { d, s, tap in
        for o in 0..<g.outputChannels {
          for c in 0..<g.c {
            diffWeights[(o * g.c + c) * taps + tap] += diffDst[d + o] * src[s + c]
          }
        }
      }
    }
    guard let diffBias else { return }
    for o in 0..<g.outputChannels { diffBias[o] = 0 }
    for i in 0..<(g.n * g.outputHeight * g.outputWidth * g.outputChannels) {
      diffBias[i % g.outputChannels] += diffDst[i]
    }
  }
}
