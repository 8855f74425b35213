import AthanorKernels
import AthanorTensor

/// U-Net's weights for the borders between objects, `[N,H,W,1]`: w₀·exp(−(d₁ + d₂)²/2σ²), where d₁
/// and d₂ are a pixel's distances to the two nearest 8-connected components of one foreground class
/// in its image. The largest term of all classes is taken; a class with fewer than two components
/// has none.
///
/// Source: Ronneberger et al. 2015, eq. 2.
func borderWeights<T: FloatingScalar & TensorScalar>(
  _ target: Tensor, weight: Double, sigma: Double, _ type: T.Type
) -> Tensor {
  let (images, height, width) = (target.shape[0], target.shape[1], target.shape[2])
  let size = height * width
  let labels = target.pointer(to: UInt8.self)
  let result = Tensor(uninitialized: target.shape + [1], T.dtype)
  let out = result.pointer(to: T.self)
  parallelFor(images) { n in
    let (mask, to) = (labels + n * size, out + n * size)
    to.update(repeating: 0, count: size)
    Threads.serially {
      var present = Set<UInt8>()
      for i in 0..<size where mask[i] != 0 && mask[i] != ignoredClass { present.insert(mask[i]) }
      for label in present.sorted() {
        let (numbers, parts) = connectedComponents(
          (0..<size).map { mask[$0] == label ? 255 : 0 }, width: width, height: height, .eight)
        guard parts.count > 2 else { continue }
        var nearest = [Float](repeating: .infinity, count: size)
        var second = nearest
        for part in 1..<parts.count {
          let outside = distanceTransform(
            numbers.map { $0 == Int32(part) ? 0 : 255 }, width: width, height: height)
          for (i, d) in outside.enumerated() {
            second[i] = min(second[i], max(d, nearest[i]))
            nearest[i] = min(nearest[i], d)
          }
        }
        for i in 0..<size {
          let sum = exactDistance(nearest[i]) + exactDistance(second[i])
          to[i] = max(to[i], T(weight * Double.exp(-sum * sum / (2 * sigma * sigma))))
        }
      }
    }
  }
  return result
}

/// A distance between pixels in double precision, from the fact that its square is a whole number.
func exactDistance(_ distance: Float) -> Double {
  (Double(distance) * Double(distance)).rounded().squareRoot()
}
