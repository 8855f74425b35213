import AthanorCore

/// Floats (v − 255·mean) / (255·std), channels last: the last step, written as `.npy`.
public struct NormalizeOp: PreprocessingOp {
  public struct Options: Codable, Sendable, DefaultInitializable {
    /// Of the values 0…1, per channel; ImageNet's by default.
    public var mean = Normalization.imageNet.mean
    public var std = Normalization.imageNet.std

    public init() {}
  }

  public static let name = "normalize"
  public static let summary = "floats of mean 0 and deviation 1 a channel, written as .npy"
  public static let source = "torchvision's Normalize after ToTensor, channels last"

  public let normalization: Normalization?

  public init(_ options: Options) throws {
    guard options.mean.count == options.std.count,
      (options.mean + options.std).allSatisfy(\.isFinite), options.std.allSatisfy({ $0 > 0 })
    else {
      throw SettingsError(
        key: "std", expected: "as many positive numbers as means", received: "\(options.std)")
    }
    normalization = Normalization(mean: options.mean, std: options.std)
  }

  /// With the default of each option that is not given.
  public init(mean: [Float] = Options().mean, std: [Float] = Options().std) throws {
    var options = Options()
    options.mean = mean
    options.std = std
    try self.init(options)
  }

  public func apply(to sample: Sample) -> Sample { sample }

  public var givesArray: Bool { true }

  public func array(of image: Image) throws -> NumericArray {
    let normalization = try Check.normalization(self.normalization, for: image)
    let count = image.width * image.height * image.channels
    let values = [Float](unsafeUninitializedCapacity: count) { buffer, filled in
      image.normalized(normalization, into: buffer, width: image.width, height: image.height)
      filled = count
    }
    return NumericArray(values, shape: [image.height, image.width, image.channels])
  }
}
