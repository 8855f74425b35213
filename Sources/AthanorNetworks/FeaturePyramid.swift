import AthanorTensor

/// The feature pyramid of Lin et al. 2017 as in torchvision: 1×1 lateral and 3×3 output
/// convolutions with bias, no norm or activation, the coarser map added after nearest resampling.
public struct FeaturePyramid: Module {
  /// torchvision's `Conv2dNormActivation` with only a convolution. The block's name determines the
  /// initial weights.
  struct Block: Module {
    let conv: Conv2d

    var parts: Parts { [("0", conv)] }
    func randomName(of part: String, in name: String) -> String { name }
  }

  let innerBlocks: [Block]
  let layerBlocks: [Block]
  public let channels: Int

  /// - `inputs`: Channels of the backbone's features, fine to coarse.
  public init(inputs: [Int], channels: Int) {
    func block(_ input: Int, kernel: Int) -> Block {
      Block(conv: Conv2d(input, channels, kernel: kernel, bias: 0, initializer: .heUniform))
    }
    innerBlocks = inputs.map { block($0, kernel: 1) }
    layerBlocks = inputs.map { _ in block(channels, kernel: 3) }
    self.channels = channels
  }

  /// P2…P5 from C2…C5.
  public func callAsFunction(_ features: [Tensor]) -> [Tensor] {
    var top: Tensor?
    var outputs: [Tensor] = []
    for i in features.indices.reversed() {
      var merged = innerBlocks[i].conv(features[i])
      if let top {
        merged =
          merged + top.resampled(height: merged.shape[1], width: merged.shape[2], .nearest)
      }
      top = merged
      outputs.insert(layerBlocks[i].conv(merged), at: 0)
    }
    return outputs
  }

  public var parts: Parts { [("inner_blocks", innerBlocks), ("layer_blocks", layerBlocks)] }
}
