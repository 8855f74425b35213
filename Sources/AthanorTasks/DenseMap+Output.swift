import AthanorData
import AthanorTensor
import AthanorVision

extension DenseMap {
  /// The output `[N,H,W,C]` of a dense head as one map per image, at the original image's size.
  static func images(of output: Tensor, _ geometry: [Geometry]) -> [DenseMap] {
    let (height, width, channels) = (output.shape[1], output.shape[2], output.shape[3])
    let (values, size) = (output.array(of: Float.self), height * width * channels)
    return geometry.enumerated().map { n, geometry in
      geometry.toOriginal(
        DenseMap(
          width: width, height: height, channels: channels,
          values: Array(values[(n * size)..<((n + 1) * size)])))
    }
  }
}
