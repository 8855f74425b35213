import AthanorCore

/// Fits the image into the middle of a canvas with its aspect unchanged; masks are 255 around it.
public struct LetterboxOp: PreprocessingOp {
  public struct Options: Codable, Sendable, DefaultInitializable {
    /// Pixels.
    public var width = 640
    public var height = 640
    public var interpolation = Interpolation.linear
    /// Around the image, 0…255: one number, or one per channel.
    public var value = [114]

    public init() {}
  }

  public static let name = "letterbox"
  public static let summary = "fits into a canvas, aspect kept, a border around it"
  public static let source = "cv::resize and cv::copyMakeBorder"

  private let options: Options

  public init(_ options: Options) throws {
    try Check.pixels(options.width, "width")
    try Check.pixels(options.height, "height")
    try Check.bytes(options.value, "value")
    self.options = options
  }

  /// With the default of each option that is not given.
  public init(
    width: Int = Options().width, height: Int = Options().height,
    interpolation: Interpolation = Options().interpolation, value: [Int] = Options().value
  ) throws {
    var options = Options()
    options.width = width
    options.height = height
    options.interpolation = interpolation
    options.value = value
    try self.init(options)
  }

  public func apply(to sample: Sample) throws -> Sample {
    let value = try Check.bytes(options.value, for: sample.image.channels, "letterbox.value")
    let place = LetterboxPlacement(
      source: (sample.image.width, sample.image.height), canvas: (options.width, options.height))
    func fitted(_ image: Image, _ interpolation: Interpolation, _ value: [UInt8]) -> Image {
      image.letterboxed(
        width: options.width, height: options.height, interpolation, value: value
      ).image
    }
    var sample = sample
    sample.image = fitted(sample.image, options.interpolation, value)
    sample.mask = sample.mask.map { fitted($0, .nearest, [255]) }
    sample.boxes = sample.boxes?.map(place.placed)
    return sample
  }

  public func normalized(
    _ image: Image, _ normalization: Normalization
  ) throws -> NumericArray? {
    let normalization = try Check.normalization(normalization, for: image)
    let value = try Check.bytes(options.value, for: image.channels, "letterbox.value")
    let count = options.width * options.height * image.channels
    let values = [Float](unsafeUninitializedCapacity: count) { buffer, filled in
      if let base = buffer.baseAddress {
        _ = image.withPixels {
          letterboxNormalize(
            $0, options.interpolation, value: value, normalization, into: base,
            width: options.width, height: options.height)
        }
      }
      filled = count
    }
    return NumericArray(values, shape: [options.height, options.width, image.channels])
  }
}
