import AthanorCore

/// Changes brightness, contrast and saturation at random, each by its own factor.
///
/// Brightness b and contrast c are one step, `b·(c·v + (1 − c)·m)` with the image's mean gray m;
/// then `saturate` by an amount from −s to s.
public struct ColorJitter: Augmentation {
  public struct Options: Codable, Sendable, DefaultInitializable {
    public var probability = 0.8
    /// b is drawn from 1 − brightness to 1 + brightness.
    public var brightness = 0.3
    /// c is drawn from 1 − contrast to 1 + contrast.
    public var contrast = 0.3
    /// The largest change of saturation.
    public var saturation = 0.3

    public init() {}
  }

  public static let name = "color_jitter"
  public static let summary = "random brightness, contrast and saturation"
  public static let source = "common practice (as torchvision's ColorJitter, hue apart)"

  private let options: Options

  public init(_ options: Options) throws {
    try Check.probability(options.probability, "probability")
    try Check.probability(options.brightness, "brightness")
    try Check.probability(options.contrast, "contrast")
    try Check.probability(options.saturation, "saturation")
    self.options = options
  }

  /// With the default of each option that is not given.
  public init(
    probability: Double = Options().probability, brightness: Double = Options().brightness,
    contrast: Double = Options().contrast, saturation: Double = Options().saturation
  ) throws {
    var options = Options()
    options.probability = probability
    options.brightness = brightness
    options.contrast = contrast
    options.saturation = saturation
    try self.init(options)
  }

  public func apply(to sample: Sample, epoch: Int, using generator: inout Generator) -> Sample {
    guard generator.chance(options.probability) else { return sample }
    let b = generator.uniform(1 - options.brightness, 1 + options.brightness)
    let c = generator.uniform(1 - options.contrast, 1 + options.contrast)
    let s = Float(generator.uniform(-options.saturation, options.saturation))
    var sample = sample
    sample.image = sample.image.scaled(alpha: b * c, beta: b * (1 - c) * sample.image.meanGray)
    if s != 0, sample.image.channels == 3 { sample.image = sample.image.saturated(by: s) }
    return sample
  }
}

extension Image {
  /// The mean gray level, 0…255.
  var meanGray: Double {
    guard !pixels.isEmpty else { return 0 }
    let step = channels
    var (r, g, b) = (0, 0, 0)
    pixels.withUnsafeBufferPointer { pixels in
      if step == 1 {
        for value in pixels { r &+= Int(value) }
      } else {
        for i in stride(from: 0, to: pixels.count, by: step) {
          r &+= Int(pixels[i])
          g &+= Int(pixels[i &+ 1])
          b &+= Int(pixels[i &+ 2])
        }
      }
    }
    let count = Double(width * height)
    guard channels >= 3 else { return Double(r) / count }
    return (0.299 * Double(r) + 0.587 * Double(g) + 0.114 * Double(b)) / count
  }
}
