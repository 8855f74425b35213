import AthanorKernels

/// A letterbox that becomes floats at once: `letterbox`, then `normalize`.
///
/// Each row of bytes is written to the last quarter of its row of floats and converted while it is
/// in the cache, so that there is no intermediate image.
///
/// Shapes: `dst` holds `height`×`width`×channels floats.
/// Parity: `cv::resize`, `cv::copyMakeBorder`, `cv::subtract` and `cv::multiply`, equal to the last
/// bit.
@discardableResult
public func letterboxNormalize(
  _ src: Pixels, _ interpolation: Interpolation, value: [UInt8], _ normalization: Normalization,
  into dst: UnsafeMutablePointer<Float>, width: Int, height: Int
) -> LetterboxPlacement {
  precondition(
    normalization.mean.count == src.channels,
    "letterboxNormalize: \(normalization.mean.count) means for \(src.channels) channels")
  let count = width * src.channels
  let bytes = UnsafeMutableRawPointer(dst).assumingMemoryBound(to: UInt8.self) + 3 * count
  let canvas = MutablePixels(
    base: bytes, width: width, height: height, channels: src.channels, stride: 4 * count)
  let place = letterbox(src, into: canvas, interpolation, value: value)
  nonisolated(unsafe) let dst = dst
  let table = NormalizationTable(normalization)
  parallelRanges(height, grain: rowGrain(5 * count)) { rows in
    // From left to right: floats are never written beyond the next byte to be read.
    for y in rows { table.apply(canvas.row(y), dst + y * count, count) }
  }
  return place
}
