import COneDNN

/// Two-dimensional convolution on channels-last memory; weights are
/// `[O,I/groups,KH,KW]`.
public enum Convolution {
  /// dst = src ∗ weights + bias, then ReLU if `relu`.
  public static func forward(
    _ geometry: WindowGeometry, src: UnsafePointer<Float>, weights: UnsafePointer<Float>,
    bias: UnsafePointer<Float>?, dst: UnsafeMutablePointer<Float>, relu: Bool
  ) {
    guard geometry.n > 0 else { return }
    let operation = OneDNN.Key.Operation.convolution(bias: bias != nil, relu: relu)
    OneDNN.run(
      .init(operation: operation, direction: ATHANOR_DNNL_FORWARD, geometry: geometry),
      [.init(mutating: src), .init(mutating: weights), .init(dst), .init(mutating: bias)])
  }

  /// The gradients with respect to `weights` and, where it is given, `bias`.
  public static func backwardWeights(
    _ geometry: WindowGeometry, src: UnsafePointer<Float>, diffDst: UnsafePointer<Float>,
    diffWeights: UnsafeMutablePointer<Float>, diffBias: UnsafeMutablePointer<Float>?
  ) {
    guard geometry.n > 0 else {
      diffWeights.initialize(repeating: 0, count: geometry.weightCount)
      diffBias?.initialize(repeating: 0, count: geometry.outputChannels)
      return
    }
    if DepthwiseWeights.isFaster(for: geometry) {
      DepthwiseWeights.backward(
        geometry, src: src, diffDst: diffDst, diffWeights: diffWeights, diffBias: diffBias)
      return
    }
    OneDNN.run(
      .init(
        operation: .convolution(bias: diffBias != nil, relu: false),
        direction: ATHANOR_DNNL_BACKWARD_WEIGHTS, geometry: geometry),
      [.init(mutating: src), .init(mutating: diffDst), .init(diffWeights), .init(diffBias)])
  }
}
