import AthanorCore
import CSPNG

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Encodes gray, RGB, RGBA, or indices with a palette of RGB triples.
func encodePNG(_ image: Image, name: String, palette: [UInt8]?) throws -> [UInt8] {
  func failed(_ expected: String, _ received: String) -> ContentError {
    ContentError(path: name, expected: expected, received: received)
  }
  if let palette {
    guard image.channels == 1 else {
      throw failed("one channel of indices with a palette", "\(image.channels) channels")
    }
    guard palette.count % 3 == 0, (1...256).contains(palette.count / 3) else {
      throw failed("a palette of 1 to 256 RGB triples", "\(palette.count) bytes")
    }
    if let highest = image.pixels.max(), Int(highest) >= palette.count / 3 {
      throw failed("indices below the palette's \(palette.count / 3) colours", "index \(highest)")
    }
  }
  let colorType =
    palette != nil
    ? SPNG_COLOR_TYPE_INDEXED
    : image.channels == 1
      ? SPNG_COLOR_TYPE_GRAYSCALE
      : image.channels == 3 ? SPNG_COLOR_TYPE_TRUECOLOR : SPNG_COLOR_TYPE_TRUECOLOR_ALPHA
  return try image.pixels.withUnsafeBytes {
    try encodePNG(
      $0, image.width, image.height, colorType, depth: 8, palette: palette, name: name)
  }
}

/// Encodes 16-bit gray, gray with alpha, RGB or RGBA.
func encodePNG(_ image: Image16, name: String) throws -> [UInt8] {
  let types = [
    SPNG_COLOR_TYPE_GRAYSCALE, SPNG_COLOR_TYPE_GRAYSCALE_ALPHA, SPNG_COLOR_TYPE_TRUECOLOR,
    SPNG_COLOR_TYPE_TRUECOLOR_ALPHA,
  ]
  guard (1...4).contains(image.channels) else {
    throw ContentError(
      path: name, expected: "an image of 1 to 4 channels", received: "\(image.channels) channels")
  }
  return try image.pixels.withUnsafeBytes {
    try encodePNG(
      $0, image.width, image.height, types[image.channels - 1], depth: 16, palette: nil, name: name)
  }
}

/// Encodes samples in the machine's byte order.
private func encodePNG(
  _ samples: UnsafeRawBufferPointer, _ width: Int, _ height: Int, _ colorType: spng_color_type,
  depth: Int, palette: [UInt8]?, name: String
) throws -> [UInt8] {
  guard let context = spng_ctx_new(Int32(SPNG_CTX_ENCODER.rawValue)) else {
    throw ContentError(path: name, expected: "a PNG encoder", received: "no memory for one")
  }
  defer { spng_ctx_free(context) }
  func check(_ status: Int32) throws {
    guard status == 0 else {
      throw ContentError(
        path: name, expected: "an image that PNG can hold",
        received: "\(width)×\(height) of \(depth) bits (\(String(cString: spng_strerror(status))))")
    }
  }
  var header = spng_ihdr()
  header.width = UInt32(clamping: width)
  header.height = UInt32(clamping: height)
  header.bit_depth = UInt8(depth)
  header.color_type = UInt8(colorType.rawValue)
  try check(spng_set_option(context, SPNG_ENCODE_TO_BUFFER, 1))
  // Indices compress best unfiltered; photographs shrink little above level 3, and take far longer.
  let isColor =
    colorType == SPNG_COLOR_TYPE_TRUECOLOR || colorType == SPNG_COLOR_TYPE_TRUECOLOR_ALPHA
  try check(spng_set_option(context, SPNG_IMG_COMPRESSION_LEVEL, isColor ? 3 : 6))
  if !isColor {
    try check(
      spng_set_option(context, SPNG_FILTER_CHOICE, palette == nil ? 8 | 16 | 32 : 8))
  }
  try check(spng_set_ihdr(context, &header))
  if let palette {
    var entries = spng_plte()
    entries.n_entries = UInt32(palette.count / 3)
    withUnsafeMutableBytes(of: &entries.entries) { bytes in
      for i in 0..<(palette.count / 3) {
        for c in 0..<3 { bytes[4 * i + c] = palette[3 * i + c] }
      }
    }
    try check(spng_set_plte(context, &entries))
  }
  try check(
    spng_encode_image(
      context, samples.baseAddress, samples.count, Int32(SPNG_FMT_PNG.rawValue),
      Int32(SPNG_ENCODE_FINALIZE.rawValue)))
  var size = 0
  var status: Int32 = 0
  guard let buffer = spng_get_png_buffer(context, &size, &status) else {
    try check(status)
    return []
  }
  defer { free(buffer) }
  return [UInt8](UnsafeRawBufferPointer(start: buffer, count: size))
}
