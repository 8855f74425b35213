import AthanorKernels
import Testing

/// The weights' gradient of depthwise convolutions on images larger than what is copied at a time,
/// against the definition.
@Suite struct DepthwiseWeightsTests {
  static let geometries = [
    (n: 1, h: 40, w: 300, c: 3, kernel: (5, 5), stride: 1, padding: 2, dilation: 1),
    (n: 2, h: 61, w: 129, c: 17, kernel: (7, 7), stride: 2, padding: 3, dilation: 1),
    (n: 1, h: 50, w: 200, c: 20, kernel: (3, 3), stride: 1, padding: 18, dilation: 18),
    (n: 1, h: 9, w: 5000, c: 2, kernel: (5, 1), stride: 1, padding: 0, dilation: 2),
    (n: 3, h: 30, w: 170, c: 16, kernel: (4, 6), stride: 3, padding: 1, dilation: 1),
    (n: 2, h: 20, w: 30, c: 18, kernel: (9, 9), stride: 1, padding: 4, dilation: 1),
  ]

  @Test(arguments: geometries.indices) func agreesWithTheDefinition(_ index: Int) {
    let s = Self.geometries[index]
    let g = WindowGeometry(
      n: s.n, h: s.h, w: s.w, c: s.c, outputChannels: s.c, kernelHeight: s.kernel.0,
      kernelWidth: s.kernel.1, stride: s.stride, padding: s.padding, dilation: s.dilation,
      groups: s.c)
    let src = numbers(g.n * g.h * g.w * g.c, 1)
    let diffDst = numbers(g.n * g.outputHeight * g.outputWidth * g.c, 2)
    var (expected, bias) = (
      [Double](repeating: 0, count: g.weightCount), [Double](repeating: 0, count: g.c)
    )
    Convolution.backwardWeights(
      g, src: src.map(Double.init), diffDst: diffDst.map(Double.init), diffWeights: &expected,
      diffBias: &bias)
    let single = gradients(g, src, diffDst)
    // Sums of as many random terms as the image has pixels.
    let limit = 2e-6 * Double(g.n * g.outputHeight * g.outputWidth).squareRoot() + 1e-5
    #expect(worst(single.weights, expected) < limit)
    #expect(worst(single.bias, bias) < limit)
  }

  @Test func doesNotDependOnThreads() {
    let g = WindowGeometry(
      n: 5, h: 20, w: 33, c: 19, outputChannels: 19, kernelHeight: 5, kernelWidth: 5, stride: 1,
      padding: 2, groups: 19)
    let src = numbers(g.n * g.h * g.w * g.c, 1)
    let diffDst = numbers(g.n * g.outputHeight * g.outputWidth * g.c, 2)
    let many = gradients(g, src, diffDst)
    let one = Threads.serially { gradients(g, src, diffDst) }
    #expect(many.weights == one.weights)
    #expect(many.bias == one.bias)
  }

  private func gradients(
    _ g: WindowGeometry, _ src: [Float], _ diffDst: [Float]
  ) -> (weights: [Float], bias: [Float]) {
    var (weights, bias) = (
      [Float](repeating: .nan, count: g.weightCount), [Float](repeating: .nan, count: g.c)
    )
    Convolution.backwardWeights(
      g, src: src, diffDst: diffDst, diffWeights: &weights, diffBias: &bias)
    return (weights, bias)
  }

  private func worst(_ a: [Float], _ b: [Double]) -> Double {
    zip(a, b).map { abs(Double($0) - $1) }.max()!
  }

  /// Numbers in −1…1, the same each time.
  private func numbers(_ count: Int, _ seed: UInt64) -> [Float] {
    var state = seed
    return (0..<count).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Float(state >> 40) / Float(1 << 23) - 1
    }
  }
}
