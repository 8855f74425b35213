import AthanorCore
import CTurboJPEG

/// Decodes a JPEG to the pixels of `cv::imread`: accurate inverse DCT, smooth chroma upsampling.
func decodeJPEG(_ bytes: [UInt8], name: String, toGray: Bool, pixelLimit: Int) throws -> Image {
  guard let header = bytes.withUnsafeBytes({ JPEGHeader($0) }) else {
    throw ContentError(
      path: name, expected: "a JPEG image", received: "a file damaged before its image size")
  }
  guard header.precision == 8 else {
    throw ContentError(
      path: name, expected: "8 bits a sample", received: "a JPEG of \(header.precision) bits")
  }
  // The shortest Huffman code uses one bit for a block of 64 pixels. Arithmetic coding has no such
  // bound and accepts any bytes as an image: this one excludes only large images of one colour.
  try checkHeader(
    width: header.width, height: header.height, encodedBytes: bytes.count,
    bestRatio: header.isArithmetic ? 4096 : 1024, name: name, pixelLimit: pixelLimit)

  let isCMYK = header.components == 4
  let format = isCMYK ? TJPF_CMYK : toGray ? TJPF_GRAY : TJPF_RGB
  let stored = Image(
    width: header.width, height: header.height,
    channels: isCMYK ? 4 : toGray ? 1 : 3,
    pixels: try decompress(
      bytes, header, channels: isCMYK ? 4 : toGray ? 1 : 3, format, name))
  let image = isCMYK ? convertCMYK(stored, toGray: toGray) : stored
  return image.oriented(header.orientation)
}

private func decompress(
  _ bytes: [UInt8], _ header: JPEGHeader, channels: Int, _ format: TJPF, _ name: String
) throws -> [UInt8] {
  guard let decoder = tjInitDecompress() else {
    throw ContentError(
      path: name, expected: "a JPEG decoder", received: String(cString: tjGetErrorStr2(nil)))
  }
  defer { tjDestroy(decoder) }
  let size = header.width * header.height * channels
  return try [UInt8](unsafeUninitializedCapacity: size) { pixels, count in
    func decode(_ flags: Int32) -> String? {
      let status = tjDecompress2(
        decoder, bytes, UInt(bytes.count), pixels.baseAddress, Int32(header.width), 0,
        Int32(header.height), Int32(format.rawValue), TJFLAG_LIMITSCANS | flags)
      return status == 0 ? nil : String(cString: tjGetErrorStr2(decoder))
    }
    // Decoding stops at the first damage instead of continuing to the end of the image.
    if var problem = decode(TJFLAG_STOPONWARNING) {
      var isWhole = isHarmless(problem, bytes)
      if isWhole, let next = decode(0) {
        problem = next
        isWhole =
          tjGetErrorCode(decoder) == Int32(TJERR_WARNING.rawValue) && isHarmless(next, bytes)
      }
      guard isWhole else {
        throw ContentError(
          path: name, expected: "an undamaged JPEG image", received: "damaged data (\(problem))")
      }
    }
    count = size
  }
}

/// Whether a decoder's warning leaves every pixel intact: odd header values, or padding before the
/// end marker, as some cameras write. Only the first warning is reported, so the end must be there.
private func isHarmless(_ warning: String, _ bytes: [UInt8]) -> Bool {
  let known = [
    "Invalid SOS parameters", "Unknown Adobe color transform", "Warning: unknown JFIF revision",
  ]
  guard
    known.contains(where: warning.hasPrefix)
      || warning.hasSuffix("extraneous bytes before marker 0xd9")
  else { return false }
  // In coded data 0xFF is followed by 0: the last scan or end marker seen is a real one.
  for i in bytes.indices.dropLast().reversed() where bytes[i] == 0xFF {
    if bytes[i + 1] == 0xD9 { return true }
    if bytes[i + 1] == 0xDA { return false }
  }
  return false
}

/// Converts CMYK with OpenCV's integer formula: `v = k − ((255 − v)·k >> 8)` for C, M and Y, which
/// then stand for R, G and B.
private func convertCMYK(_ source: Image, toGray: Bool) -> Image {
  let channels = toGray ? 1 : 3
  let count = source.width * source.height
  let pixels = [UInt8](unsafeUninitializedCapacity: count * channels) { buffer, written in
    source.pixels.withUnsafeBufferPointer { cmyk in
      for i in 0..<count {
        let k = Int32(cmyk[4 * i + 3])
        func ink(_ c: Int) -> Int32 { k &- (((255 &- Int32(cmyk[4 * i + c])) &* k) >> 8) }
        let (r, g, b) = (ink(0), ink(1), ink(2))
        if toGray {
          buffer[i] = codecGray(r, g, b)
        } else {
          buffer[3 * i] = UInt8(truncatingIfNeeded: r)
          buffer[3 * i + 1] = UInt8(truncatingIfNeeded: g)
          buffer[3 * i + 2] = UInt8(truncatingIfNeeded: b)
        }
      }
    }
    written = count * channels
  }
  return Image(width: source.width, height: source.height, channels: channels, pixels: pixels)
}
