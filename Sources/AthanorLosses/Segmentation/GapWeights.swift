import AthanorKernels
import AthanorTensor
import AthanorVision

/// U-Net's weights of the gaps between objects, `[P,1]`: w₀·exp(−(d₁ + d₂)²/2σ²), d₁ and d₂ a pixel's
/// distances to the two nearest 8-connected components of one foreground class, image by image; the
/// largest term of the classes, 0 where a class has fewer than two components.
///
/// Source: Ronneberger et al. 2015, eq. 2.
func gapWeights(_ target: Tensor, weight: Double, sigma: Double, _ dtype: DType) -> Tensor {
  let (images, height, width) = (target.shape[0], target.shape[1], target.shape[2])
  let size = height * width
  let labels = target.pointer(to: UInt8.self)
  let result = Tensor(uninitialized: [target.count, 1], .float64)
  let out = result.pointer(to: Double.self)
  parallelFor(images) { n in
    let (mask, to) = (labels + n * size, out + n * size)
    to.update(repeating: 0, count: size)
    Threads.serially {
      var present = Set<UInt8>()
      for i in 0..<size where mask[i] != 0 && mask[i] != ignoredClass { present.insert(mask[i]) }
      for label in present.sorted() {
        let only = Image(
          width: width, height: height, channels: 1,
          pixels: (0..<size).map { mask[$0] == label ? 255 : 0 })
        let (numbers, parts) = only.connectedComponents(.eight)
        guard parts.count > 2 else { continue }
        var nearest = [Float](repeating: .infinity, count: size)
        var second = nearest
        for part in 1..<parts.count {
          let outside = Image(
            width: width, height: height, channels: 1,
            pixels: numbers.map { $0 == Int32(part) ? 0 : 255 })
          for (i, d) in outside.distanceTransformed().enumerated() {
            second[i] = min(second[i], max(d, nearest[i]))
            nearest[i] = min(nearest[i], d)
          }
        }
        for i in 0..<size {
          let sum = exactDistance(nearest[i]) + exactDistance(second[i])
          to[i] = max(to[i], weight * Double.exp(-sum * sum / (2 * sigma * sigma)))
        }
      }
    }
  }
  return result.cast(to: dtype)
}

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

/// A distance between pixels to double precision: its square is a whole number.
private func exactDistance(_ distance: Float) -> Double {
  (Double(distance) * Double(distance)).rounded().squareRoot()
}
