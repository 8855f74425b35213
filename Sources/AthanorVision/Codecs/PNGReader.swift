import CSPNG

/// Decodes a PNG to the pixels of `cv::imread`, or to its class indices.
///
/// libspng gives the samples as stored; what libpng's transformations would do with them for OpenCV
/// (palette lookup, alpha dropped, the high byte of 16 bits, gray from colour) is done here.
func decodePNG(_ bytes: [UInt8], name: String, as mode: ReadMode, pixelLimit: Int) throws -> Image {
  guard let context = spng_ctx_new(0) else {
    throw ImageFileError(path: name, expected: "a PNG decoder", received: "no memory for one")
  }
  defer { spng_ctx_free(context) }
  return try bytes.withUnsafeBytes { file in
    func check(_ status: Int32) throws {
      guard status == 0 else {
        throw ImageFileError(
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
    // Deflate spends at least one bit on 129 bytes of samples.
    try checkHeader(
      width: layout.width, height: layout.height, encodedBytes: bytes.count,
      bestRatio: 1032 * 8 / layout.bitsPerPixel + 1, name: name, pixelLimit: pixelLimit)
    if mode == .indices { try layout.checkIndices(name) }
    try checkChunks(file, name)

    // libspng sets the bits of interlaced rows one by one in memory that it takes to be zero.
    var samples =
      layout.depth < 8
      ? [UInt8](repeating: 0, count: layout.byteCount)
      : [UInt8](unsafeUninitializedCapacity: layout.byteCount) { $1 = layout.byteCount }
    try check(
      samples.withUnsafeMutableBytes {
        spng_decode_image(context, $0.baseAddress, $0.count, Int32(SPNG_FMT_PNG.rawValue), 0)
      })
    try check(spng_decode_chunks(context))

    let pixels: [UInt8]
    switch mode {
    case .indices: pixels = try layout.indices(samples, name)
    case .color: pixels = layout.color(samples, palette(context))
    case .gray: pixels = layout.gray(samples, palette(context), gamma: gamma(context))
    }
    let image = Image(
      width: layout.width, height: layout.height, channels: mode == .color ? 3 : 1, pixels: pixels)
    return image.oriented(orientation(context))
  }
}

/// 256 RGB triples; entries the file lacks are black, as in libpng.
private func palette(_ context: OpaquePointer) -> [UInt8] {
  var colors = [UInt8](repeating: 0, count: 768)
  var chunk = spng_plte()
  guard spng_get_plte(context, &chunk) == 0 else { return colors }
  withUnsafeBytes(of: &chunk.entries) { entries in
    for i in 0..<Int(min(chunk.n_entries, 256)) {
      for c in 0..<3 { colors[3 * i + c] = entries[4 * i + c] }
    }
  }
  return colors
}

/// The file's gamma times 100,000, or `nil` where it states none, or one that libpng will not have.
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
