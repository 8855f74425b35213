import AthanorCore
import CSPNG

/// Decodes a PNG to the pixels of `cv::imread`.
///
/// libspng decodes the samples as stored; the transformations that OpenCV requests from libpng
/// (palette lookup, dropped alpha, the high byte of 16 bits, gray from colour) are done here.
func decodePNG(_ bytes: [UInt8], name: String, toGray: Bool, pixelLimit: Int) throws -> Image {
  try withPNG(bytes, name: name, pixelLimit: pixelLimit) { context, layout, samples in
    let colors = layout.isPalette ? padded(palette(context)) : []
    let pixels =
      toGray
      ? layout.gray(samples, colors, gamma: gamma(context)) : layout.color(samples, colors)
    let image = Image(
      width: layout.width, height: layout.height, channels: toGray ? 1 : 3, pixels: pixels)
    return image.oriented(orientation(context))
  }
}

/// The samples of a PNG as stored.
func storedPNG(_ bytes: [UInt8], name: String, pixelLimit: Int) throws -> StoredImage {
  try withPNG(bytes, name: name, pixelLimit: pixelLimit) { context, layout, samples in
    StoredImage(
      kind: .png, width: layout.width, height: layout.height, channels: layout.channels,
      samples: layout.stored(samples), palette: layout.isPalette ? palette(context) : nil,
      orientation: orientation(context))
  }
}

/// Decodes a whole PNG, passes its samples to `body` in rows as stored, and throws where it is
/// damaged.
private func withPNG<Result>(
  _ bytes: [UInt8], name: String, pixelLimit: Int,
  _ body: (OpaquePointer, PNGLayout, [UInt8]) throws -> Result
) throws -> Result {
  guard let context = spng_ctx_new(0) else {
    throw ContentError(path: name, expected: "a PNG decoder", received: "no memory for one")
  }
  defer { spng_ctx_free(context) }
  return try bytes.withUnsafeBytes { file in
    func check(_ status: Int32) throws {
      guard status == 0 else {
        throw ContentError(
          path: name, expected: "an undamaged PNG image",
          received: "damaged data (\(String(cString: spng_strerror(status))))")
      }
    }
    try check(
      spng_set_crc_action(
        context, Int32(SPNG_CRC_ERROR.rawValue), Int32(SPNG_CRC_DISCARD.rawValue)))
    try check(spng_set_chunk_limits(context, 64 << 20, 128 << 20))
    try check(spng_set_png_buffer(context, file.baseAddress, file.count))
    var header = spng_ihdr()
    try check(spng_get_ihdr(context, &header))
    let layout = PNGLayout(header)
    // Deflate uses at least one bit for 129 bytes of samples.
    try checkHeader(
      width: layout.width, height: layout.height, encodedBytes: bytes.count,
      bestRatio: 1032 * 8 / layout.bitsPerPixel + 1, name: name, pixelLimit: pixelLimit)
    try checkChunks(file, name)

    // libspng sets the bits of interlaced rows one by one in memory that it assumes to be zero.
    var samples =
      layout.depth < 8
      ? [UInt8](repeating: 0, count: layout.byteCount)
      : [UInt8](unsafeUninitializedCapacity: layout.byteCount) { $1 = layout.byteCount }
    try check(
      samples.withUnsafeMutableBytes {
        spng_decode_image(context, $0.baseAddress, $0.count, Int32(SPNG_FMT_PNG.rawValue), 0)
      })
    try check(spng_decode_chunks(context))
    return try body(context, layout, samples)
  }
}

/// The file's palette as RGB triples.
private func palette(_ context: OpaquePointer) -> [UInt8] {
  var chunk = spng_plte()
  guard spng_get_plte(context, &chunk) == 0 else { return [] }
  return withUnsafeBytes(of: &chunk.entries) { entries in
    (0..<Int(min(chunk.n_entries, 256))).flatMap { entries[(4 * $0)..<(4 * $0 + 3)] }
  }
}

/// A palette of 256 colours; missing entries are black, as in libpng.
func padded(_ palette: [UInt8]) -> [UInt8] {
  palette + [UInt8](repeating: 0, count: max(0, 768 - palette.count))
}

/// The file's gamma times 100,000, or `nil` where it has none or one that libpng rejects.
private func gamma(_ context: OpaquePointer) -> Int? {
  var intent: UInt8 = 0
  if spng_get_srgb(context, &intent) == 0 { return 45455 }
  var gamma: UInt32 = 0
  guard spng_get_gama_int(context, &gamma) == 0, (16...625_000_000).contains(gamma) else {
    return nil
  }
  return Int(gamma)
}

private func orientation(_ context: OpaquePointer) -> Int {
  var chunk = spng_exif()
  guard spng_get_exif(context, &chunk) == 0, let data = chunk.data else { return 1 }
  return exifOrientation(UnsafeRawBufferPointer(start: data, count: chunk.length))
}
