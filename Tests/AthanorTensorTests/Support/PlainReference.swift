/// Window operations by their definitions, written for reading.
enum PlainReference {
  static func at(_ x: [Double], _ s: [Int], _ n: Int, _ y: Int, _ c: Int, _ k: Int) -> Double? {
    y >= 0 && y < s[1] && c >= 0 && c < s[2] ? x[((n * s[1] + y) * s[2] + c) * s[3] + k] : nil
  }

  static func convolution(
    _ x: [Double], _ shape: [Int], _ weights: [Double], _ kernel: [Int], bias: [Double]?,
    stride: Int, padding: Int, dilation: Int, groups: Int, relu: Bool
  ) -> [Double] {
    let (height, width) = (
      (shape[1] + 2 * padding - dilation * (kernel[2] - 1) - 1) / stride + 1,
      (shape[2] + 2 * padding - dilation * (kernel[3] - 1) - 1) / stride + 1
    )
    var result: [Double] = []
    for n in 0..<shape[0] {
      for oy in 0..<height {
        for ox in 0..<width {
          for o in 0..<kernel[0] {
            var sum = bias?[o] ?? 0
            for ky in 0..<kernel[2] {
              for kx in 0..<kernel[3] {
                for i in 0..<kernel[1] {
                  let (py, px) = (
                    oy * stride + ky * dilation - padding, ox * stride + kx * dilation - padding
                  )
                  let channel = o / (kernel[0] / groups) * kernel[1] + i
                  let value = at(x, shape, n, py, px, channel) ?? 0
                  sum += value * weights[((o * kernel[1] + i) * kernel[2] + ky) * kernel[3] + kx]
                }
              }
            }
            result.append(relu ? max(0, sum) : sum)
          }
        }
      }
    }
    return result
  }

  static func maxPool(
    _ x: [Double], _ shape: [Int], kernel: Int, stride: Int, padding: Int
  ) -> [Double] {
    var result: [Double] = []
    for n in 0..<shape[0] {
      for oy in 0..<((shape[1] + 2 * padding - kernel) / stride + 1) {
        for ox in 0..<((shape[2] + 2 * padding - kernel) / stride + 1) {
          for c in 0..<shape[3] {
            var best = -Double.infinity
            for ky in 0..<kernel {
              for kx in 0..<kernel {
                let (py, px) = (oy * stride + ky - padding, ox * stride + kx - padding)
                best = max(best, at(x, shape, n, py, px, c) ?? -.infinity)
              }
            }
            result.append(best)
          }
        }
      }
    }
    return result
  }

  static func nearest(_ x: [Double], _ shape: [Int], _ height: Int, _ width: Int) -> [Double] {
    resample(shape, height, width) { n, oy, ox, c in
      at(x, shape, n, oy * shape[1] / height, ox * shape[2] / width, c)!
    }
  }

  static func bilinear(_ x: [Double], _ shape: [Int], _ height: Int, _ width: Int) -> [Double] {
    resample(shape, height, width) { n, oy, ox, c in
      let py = max(0, (Double(oy) + 0.5) * Double(shape[1]) / Double(height) - 0.5)
      let px = max(0, (Double(ox) + 0.5) * Double(shape[2]) / Double(width) - 0.5)
      let (y0, x0) = (Int(py), Int(px))
      let (y1, x1) = (min(y0 + 1, shape[1] - 1), min(x0 + 1, shape[2] - 1))
      let (v, u) = (py - Double(y0), px - Double(x0))
      let top = at(x, shape, n, y0, x0, c)! * (1 - u) + at(x, shape, n, y0, x1, c)! * u
      let bottom = at(x, shape, n, y1, x0, c)! * (1 - u) + at(x, shape, n, y1, x1, c)! * u
      return top * (1 - v) + bottom * v
    }
  }

  private static func resample(
    _ shape: [Int], _ height: Int, _ width: Int, _ value: (Int, Int, Int, Int) -> Double
  ) -> [Double] {
    var result: [Double] = []
    for n in 0..<shape[0] {
      for oy in 0..<height {
        for ox in 0..<width { for c in 0..<shape[3] { result.append(value(n, oy, ox, c)) } }
      }
    }
    return result
  }

  /// Normalises each set of indices that `key` maps to one number.
  static func normalization(
    _ x: [Double], channels: Int, scale: [Double], shift: [Double], epsilon: Double, relu: Bool,
    key: (Int) -> Int
  ) -> [Double] {
    var sets: [Int: [Int]] = [:]
    for i in x.indices { sets[key(i), default: []].append(i) }
    var result = x
    for members in sets.values {
      let count = Double(members.count)
      let mean = members.reduce(0) { $0 + x[$1] } / count
      let variance = members.reduce(0) { $0 + (x[$1] - mean) * (x[$1] - mean) } / count
      for i in members {
        let c = i % channels
        let y = scale[c] * (x[i] - mean) / (variance + epsilon).squareRoot() + shift[c]
        result[i] = relu ? max(0, y) : y
      }
    }
    return result
  }
}
