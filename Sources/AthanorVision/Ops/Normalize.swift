import AthanorKernels

/// The mean and standard deviation of each channel, in units of 0…1, which become 0 and 1.
public struct Normalization: Equatable, Codable, Sendable {
  public var mean: [Float]
  public var std: [Float]

  public init(mean: [Float], std: [Float]) {
    precondition(
      mean.count == std.count && std.allSatisfy { $0 > 0 },
      "Normalization: \(mean.count) means, standard deviations \(std)")
    self.mean = mean
    self.std = std
  }

  /// The statistics of ImageNet that torchvision's backbones are trained with.
  public static let imageNet = Normalization(
    mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225])
}

/// `dst = (src − 255·mean) · 1/(255·std)` as floats, channels last, with zeros (the mean colour)
/// right of and below the image.
///
/// Shapes: `dst` holds `height`×`width`×channels floats, no smaller than `src`: a slot of a batch.
/// Parity: OpenCV's float subtraction and multiplication, equal to the last bit.
public func normalize(
  _ src: Pixels, _ normalization: Normalization, into dst: UnsafeMutablePointer<Float>,
  width: Int, height: Int
) {
  let channels = src.channels
  precondition(
    normalization.mean.count == channels && width >= src.width && height >= src.height,
    "normalize: \(src.width)×\(src.height)×\(channels) with \(normalization.mean.count) means "
      + "into \(width)×\(height)")
  nonisolated(unsafe) let dst = dst
  let table = NormalizationTable(normalization)
  let filled = src.width * channels
  parallelRanges(height, grain: rowGrain(5 * width * channels)) { rows in
    for y in rows {
      let to = dst + y * width * channels
      if y < src.height {
        table.apply(src.row(y), to, filled)
        (to + filled).update(repeating: 0, count: width * channels - filled)
      } else {
        to.update(repeating: 0, count: width * channels)
      }
    }
  }
}

extension Image {
  /// Writes the normalised image into a slot of `height`×`width`×channels floats; see `normalize`.
  public func normalized(
    _ normalization: Normalization = .imageNet, into dst: UnsafeMutableBufferPointer<Float>,
    width: Int? = nil, height: Int? = nil
  ) {
    let (width, height) = (width ?? self.width, height ?? self.height)
    precondition(
      dst.count >= width * height * channels,
      "normalized: \(width)×\(height)×\(channels) into \(dst.count) floats")
    guard let base = dst.baseAddress else { return }
    withPixels { normalize($0, normalization, into: base, width: width, height: height) }
  }

  /// Writes a mask of one channel into a slot of `height`×`width` bytes, `value` (ignore)
  /// around it.
  public func padded(
    into dst: UnsafeMutableBufferPointer<UInt8>, width: Int, height: Int, value: UInt8 = 255
  ) {
    precondition(
      channels == 1 && dst.count >= width * height && width >= self.width && height >= self.height,
      "padded: \(self) into \(width)×\(height) of \(dst.count) bytes")
    guard let base = dst.baseAddress else { return }
    let canvas = MutablePixels(base: base, width: width, height: height, channels: 1)
    withPixels { border($0, into: canvas, x: 0, y: 0, value: [value]) }
  }
}
