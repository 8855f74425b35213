import CSPNG

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Encodes gray, RGB, RGBA, or indices with a palette of RGB triples.
func encodePNG(_ image: Image, name: String, palette: [UInt8]?) throws -> [UInt8] {
  func failed(_ expected: String, _ received: String) -> ImageFileError {
    ImageFileError(path: name, expected: expected, received: received)
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
  guard let context = spng_ctx_new(Int32(SPNG_CTX_ENCODER.rawValue)) else {
    throw failed("a PNG encoder", "no memory for one")
  }
  defer { spng_ctx_free(context) }
  func check(_ status: Int32) throws {
    guard status == 0 else {
      throw failed(
        "an image that PNG can hold",
        "\(image.width)×\(image.height)×\(image.channels) (\(String(cString: spng_strerror(status))))"
      )
    }
  }
  let colorType =
    palette != nil
    ? SPNG_COLOR_TYPE_INDEXED
    : image.channels == 1
      ? SPNG_COLOR_TYPE_GRAYSCALE
      : image.channels == 3 ? SPNG_COLOR_TYPE_TRUECOLOR : SPNG_COLOR_TYPE_TRUECOLOR_ALPHA
  var header = spng_ihdr()
  header.width = UInt32(clamping: image.width)
  header.height = UInt32(clamping: image.height)
  header.bit_depth = 8
  header.color_type = UInt8(colorType.rawValue)
  try check(spng_set_option(context, SPNG_ENCODE_TO_BUFFER, 1))
  // Indices compress best unfiltered; photographs gain little above level 3 and take far longer.
  try check(
    spng_set_option(
      context, SPNG_IMG_COMPRESSION_LEVEL, palette == nil && image.channels > 1 ? 3 : 6))
  if image.channels == 1 {
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
      context, image.pixels, image.pixels.count, Int32(SPNG_FMT_PNG.rawValue),
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
