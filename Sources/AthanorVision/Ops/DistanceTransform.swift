import AthanorKernels

/// The Euclidean distance of every non-zero pixel to the nearest zero pixel, which itself gets 0;
/// as the kernel of `AthanorKernels`.
///
/// Shapes: `src` of one channel and fewer than 65,535 rows, `dst` of height × width floats.
/// Parity: `cv::distanceTransform` with `DIST_L2` and `DIST_MASK_PRECISE`, equal to the last bit.
public func distanceTransform(_ src: Pixels, into dst: UnsafeMutablePointer<Float>) {
  precondition(
    src.channels == 1, "distanceTransform: \(src.width)×\(src.height)×\(src.channels)")
  distanceTransform(
    src.base, width: src.width, height: src.height, stride: src.stride, into: dst)
}

extension Image {
  /// The distance of every pixel of this mask to the nearest zero pixel; see `distanceTransform`.
  public func distanceTransformed() -> [Float] {
    precondition(channels == 1, "distanceTransformed: \(channels) channels")
    return distanceTransform(pixels, width: width, height: height)
  }
}
