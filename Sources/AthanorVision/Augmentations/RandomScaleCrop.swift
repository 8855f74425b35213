import AthanorCore

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Zooms in or out at random without changing the size: a random part is enlarged, or the whole
/// image is shrunk and placed at random.
///
/// The logarithm of the scale is drawn uniformly. Around a shrunk image the mask is 255 and the
/// image has the mean colour. Boxes are clipped, and dropped where a smaller share than
/// `visibility` is left.
public struct RandomScaleCrop: Augmentation {
  public struct Options: Codable, Sendable, DefaultInitializable {
    public var probability = 1.0
    /// The smallest and largest enlargement.
    public var scale = [0.5, 2.0]
    /// The share of a box that must be left.
    public var visibility = 0.25
    /// Whether depths are divided by the scale: enlarged objects appear nearer.
    public var scaleDepth = true

    public init() {}

    private enum CodingKeys: String, CodingKey {
      case probability, scale, visibility
      case scaleDepth = "scale_depth"
    }
  }

  public static let name = "random_scale_crop"
  public static let summary = "zooms in to a random part, or out, at the same size"
  public static let source = "common practice (scale jitter of DeepLab, SSD and FCOS)"

  private let options: Options

  public init(_ options: Options) throws {
    try Check.probability(options.probability, "probability")
    try Check.probability(options.visibility, "visibility")
    try Check.range(options.scale, "scale", within: 0.05...20)
    self.options = options
  }

  /// With the default of each option that is not given.
  public init(
    probability: Double = Options().probability, scale: [Double] = Options().scale,
    visibility: Double = Options().visibility, scaleDepth: Bool = Options().scaleDepth
  ) throws {
    var options = Options()
    options.probability = probability
    options.scale = scale
    options.visibility = visibility
    options.scaleDepth = scaleDepth
    try self.init(options)
  }

  public func apply(to sample: Sample, epoch: Int, using generator: inout Generator) -> Sample {
    guard generator.chance(options.probability) else { return sample }
    let scale = exp(generator.uniform(log(options.scale[0]), log(options.scale[1])))
    let window = Window(
      width: sample.image.width, height: sample.image.height, scale: scale, using: &generator)
    return sample.cut(
      to: window, visibility: options.visibility, depthFactor: options.scaleDepth ? scale : 1)
  }
}

extension Window {
  /// A random part of an image to be enlarged to its size, or the whole to be shrunk and placed at
  /// random.
  fileprivate init(width: Int, height: Int, scale: Double, using generator: inout Generator) {
    self = .whole(width, height, to: (width, height))
    func scaled(_ length: Int, _ factor: Double) -> Int {
      min(length, max(1, Int((Double(length) * factor).rounded())))
    }
    if scale >= 1 {
      (from.width, from.height) = (scaled(width, 1 / scale), scaled(height, 1 / scale))
      from.x = generator.integer(in: 0..<(width - from.width + 1))
      from.y = generator.integer(in: 0..<(height - from.height + 1))
    } else {
      (to.width, to.height) = (scaled(width, scale), scaled(height, scale))
      to.x = generator.integer(in: 0..<(width - to.width + 1))
      to.y = generator.integer(in: 0..<(height - to.height + 1))
    }
  }
}
