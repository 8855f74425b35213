import AthanorTensor

/// A one-step form of semantic FPN (Kirillov et al. 2019): every level to 64 channels at the finest
/// size, summed fine to coarse, one 1×1 prediction, resampled to the image.
public struct DenseHead: Head {
  /// One level's 3×3 convolution without bias, then group norm and ReLU.
  struct Level: Module {
    let conv: Conv2d
    let norm: GroupNorm

    var parts: Parts { [("0", conv), ("1", norm)] }
  }

  static let channels = 64
  static let groups = 16
  let levels: [Level]
  let predictor: Conv2d
  /// Pixels of the image between two positions of the finest level.
  private let stride: Int

  /// - `outputs`: Channels per pixel: logits of the classes, a depth, a normal.
  public init(on features: [FeatureLevel], outputs: Int) {
    levels = features.map {
      Level(
        conv: Conv2d($0.channels, Self.channels, kernel: 3),
        norm: GroupNorm(groups: Self.groups, Self.channels))
    }
    predictor = Conv2d(Self.channels, outputs, kernel: 1, bias: 0, initializer: .normal(0.01))
    stride = features[0].stride
  }

  /// `[N,H,W,outputs]` at the image's size.
  public func callAsFunction(_ features: [Tensor], _ mode: ForwardMode) -> Tensor {
    let (height, width) = (features[0].shape[1], features[0].shape[2])
    var sum: Tensor?
    for (level, feature) in zip(levels, features) {
      let y = level.norm(level.conv(feature), relu: true)
        .resampled(height: height, width: width, .bilinear)
      sum = sum.map { $0 + y } ?? y
    }
    return predictor(sum!).resampled(height: stride * height, width: stride * width, .bilinear)
  }

  public var parts: Parts { [("levels", levels), ("predictor", predictor)] }
}
