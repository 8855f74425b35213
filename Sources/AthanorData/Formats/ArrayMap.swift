import AthanorCore
import AthanorVision

/// A NumPy file with one value or three for each pixel: `[H, W, C]` or `[C, H, W]`; with one
/// channel also `[H, W]`.
struct ArrayMap: Sendable {
  let path: String
  let width: Int
  let height: Int
  let channels: Int
  /// Whether the file contains bytes.
  let isBytes: Bool
  /// Channels last.
  let values: [Float]

  /// Errors: throws `FileError`, and `ContentError`, for another shape too.
  init(contentsOf path: String, channels: Int) throws {
    let array = try NumPyFile.read(path)
    let shape = array.shape
    let isLast = shape.count == 3 && shape[2] == channels
    let isFirst = !isLast && shape.count == 3 && shape[0] == channels
    guard isLast || isFirst || (channels == 1 && shape.count == 2), array.count > 0 else {
      throw ContentError(
        path: path,
        expected: "an array of shape [height, width, \(channels)] or [\(channels), height, width]"
          + (channels == 1 ? " or [height, width]" : ""),
        received: "\(shape)")
    }
    self.path = path
    self.channels = channels
    (height, width) = isFirst ? (shape[1], shape[2]) : (shape[0], shape[1])
    isBytes = array.type == .u8
    let stored = array.floats()
    guard isFirst, channels > 1 else {
      values = stored
      return
    }
    let area = width * height
    values = [Float](unsafeUninitializedCapacity: stored.count) { buffer, filled in
      for c in 0..<channels {
        for i in 0..<area { buffer[i * channels + c] = stored[c * area + i] }
      }
      filled = stored.count
    }
  }

  /// The range of an image's values.
  enum Range: Sendable {
    case one, bytes
  }

  /// The range that the largest value indicates: 0…1 up to 1.
  var range: Range { isBytes || (values.max() ?? 0) > 1.01 ? .bytes : .one }

  /// The image in 8 bits: each value rounded, of 0…1 multiplied by 255 before.
  ///
  /// Errors: throws `ContentError` for a value out of the range, as a normalised image has.
  func image(_ range: Range) throws -> Image {
    let (limit, scale, slack): (Float, Float, Float) =
      range == .one ? (1, 255, 0.01) : (255, 1, 0.5)
    // An image of 0…1 among others of 0…255 would be black.
    let isDark = range == .bytes && !isBytes && self.range == .one
    if isDark, let fraction = values.first(where: { $0 > 0 && $0 != 1 }) {
      throw ContentError(
        path: path, expected: "an image in 0…255, as others of the set", received: "\(fraction)")
    }
    let pixels = try values.map { value -> UInt8 in
      guard value >= -slack, value <= limit + slack else {
        throw ContentError(
          path: path, expected: "an image in 0…1 or 0…255, one of them in all files",
          received: "\(value)")
      }
      return UInt8(min(max(value * scale, 0), 255).rounded())
    }
    return Image(width: width, height: height, channels: channels, pixels: pixels)
  }
}
