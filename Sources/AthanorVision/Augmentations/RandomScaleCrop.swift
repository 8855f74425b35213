import AthanorCore

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Zooms in or out at random and keeps the size: a random part enlarged, or the whole image shrunk
/// to a random place.
///
/// The scale is drawn evenly in its logarithm. Around a shrunk image the mask is 255 and the image
/// has the mean colour. Boxes are clipped, and dropped where less than `visibility` of them stays.
public struct RandomScaleCrop: Augmentation {
  public struct Options: Codable, Sendable, DefaultInitializable {
    public var probability = 1.0
    /// The smallest and largest enlargement.
    public var scale = [0.5, 2.0]
    /// The share of a box that must stay in the picture.
    public var visibility = 0.25

    public init() {}
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

  public func apply(to sample: Sample, epoch: Int, using generator: inout Generator) -> Sample {
    guard generator.chance(options.probability) else { return sample }
    let scale = exp(generator.uniform(log(options.scale[0]), log(options.scale[1])))
    let window = Window(
      width: sample.image.width, height: sample.image.height, scale: scale, using: &generator)
    var sample = sample
    sample.image = window.apply(to: sample.image, .linear, around: neutralColor)
    sample.mask = sample.mask.map { window.apply(to: $0, .nearest, around: [255]) }
    sample.boxes = sample.boxes?.map(window.placed).clipped(
      width: sample.image.width, height: sample.image.height, visibility: options.visibility)
    return sample
  }
}

/// A part of an image and the part of an equally large canvas that it is resized to.
private struct Window {
  /// The part of the source.
  var from: (x: Int, y: Int, width: Int, height: Int)
  /// The part of the canvas.
  var to: (x: Int, y: Int, width: Int, height: Int)

  init(width: Int, height: Int, scale: Double, using generator: inout Generator) {
    from = (0, 0, width, height)
    to = from
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

  func apply(to image: Image, _ interpolation: Interpolation, around value: [UInt8]) -> Image {
    Image(width: image.width, height: image.height, channels: image.channels) { dst in
      image.withPixels { src in
        if to.width < dst.width || to.height < dst.height {
          fill(dst, with: Array(value.prefix(image.channels)))
        }
        resize(
          src.cropped(x: from.x, y: from.y, width: from.width, height: from.height),
          into: dst.cropped(x: to.x, y: to.y, width: to.width, height: to.height), interpolation)
      }
    }
  }

  func placed(_ box: BoundingBox) -> BoundingBox {
    let scaleX = Float(to.width) / Float(from.width)
    let scaleY = Float(to.height) / Float(from.height)
    return BoundingBox(
      x1: (box.x1 - Float(from.x)) * scaleX + Float(to.x),
      y1: (box.y1 - Float(from.y)) * scaleY + Float(to.y),
      x2: (box.x2 - Float(from.x)) * scaleX + Float(to.x),
      y2: (box.y2 - Float(from.y)) * scaleY + Float(to.y), label: box.label)
  }
}
