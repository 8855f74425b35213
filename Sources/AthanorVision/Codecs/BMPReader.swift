import AthanorCore

/// Decodes a BMP to the pixels of `cv::imread`; alpha is ignored.
func decodeBMP(_ bytes: [UInt8], name: String, toGray: Bool, pixelLimit: Int) throws -> Image {
  let stored = try storedBMP(bytes, name: name, pixelLimit: pixelLimit, keepsGray: false)
  guard case .bytes(let samples) = stored.samples else { preconditionFailure("BMP: 16 bits") }
  let colors = stored.palette.map { PNGLayout.lookUp(samples, padded($0)) } ?? samples
  let image = Image(width: stored.width, height: stored.height, channels: 3, pixels: colors)
  return toGray ? image.grayedByCodec() : image
}

/// The palette indices of a BMP, its gray values where the palette is the gray ramp, or its
/// colours.
func storedBMP(
  _ bytes: [UInt8], name: String, pixelLimit: Int, keepsGray: Bool = true
) throws -> StoredImage {
  let header = try BMPHeader(bytes, name: name)
  // A run of two bytes is 255 pixels; a row may be left empty by two.
  try checkHeader(
    width: header.width, height: header.height, encodedBytes: bytes.count,
    bestRatio: header.compression == .none ? 8 : 4096, name: name, pixelLimit: pixelLimit)
  let samples: [UInt8]
  switch header.compression {
  case .runs: samples = try bmpRuns(bytes, header, name)
  case .none:
    guard header.offset <= bytes.count,
      header.rowBytes * header.height <= bytes.count - header.offset
    else {
      throw ContentError(
        path: name,
        expected: "the data of the \(header.width)×\(header.height) pixels in its header",
        received: "\(max(0, bytes.count - header.offset)) of "
          + "\(header.rowBytes * header.height) bytes")
    }
    samples = bytes.withUnsafeBufferPointer { rows(of: $0, header) }
  }
  return StoredImage(
    kind: .bmp, width: header.width, height: header.height, channels: header.bits <= 8 ? 1 : 3,
    samples: .bytes(samples),
    palette: header.bits > 8 || (keepsGray && header.isGray) ? nil : header.palette)
}

/// Indices or RGB triples of uncompressed rows, from the top.
private func rows(of bytes: UnsafeBufferPointer<UInt8>, _ header: BMPHeader) -> [UInt8] {
  let (width, height, bits) = (header.width, header.height, header.bits)
  let channels = bits <= 8 ? 1 : 3
  let size = width * height * channels
  return [UInt8](unsafeUninitializedCapacity: size) { pixels, count in
    for y in 0..<height {
      let start = header.offset + (header.isTopDown ? y : height - 1 - y) * header.rowBytes
      let row = UnsafeBufferPointer(rebasing: bytes[start..<(start + header.rowBytes)])
      var at = y * width * channels
      for x in 0..<width {
        if bits <= 8 {
          let bit = x &* bits
          let shift = UInt8(truncatingIfNeeded: 8 &- bits &- bit & 7)
          pixels[at] = row[bit >> 3] >> shift & UInt8(truncatingIfNeeded: (1 << bits) &- 1)
        } else if bits >= 24 {
          let step = bits / 8
          for c in 0..<3 { pixels[at &+ c] = row[x &* step &+ 2 &- c] }
        } else {
          // The five bits are the upper bits of their byte, as in OpenCV: white is 248.
          let value = UInt16(row[2 &* x]) | UInt16(row[2 &* x &+ 1]) << 8
          let green: (shift: UInt16, mask: UInt16) = bits == 15 ? (2, 0xF8) : (3, 0xFC)
          pixels[at] = UInt8(value >> (bits == 15 ? 7 : 8) & 0xF8)
          pixels[at &+ 1] = UInt8(value >> green.shift & green.mask)
          pixels[at &+ 2] = UInt8(value << 3 & 0xF8)
        }
        at &+= channels
      }
    }
    count = size
  }
}

/// Indices of RLE4 or RLE8 rows, from the top. Rows may end early, with zeros; a run that leaves
/// its row, pixels that are skipped and an early end are refused.
private func bmpRuns(_ bytes: [UInt8], _ header: BMPHeader, _ name: String) throws -> [UInt8] {
  func damaged(_ what: String, _ y: Int) -> ContentError {
    ContentError(
      path: name, expected: "whole rows of runs",
      received: "\(what) in row \(y) of \(header.height)")
  }
  let (width, height, isNibbles) = (header.width, header.height, header.bits == 4)
  var indices = [UInt8](repeating: 0, count: width * height)
  var (position, x, y) = (header.offset, 0, 0)
  func next() throws -> Int {
    guard position < bytes.count else { throw damaged("the end of the file", y) }
    position += 1
    return Int(bytes[position - 1])
  }
  while true {
    let (count, code) = (try next(), try next())
    if count == 0, code == 1 {
      guard y == height || (y == height - 1 && x == width) else {
        throw damaged("the end of the pixels", y)
      }
      return indices
    }
    guard y < height else { throw damaged("more pixels", y) }
    if count == 0, code == 0 {
      (x, y) = (0, y + 1)
      continue
    }
    guard count > 0 || code > 2 else { throw damaged("skipped pixels", y) }
    let length = count > 0 ? count : code
    guard length <= width - x else { throw damaged("a run beyond its end", y) }
    let start = (header.isTopDown ? y : height - 1 - y) * width + x
    var pair = code
    for i in 0..<length {
      if count == 0, !isNibbles || i % 2 == 0 { pair = try next() }
      indices[start + i] = UInt8(isNibbles ? (i % 2 == 0 ? pair >> 4 : pair & 15) : pair)
    }
    // Literal pixels are padded to words of two bytes.
    if count == 0, (isNibbles ? (length + 1) / 2 : length) % 2 == 1 { _ = try next() }
    x += length
  }
}

extension Image {
  /// Gray from RGB by the 14-bit formula of OpenCV's codecs:
  /// `(4899·R + 9617·G + 1868·B + 2¹³) >> 14`.
  func grayedByCodec() -> Image {
    let count = width * height
    let gray = [UInt8](unsafeUninitializedCapacity: count) { buffer, written in
      pixels.withUnsafeBufferPointer { rgb in
        for i in 0..<count {
          let (r, g, b) = (rgb[3 &* i], rgb[3 &* i &+ 1], rgb[3 &* i &+ 2])
          buffer[i] = codecGray(Int32(r), Int32(g), Int32(b))
        }
      }
      written = count
    }
    return Image(width: width, height: height, channels: 1, pixels: gray)
  }
}

/// One pixel of `grayedByCodec`.
func codecGray(_ r: Int32, _ g: Int32, _ b: Int32) -> UInt8 {
  UInt8(truncatingIfNeeded: (r &* 4899 &+ g &* 9617 &+ b &* 1868 &+ 8192) >> 14)
}
