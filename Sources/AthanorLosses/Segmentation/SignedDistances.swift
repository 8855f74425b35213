import AthanorKernels
import AthanorTensor
import AthanorVision

/// The signed distance of every pixel to the boundary of each class, `[P,C]`, image by image: outside
/// the class the distance to it, inside 1 less than the distance out of it, negative; 0 where the class
/// is absent or fills the image. Ignored pixels are outside.
///
/// Source: Kervadec et al. 2019.
func signedDistances(_ target: Tensor, classes: Int, _ dtype: DType) -> Tensor {
  let (images, height, width) = (target.shape[0], target.shape[1], target.shape[2])
  let size = height * width
  let labels = target.pointer(to: UInt8.self)
  let result = Tensor(uninitialized: [target.count, classes], .float64)
  let out = result.pointer(to: Double.self)
  // Every class of every image on its own.
  parallelFor(images * classes) { task in
    let (n, c) = task.quotientAndRemainder(dividingBy: classes)
    let (mask, to) = (labels + n * size, out + n * size * classes + c)
    let pixels = (0..<size).map { mask[$0] == UInt8(truncatingIfNeeded: c) }
    let count = pixels.count { $0 }
    guard count > 0 && count < size && c < 255 else {
      for i in 0..<size { to[i * classes] = 0 }
      return
    }
    Threads.serially {
      func distances(zeroWhere isInside: Bool) -> [Float] {
        Image(
          width: width, height: height, channels: 1,
          pixels: pixels.map { $0 == isInside ? 0 : 255 }
        ).distanceTransformed()
      }
      let (outside, inside) = (distances(zeroWhere: true), distances(zeroWhere: false))
      for i in 0..<size {
        to[i * classes] = pixels[i] ? 1 - exactDistance(inside[i]) : exactDistance(outside[i])
      }
    }
  }
  return result.cast(to: dtype)
}
