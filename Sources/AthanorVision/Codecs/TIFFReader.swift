import AthanorCore
import CTIFF

/// Decodes the first image of a TIFF to the pixels of `cv::imread`: libtiff's 8-bit RGBA, whose
/// colour is multiplied by an unassociated alpha, with the alpha left out.
func decodeTIFF(_ bytes: [UInt8], name: String, toGray: Bool, pixelLimit: Int) throws -> Image {
  try withTIFF(bytes, name: name, pixelLimit: pixelLimit) { tiff, layout, check in
    let (width, height) = (Int(layout.width), Int(layout.height))
    let size = width * height * 4
    let rgba = try [UInt8](unsafeUninitializedCapacity: size) { pixels, count in
      try check(athanor_tiff_read_rgba(tiff, pixels.baseAddress))
      count = size
    }
    let image = Image(width: width, height: height, channels: 3, pixels: rgb(fromRGBA: rgba))
    return (toGray ? image.grayedByCodec() : image).oriented(Int(layout.orientation))
  }
}

/// The samples of the first image of a TIFF as stored, gray values rising from black.
func storedTIFF(_ bytes: [UInt8], name: String, pixelLimit: Int) throws -> StoredImage {
  let next = try TIFFHeader(bytes, name: name).nextDirectory
  guard next == 0 || (try? TIFFHeader(bytes, name: name, directory: next))?.isReduced != false
  else {
    throw ContentError(
      path: name, expected: "a label of one page", received: "a TIFF of several")
  }
  return try withTIFF(bytes, name: name, pixelLimit: pixelLimit) { tiff, layout, check in
    let (width, height) = (Int(layout.width), Int(layout.height))
    let (bits, samples) = (Int(layout.bits), Int(layout.samples))
    guard ![6, 7, 34712, 34887, 50001].contains(layout.compression) else {
      throw lossyLabel("a TIFF compressed as JPEG, WebP or the like", name)
    }
    let isGray = layout.photometric <= 1
    guard [1, 2, 4, 8, 16].contains(bits), layout.sample_format <= 2,
      isGray && samples <= 2 || layout.photometric == 3 && samples == 1 && bits <= 8
        || layout.photometric == 2 && (3...4).contains(samples)
    else {
      throw ContentError(
        path: name, expected: "gray, palette indices or RGB of 1, 2, 4, 8 or 16 bits a sample",
        received: "a TIFF of \(samples) × \(bits) bits"
          + (layout.sample_format == 3 ? " of floating point" : "")
          + ", photometric interpretation \(layout.photometric)")
    }
    let rowBytes = (width * bits * samples + 7) / 8
    var rows = [UInt8](repeating: 0, count: rowBytes * height)
    try check(athanor_tiff_read_samples(tiff, &rows, rowBytes))
    let isInverted = layout.photometric == 0
    let values: StoredImage.Samples
    if bits == 16 {
      values = .words(
        rows.withUnsafeBytes { bytes in
          bytes.bindMemory(to: UInt16.self).map { isInverted ? ~$0 : $0 }
        })
    } else {
      values = .bytes(
        unpack(
          rows, width: width * samples, height: height, bits: bits,
          inverting: isInverted ? UInt8((1 << bits) - 1) : 0))
    }
    return StoredImage(
      kind: .tiff, width: width, height: height, channels: samples, samples: values,
      palette: layout.photometric == 3 ? try palette(tiff, bits, check) : nil,
      orientation: Int(layout.orientation))
  }
}

/// One byte per sample from rows of 1, 2, 4 or 8 bits.
private func unpack(
  _ rows: [UInt8], width: Int, height: Int, bits: Int, inverting mask: UInt8
) -> [UInt8] {
  if bits == 8 { return mask == 0 ? rows : rows.map { $0 ^ mask } }
  let rowBytes = rows.count / height
  let top = UInt8((1 << bits) - 1)
  return [UInt8](unsafeUninitializedCapacity: width * height) { values, count in
    for y in 0..<height {
      for x in 0..<width {
        let bit = x * bits
        values[y * width + x] =
          (rows[y * rowBytes + bit >> 3] >> UInt8(8 - bits - bit & 7) & top) ^ mask
      }
    }
    count = width * height
  }
}

/// RGB triples. A map without values above 255 is read as one of 8 bits, as in libtiff.
private func palette(
  _ tiff: OpaquePointer, _ bits: Int, _ check: (Int32) throws -> Void
) throws -> [UInt8] {
  let count = 1 << bits
  var maps = [[UInt16]](repeating: [UInt16](repeating: 0, count: count), count: 3)
  var (red, green, blue) = (maps[0], maps[1], maps[2])
  try check(athanor_tiff_get_palette(tiff, count, &red, &green, &blue))
  maps = [red, green, blue]
  let shift: UInt16 = maps.allSatisfy { $0.allSatisfy { $0 < 256 } } ? 0 : 8
  return (0..<count).flatMap { i in maps.map { UInt8(truncatingIfNeeded: $0[i] >> shift) } }
}

/// Opens a TIFF of a valid size and passes `body` a check of libtiff's results.
private func withTIFF<Result>(
  _ bytes: [UInt8], name: String, pixelLimit: Int,
  _ body: (OpaquePointer, athanor_tiff_layout, (Int32) throws -> Void) throws -> Result
) throws -> Result {
  let header = try TIFFHeader(bytes, name: name)
  try checkHeader(
    width: header.width, height: header.height, encodedBytes: bytes.count,
    bestRatio: bestRatio(header), name: name, pixelLimit: pixelLimit)
  // A tile may be larger than a small image; a size larger than both is damaged.
  let limit = 64 << 20 + 16 * header.width * header.height + bytes.count
  return try bytes.withUnsafeBufferPointer { file in
    guard let tiff = athanor_tiff_open(file.baseAddress, file.count, limit) else {
      throw ContentError(path: name, expected: "a TIFF decoder", received: "no memory for one")
    }
    defer { athanor_tiff_close(tiff) }
    func check(_ status: Int32) throws {
      guard status == 0 else {
        let problem = String(cString: athanor_tiff_error(tiff))
        throw ContentError(
          path: name, expected: "an undamaged TIFF image of a usual kind",
          received: problem.isEmpty ? "undecodable data" : problem)
      }
    }
    var layout = athanor_tiff_layout()
    try check(athanor_tiff_get_layout(tiff, &layout))
    guard Int(layout.width) == header.width, Int(layout.height) == header.height else {
      throw ContentError(
        path: name, expected: "one image size", received: "a directory that states two")
    }
    return try body(tiff, layout, check)
  }
}

/// The largest number of pixels per byte of compressed data; unbounded for the fax codes, whose
/// white rows take one bit each, and for compressions without such a bound.
private func bestRatio(_ header: TIFFHeader) -> Int {
  switch header.compression {
  case 1: 8
  case 7: 1024
  case 5, 8, 32773, 32946: 4096 * 8
  default: .max
  }
}
