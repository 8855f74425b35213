/// An 8-bit image, channels last: `pixels[(y * width + x) * channels + c]`, colour as RGB(A).
///
/// A label mask is an image of one channel that holds class indices, 255 meaning "ignore".
public struct Image: Equatable, Sendable {
  public let width: Int
  public let height: Int
  /// 1 (gray or class indices), 3 (RGB) or 4 (RGBA).
  public let channels: Int
  public var pixels: [UInt8]

  public init(width: Int, height: Int, channels: Int, pixels: [UInt8]) {
    precondition(
      pixels.count == width * height * channels,
      "Image: \(pixels.count) bytes for \(width)×\(height)×\(channels)")
    self.width = width
    self.height = height
    self.channels = channels
    self.pixels = pixels
  }

  public init(width: Int, height: Int, channels: Int, filledWith value: UInt8 = 0) {
    self.init(
      width: width, height: height, channels: channels,
      pixels: [UInt8](repeating: value, count: width * height * channels))
  }
}

extension Image: CustomStringConvertible {
  /// The size, not the pixels: `640×480×3`.
  public var description: String { "\(width)×\(height)×\(channels)" }
}
