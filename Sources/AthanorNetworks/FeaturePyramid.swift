import AthanorTensor

/// The feature pyramid of Lin et al. 2017 as in torchvision: 1×1 lateral and 3×3 output convolutions
/// with bias, no norm or activation, the coarser map added after nearest resampling.
public struct FeaturePyramid: Module {
  let inner: [Conv2d]
  let layer: [Conv2d]

  public init(inputs: [Int], channels: Int, seed: Int) {
    inner = inputs.enumerated().map {
      Conv2d(
        $1, channels, kernel: 1, bias: 0, initializer: .heUniform, seed: seed,
        name: "fpn.inner_blocks.\($0)")
    }
    layer = inputs.indices.map {
      Conv2d(
        channels, channels, kernel: 3, bias: 0, initializer: .heUniform, seed: seed,
        name: "fpn.layer_blocks.\($0)")
    }
  }

  /// P2…P5 from C2…C5.
  public func callAsFunction(_ features: [Tensor]) -> [Tensor] {
    var top: Tensor?
    var outputs: [Tensor] = []
    for i in features.indices.reversed() {
      var merged = inner[i](features[i])
      if let top {
        merged =
          merged + top.resampled(height: merged.shape[1], width: merged.shape[2], .nearest)
      }
      top = merged
      outputs.insert(layer[i](merged), at: 0)
    }
    return outputs
  }

  public func state(_ prefix: String) -> [StateEntry] {
    inner.enumerated().flatMap { $1.state("\(prefix)inner_blocks.\($0).0.") }
      + layer.enumerated().flatMap { $1.state("\(prefix)layer_blocks.\($0).0.") }
  }
}
