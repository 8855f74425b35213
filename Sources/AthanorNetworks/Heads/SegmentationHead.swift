import AthanorTensor

/// A one-step form of semantic FPN (Kirillov et al. 2019): every level to 64 channels at stride 4,
/// summed fine to coarse, one 1×1 prediction, resampled to the image.
public struct SegmentationHead: Module {
  static let channels = 64
  static let groups = 16
  let levels: [(conv: Conv2d, norm: GroupNorm)]
  let predictor: Conv2d

  public init(levels count: Int, input: Int, classes: Int, seed: Int) {
    levels = (0..<count).map {
      (
        Conv2d(
          input, Self.channels, kernel: 3, initializer: .heNormal, seed: seed,
          name: "segmentation.levels.\($0).0"),
        GroupNorm(groups: Self.groups, Self.channels)
      )
    }
    predictor = Conv2d(
      Self.channels, classes, kernel: 1, bias: 0, initializer: .normal(0.01), seed: seed,
      name: "segmentation.predictor")
  }

  /// Logits `[N,H,W,classes]` at the image's size from P2…P5.
  public func callAsFunction(_ features: [Tensor]) -> Tensor {
    let (height, width) = (features[0].shape[1], features[0].shape[2])
    var sum: Tensor?
    for (level, feature) in zip(levels, features) {
      let y = level.norm(level.conv(feature), relu: true)
        .resampled(height: height, width: width, .bilinear)
      sum = sum.map { $0 + y } ?? y
    }
    return predictor(sum!).resampled(height: 4 * height, width: 4 * width, .bilinear)
  }

  public func state(_ prefix: String) -> [StateEntry] {
    levels.enumerated().flatMap { i, level in
      level.conv.state("\(prefix)levels.\(i).0.") + level.norm.state("\(prefix)levels.\(i).1.")
    } + predictor.state("\(prefix)predictor.")
  }
}
