import AthanorCore

/// A fixed step of preprocessing that keeps a sample's labels true: image, mask and boxes move
/// together. What random steps are to training (`Augmentation`), these are to files.
public protocol PreprocessingOp: Registered, Sendable {
  /// Throws `SettingsError` where the options do not fit the sample, `UnknownColorError`.
  func apply(to sample: Sample) throws -> Sample
  /// How the last step turns bytes into floats; nil for a step that gives bytes.
  var normalization: Normalization? { get }
}

extension PreprocessingOp {
  public var normalization: Normalization? { nil }
}

/// A step that changes the values of pixels and nothing's place.
protocol ValueOp: PreprocessingOp {
  func apply(to image: Image) throws -> Image
}

extension ValueOp {
  public func apply(to sample: Sample) throws -> Sample {
    var sample = sample
    sample.image = try apply(to: sample.image)
    return sample
  }
}

/// Every preprocessing op by name.
public let preprocessingOps = Registry<any PreprocessingOp>(
  kind: "preprocessing op",
  [
    .init(ResizeOp.self) { $0 },
    .init(LetterboxOp.self) { $0 },
    .init(CropOp.self) { $0 },
    .init(BorderOp.self) { $0 },
    .init(FlipOp.self) { $0 },
    .init(GrayOp.self) { $0 },
    .init(ColorSpaceOp.self) { $0 },
    .init(SwapChannelsOp.self) { $0 },
    .init(ConvertScaleOp.self) { $0 },
    .init(GammaOp.self) { $0 },
    .init(SaturationOp.self) { $0 },
    .init(EqualizeHistOp.self) { $0 },
    .init(CLAHEOp.self) { $0 },
    .init(GaussianBlurOp.self) { $0 },
    .init(MedianBlurOp.self) { $0 },
    .init(LabelMapOp.self) { $0 },
    .init(NormalizeOp.self) { $0 },
  ])
