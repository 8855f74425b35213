import AthanorKernels
import Testing

/// Backward data both ways, of which a processor is given one, against the definition.
@Suite struct BackwardDataTests {
  static let geometries = [
    // Odd sizes, one pixel, padding from none to all, kernels larger than the image.
    (n: 2, h: 5, w: 7, c: 3, outputs: 16, side: 3, padding: 1),
    (n: 1, h: 1, w: 1, c: 2, outputs: 17, side: 3, padding: 1),
    (n: 1, h: 6, w: 4, c: 33, outputs: 16, side: 3, padding: 0),
    (n: 3, h: 4, w: 9, c: 18, outputs: 20, side: 3, padding: 2),
    (n: 1, h: 2, w: 3, c: 5, outputs: 16, side: 5, padding: 2),
    (n: 1, h: 4, w: 4, c: 4, outputs: 16, side: 2, padding: 0),
  ]

  @Test(arguments: geometries.indices) func agreesWithTheDefinition(_ index: Int) throws {
    let s = Self.geometries[index]
    let g = WindowGeometry(
      n: s.n, h: s.h, w: s.w, c: s.c, outputChannels: s.outputs, kernelHeight: s.side,
      kernelWidth: s.side, stride: 1, padding: s.padding)
    let mirrored = try #require(BackwardData.mirrored(g))
    #expect((mirrored.outputHeight, mirrored.outputWidth) == (s.h, s.w))
    let diffDst = numbers(g.n * g.outputHeight * g.outputWidth * g.outputChannels, 1)
    let weights = numbers(s.outputs * s.c * s.side * s.side, 2)
    var expected = [Double](repeating: 0, count: s.n * s.h * s.w * s.c)
    Convolution.backwardData(
      g, diffDst: diffDst.map(Double.init), weights: weights.map(Double.init), diffSrc: &expected)
    for asForward in [false, true] {
      let backward = BackwardData(g, asForward: asForward)
      // The second time with the weights that were kept.
      for _ in 0..<2 {
        var dX = [Float](repeating: .nan, count: expected.count)
        backward(diffDst: diffDst, weights: weights, diffSrc: &dX)
        let worst = zip(dX, expected).map { abs(Double($0) - $1) }.max()!
        #expect(worst < 2e-5)
      }
    }
  }

  /// Depthwise and dilated, as whatever the processor is given.
  @Test(arguments: [
    (c: 3, outputs: 3, groups: 3, side: 3, padding: 1, dilation: 1),
    (c: 33, outputs: 33, groups: 33, side: 7, padding: 3, dilation: 1),
    (c: 18, outputs: 18, groups: 18, side: 5, padding: 1, dilation: 2),
    (c: 18, outputs: 18, groups: 18, side: 3, padding: 4, dilation: 3),
    (c: 7, outputs: 16, groups: 1, side: 3, padding: 2, dilation: 2),
  ])
  func depthwiseAndDilated(
    _ s: (c: Int, outputs: Int, groups: Int, side: Int, padding: Int, dilation: Int)
  ) throws {
    let g = WindowGeometry(
      n: 2, h: 9, w: 11, c: s.c, outputChannels: s.outputs, kernelHeight: s.side,
      kernelWidth: s.side, stride: 1, padding: s.padding, dilation: s.dilation, groups: s.groups)
    let mirrored = try #require(BackwardData.mirrored(g))
    #expect((mirrored.outputHeight, mirrored.outputWidth) == (9, 11))
    let diffDst = numbers(g.n * g.outputHeight * g.outputWidth * g.outputChannels, 1)
    let weights = numbers(g.weightCount, 2)
    var expected = [Double](repeating: 0, count: g.n * g.h * g.w * g.c)
    Convolution.backwardData(
      g, diffDst: diffDst.map(Double.init), weights: weights.map(Double.init), diffSrc: &expected)
    for asForward in [false, true] {
      var dX = [Float](repeating: .nan, count: expected.count)
      BackwardData(g, asForward: asForward)(diffDst: diffDst, weights: weights, diffSrc: &dX)
      #expect(zip(dX, expected).map { abs(Double($0) - $1) }.max()! < 2e-5)
    }
  }

  @Test func isOnlyForWhatItCanDo() {
    func mirrored(
      outputs: Int = 16, side: Int = 3, stride: Int = 1, padding: Int = 1, dilation: Int = 1,
      groups: Int = 1
    ) -> Bool {
      BackwardData.mirrored(
        WindowGeometry(
          n: 1, h: 8, w: 8, c: 4, outputChannels: outputs, kernelHeight: side, kernelWidth: side,
          stride: stride, padding: padding, dilation: dilation, groups: groups)) != nil
    }
    #expect(mirrored())
    #expect(!mirrored(stride: 2))
    #expect(!mirrored(side: 1, padding: 0))
    #expect(!mirrored(padding: 3))
    #expect(mirrored(padding: 3, dilation: 2))
    #expect(!mirrored(outputs: 4))
    #expect(mirrored(outputs: 4, groups: 4))
    #expect(!mirrored(groups: 2))
  }

  /// oneDNN 2's strided 1×1 kernels write past their scratchpad with fewer channels than a vector
  /// has, the further the wider the image.
  @Test(arguments: [1, 8, 12, 15, 16]) func stridedPointwiseOnAWideImage(channels: Int) {
    let g = WindowGeometry(
      n: 1, h: 256, w: 1024, c: channels, outputChannels: 2 * channels, kernelHeight: 1,
      kernelWidth: 1, stride: 2, padding: 0)
    let src = numbers(g.h * g.w * g.c, 1)
    let diffDst = numbers(g.outputHeight * g.outputWidth * g.outputChannels, 2)
    var expected = [Double](repeating: 0, count: 2 * channels * channels)
    Convolution.backwardWeights(
      g, src: src.map(Double.init), diffDst: diffDst.map(Double.init), diffWeights: &expected,
      diffBias: nil)
    var found = [Float](repeating: .nan, count: 2 * channels * channels)
    Convolution.backwardWeights(
      g, src: src, diffDst: diffDst, diffWeights: &found, diffBias: nil)
    let worst = zip(found, expected).map { abs(Double($0) - $1) }.max()!
    #expect(worst < 1e-2)
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
