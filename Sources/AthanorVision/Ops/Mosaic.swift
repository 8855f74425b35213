/// Joins four images: each is resized into its quadrant of `dst` about (`x`, `y`), in the order
/// upper left, upper right, lower left, lower right. The image of a quadrant without pixels is
/// left out.
///
/// Source: Bochkovskiy et al., YOLOv4, 2020; the handbook's companion code (M4), whose parts do
/// not fill the image, unlike these.
/// Parity: `cv::resize` into the quadrants of a `cv::Mat`, byte for byte.
public func mosaic(
  _ parts: (Pixels, Pixels, Pixels, Pixels), into dst: MutablePixels, x: Int, y: Int,
  _ interpolation: Interpolation
) {
  let (right, below) = (dst.width - x, dst.height - y)
  for (part, quadrant) in [
    (parts.0, dst.cropped(x: 0, y: 0, width: x, height: y)),
    (parts.1, dst.cropped(x: x, y: 0, width: right, height: y)),
    (parts.2, dst.cropped(x: 0, y: y, width: x, height: below)),
    (parts.3, dst.cropped(x: x, y: y, width: right, height: below)),
  ] where quadrant.width > 0 && quadrant.height > 0 {
    resize(part, into: quadrant, interpolation)
  }
}
