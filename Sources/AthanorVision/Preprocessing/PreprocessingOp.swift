import AthanorCore

/// A deterministic step of preprocessing: image, mask and boxes are changed consistently. The
/// counterpart of `Augmentation`, for files.
public protocol PreprocessingOp: Registered, Sendable {
  /// Throws `SettingsError` where the options do not fit the sample, `UnknownColorError`.
  func apply(to sample: Sample) throws -> Sample
  /// Whether the op ends a pipeline with an array of numbers instead of bytes.
  var givesArray: Bool { get }
  /// The array that such an op makes of an image.
  func array(of image: Image) throws -> NumericArray
  /// The op as a normalisation, which can be fused with the step before it.
  var normalization: Normalization? { get }
  /// This op fused with a normalisation after it; nil where that is not faster.
  func normalized(_ image: Image, _ normalization: Normalization) throws -> NumericArray?
}

extension PreprocessingOp {
  public var givesArray: Bool { false }
  public func array(of image: Image) throws -> NumericArray {
    NumericArray(image.pixels, shape: [image.height, image.width, image.channels])
  }
  public var normalization: Normalization? { nil }
  public func normalized(_ image: Image, _ normalization: Normalization) -> NumericArray? { nil }
}

/// A step that changes the values of pixels, and no positions.
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
    .init(WarpAffineOp.self) { $0 },
    .init(WarpPerspectiveOp.self) { $0 },
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
    .init(EraseOp.self) { $0 },
    .init(GridMaskOp.self) { $0 },
    .init(LabelMapOp.self) { $0 },
    .init(DistanceTransformOp.self) { $0 },
    .init(ConnectedComponentsOp.self) { $0 },
    .init(NormalizeOp.self) { $0 },
  ])

extension Registry<any PreprocessingOp> {
  /// Adds a preprocessing op of one's own, under its name.
  public func register<T: PreprocessingOp>(_ type: T.Type) { add(.init(type) { $0 }) }
}
