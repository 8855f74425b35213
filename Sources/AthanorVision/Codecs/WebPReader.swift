import AthanorCore
import CWebP

/// Decodes a WebP to the pixels of `cv::imread`, which ignores alpha and EXIF orientation.
func decodeWebP(_ bytes: [UInt8], name: String, toGray: Bool, pixelLimit: Int) throws -> Image {
  let image = try decodeWebP(bytes, try WebPHeader(bytes, name: name), name, pixelLimit)
  return toGray ? image.grayed() : image
}

/// The colours of a lossless WebP as stored.
func storedWebP(_ bytes: [UInt8], name: String, pixelLimit: Int) throws -> StoredImage {
  let header = try WebPHeader(bytes, name: name)
  guard header.isLossless else { throw lossyLabel("a lossy WebP", name) }
  let image = try decodeWebP(bytes, header, name, pixelLimit)
  return StoredImage(
    kind: .webp, width: image.width, height: image.height, channels: 3,
    samples: .bytes(image.pixels))
}

/// The header of a WebP.
struct WebPHeader {
  let width: Int
  let height: Int
  let hasAlpha: Bool
  let isLossless: Bool
  let isAnimated: Bool

  /// `bytes` may be the start of a file; whether it is lossless may then be unknown.
  init(_ bytes: [UInt8], name: String) throws {
    var features = WebPBitstreamFeatures()
    guard WebPGetFeatures(bytes, bytes.count, &features) == VP8_STATUS_OK else {
      throw ContentError(
        path: name, expected: "a WebP image", received: "a file damaged before its image size")
    }
    width = Int(features.width)
    height = Int(features.height)
    hasAlpha = features.has_alpha != 0
    isLossless = features.format == 2
    isAnimated = features.has_animation != 0
  }
}

private func decodeWebP(
  _ bytes: [UInt8], _ header: WebPHeader, _ name: String, _ pixelLimit: Int
) throws -> Image {
  guard !header.isAnimated else {
    throw ContentError(
      path: name, expected: "a WebP of one image", received: "an animated one: save its frames")
  }
  // An image of one colour takes no bits: only the limit bounds the size.
  try checkHeader(
    width: header.width, height: header.height, encodedBytes: bytes.count, bestRatio: .max,
    name: name, pixelLimit: pixelLimit)
  let size = header.width * header.height * 3
  let pixels = try [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
    guard
      WebPDecodeRGBInto(bytes, bytes.count, buffer.baseAddress, size, Int32(3 * header.width))
        != nil
    else {
      throw ContentError(
        path: name, expected: "an undamaged WebP image", received: "damaged or missing data")
    }
    count = size
  }
  return Image(width: header.width, height: header.height, channels: 3, pixels: pixels)
}
