/// Convolution in double precision by its definition, which gradients are checked against.
extension Convolution {
  /// Calls `body` with the offsets of a destination element, a source element and the weight that
  /// connects them, for every such triple.
  @inline(__always)
  private static func forEachProduct(
    _ g: WindowGeometry, _ body: (_ dst: Int, _ src: Int, _ weight: Int) -> Void
  ) {
    let (taps, depth) = (g.kernelHeight * g.kernelWidth, g.channelsPerGroup)
    let outputs = g.outputChannels / g.groups
    forEachTap(g) { dst, src, tap in
      for o in 0..<g.outputChannels {
        let first = src + o / outputs * depth
        for c in 0..<depth { body(dst + o, first + c, (o * depth + c) * taps + tap) }
      }
    }
  }

  /// Calls `body` with the offsets of the first channels of every pair of pixels that a tap of the
  /// kernel connects, and the tap.
  @inline(__always)
  private static func forEachTap(
    _ g: WindowGeometry, _ body: (_ dst: Int, _ src: Int, _ tap: Int) -> Void
  ) {
    for row in 0..<(g.n * g.outputHeight) {
      let (n, oy) = (row / g.outputHeight, row % g.outputHeight)
      for ox in 0..<g.outputWidth {
        let dst = ((n * g.outputHeight + oy) * g.outputWidth + ox) * g.outputChannels
        for ky in 0..<g.kernelHeight {
          let y = oy * g.stride + ky * g.dilation - g.padding
          guard y >= 0, y < g.h else { continue }
          for kx in 0..<g.kernelWidth {
            let x = ox * g.stride + kx * g.dilation - g.padding
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
    let count = g.n * g.outputHeight * g.outputWidth * g.outputChannels
    for i in 0..<count { dst[i] = bias?[i % g.outputChannels] ?? 0 }
    forEachProduct(g) { d, s, w in dst[d] += src[s] * weights[w] }
    if relu { for i in 0..<count { dst[i] = 0 > dst[i] ? 0 : dst[i] } }
  }

  public static func backwardData(
    _ g: WindowGeometry, diffDst: UnsafePointer<Double>, weights: UnsafePointer<Double>,
    diffSrc: UnsafeMutablePointer<Double>
  ) {
    for i in 0..<(g.n * g.h * g.w * g.c) { diffSrc[i] = 0 }
    forEachProduct(g) { d, s, w in diffSrc[s] += diffDst[d] * weights[w] }
  }

  public static func backwardWeights(
    _ g: WindowGeometry, src: UnsafePointer<Double>, diffDst: UnsafePointer<Double>,
    diffWeights: UnsafeMutablePointer<Double>, diffBias: UnsafeMutablePointer<Double>?
  ) {
    for i in 0..<g.weightCount { diffWeights[i] = 0 }
    forEachProduct(g) { d, s, w in diffWeights[w] += diffDst[d] * src[s] }
    guard let diffBias else { return }
    for o in 0..<g.outputChannels { diffBias[o] = 0 }
    for i in 0..<(g.n * g.outputHeight * g.outputWidth * g.outputChannels) {
      diffBias[i % g.outputChannels] += diffDst[i]
    }
  }
}
