import AthanorCore
import CTurboJPEG

/// Encodes at quality 95 with the accurate DCT and 4:2:0 chroma, the defaults of `cv::imwrite`.
func encodeJPEG(_ image: Image, name: String) throws -> [UInt8] {
  guard image.channels != 4, image.width > 0, image.height > 0 else {
    throw ContentError(
      path: name, expected: "a gray or RGB image of at least one pixel for JPEG",
      received: "\(image.width)×\(image.height)×\(image.channels)")
  }
  guard let encoder = tjInitCompress() else {
    throw ContentError(
      path: name, expected: "a JPEG encoder", received: String(cString: tjGetErrorStr2(nil)))
  }
  var buffer: UnsafeMutablePointer<UInt8>?
  var size: UInt = 0
  defer {
    tjFree(buffer)
    tjDestroy(encoder)
  }
  let (format, sampling) =
    image.channels == 1 ? (TJPF_GRAY, TJSAMP_GRAY) : (TJPF_RGB, TJSAMP_420)
  let status = tjCompress2(
    encoder, image.pixels, Int32(image.width), 0, Int32(image.height), Int32(format.rawValue),
    &buffer, &size, Int32(sampling.rawValue), 95, TJFLAG_ACCURATEDCT)
  guard status == 0 else {
    throw ContentError(
      path: name, expected: "an image that JPEG can hold",
      received: "\(image.width)×\(image.height)×\(image.channels) "
        + "(\(String(cString: tjGetErrorStr2(encoder))))")
  }
  return [UInt8](UnsafeBufferPointer(start: buffer, count: Int(size)))
}
