import AthanorKernels
import AthanorTensor

/// The signed distance of every pixel to the boundary of each channel's class in its image,
/// `[N,H,W,C]` as the logits: outside the class the distance to it, inside −(distance to its
/// outside − 1); 0 where the class is absent or fills the image, and for class 0, which no loss
/// uses. Ignored pixels count as outside.
///
/// Source: Kervadec et al. 2019.
func signedDistances<T: FloatingScalar & TensorScalar>(
  _ target: Tensor, channels: Int, _ type: T.Type
) -> Tensor {
  let (images, height, width) = (target.shape[0], target.shape[1], target.shape[2])
  let size = height * width
  let labels = target.pointer(to: UInt8.self)
  let result = Tensor(uninitialized: target.shape + [channels], T.dtype)
  let out = result.pointer(to: T.self)
  // Every class of every image on its own.
  parallelFor(images * channels) { task in
    let (n, channel) = task.quotientAndRemainder(dividingBy: channels)
    let c = channels > 1 ? channel : 1
    let (mask, to) = (labels + n * size, out + n * size * channels + channel)
    let pixels = (0..<size).map { mask[$0] == UInt8(truncatingIfNeeded: c) }
    let count = pixels.count { $0 }
    guard 1..<255 ~= c && count > 0 && count < size else {
      for i in 0..<size { to[i * channels] = 0 }
      return
    }
    Threads.serially {
      func distances(zeroWhere isInside: Bool) -> [Float] {
        distanceTransform(
          pixels.map { $0 == isInside ? 0 : 255 }, width: width, height: height)
      }
      let (outside, inside) = (distances(zeroWhere: true), distances(zeroWhere: false))
      for i in 0..<size {
        to[i * channels] = T(
          pixels[i] ? 1 - exactDistance(inside[i]) : exactDistance(outside[i]))
      }
    }
  }
  return result
}
