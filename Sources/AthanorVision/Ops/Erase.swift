/// Fills the part of a rectangle that lies in the image with `value`.
///
/// Parity: `cv::Mat::setTo` on a region, byte for byte.
public func erase(
  _ dst: MutablePixels, x: Int, y: Int, width: Int, height: Int, value: [UInt8]
) {
  let (left, top) = (max(0, x), max(0, y))
  let (right, bottom) = (min(dst.width, x + width), min(dst.height, y + height))
  guard left < right, top < bottom else { return }
  fill(
    dst.cropped(x: left, y: top, width: right - left, height: bottom - top), with: value)
}
