/// One pass over a parameter, its gradient and its state: the update of each element.
public enum OptimizerSteps {
  static let grain = 1 << 15

  /// v ← μv + (g + λw); w ← w − η·(v, or g + λw + μv with Nesterov).
  public static func sgd(
    _ count: Int, weights: UnsafeMutablePointer<Float>, gradient: UnsafePointer<Float>,
    velocity: UnsafeMutablePointer<Float>, learningRate: Float, momentum: Float,
    weightDecay: Float, nesterov: Bool
  ) {
    parallelRanges(count, grain: grain) { range in
      if nesterov {
        for i in range {
          let g = gradient[i] + weightDecay * weights[i]
          let v = momentum * velocity[i] + g
          velocity[i] = v
          weights[i] -= learningRate * (g + momentum * v)
        }
      } else {
        for i in range {
          let v = momentum * velocity[i] + (gradient[i] + weightDecay * weights[i])
          velocity[i] = v
          weights[i] -= learningRate * v
        }
      }
    }
  }

  /// m ← β₁m + (1−β₁)g; v ← β₂v + (1−β₂)g²; w ← w − ηλw − η·m̂/(√v̂ + ε), the corrections
  /// 1 − β₁ᵗ and 1 − β₂ᵗ given.
  public static func adamW(
    _ count: Int, weights: UnsafeMutablePointer<Float>, gradient: UnsafePointer<Float>,
    first: UnsafeMutablePointer<Float>, second: UnsafeMutablePointer<Float>, learningRate: Float,
    beta1: Float, beta2: Float, correction1: Float, correction2: Float, epsilon: Float,
    weightDecay: Float
  ) {
    let shrink = 1 - learningRate * weightDecay
    let step = learningRate / correction1
    let unbias = 1 / correction2.squareRoot()
    parallelRanges(count, grain: grain) { range in
      for i in range {
        let g = gradient[i]
        let m = beta1 * first[i] + (1 - beta1) * g
        let v = beta2 * second[i] + (1 - beta2) * g * g
        first[i] = m
        second[i] = v
        weights[i] = weights[i] * shrink - step * m / (v.squareRoot() * unbias + epsilon)
      }
    }
  }
}
