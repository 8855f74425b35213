/// A gradient's norm in the metric of AdaGrad.
public enum AdaGradNorm {
  private static let block = 4096

  /// squares ← squares + g²; returns Σ g²/√(squares + ε), in an order that does not depend on
  /// the threads.
  @specialized(where T == Float)
  @specialized(where T == Double)
  public static func accumulate<T: FloatingScalar>(
    _ gradient: UnsafePointer<T>, into squares: UnsafeMutablePointer<T>, count: Int, epsilon: T
  ) -> Double {
    let blocks = (count + block - 1) / block
    return withUnsafeTemporaryAllocation(of: Double.self, capacity: blocks) { partial in
      let out = partial.baseAddress!
      parallelFor(blocks, grain: 4) { b in
        let end = min(count, (b + 1) * block)
        var lanes = SIMD16<T>(repeating: 0)
        var i = b * block
        while i + 16 <= end {
          let (g, s) = (
            UnsafeRawPointer(gradient + i).loadUnaligned(as: SIMD16<T>.self),
            UnsafeRawPointer(squares + i).loadUnaligned(as: SIMD16<T>.self)
          )
          let square = g * g
          let sum = s + square
          UnsafeMutableRawPointer(squares + i).storeBytes(of: sum, as: SIMD16<T>.self)
          lanes += square / (sum + epsilon).squareRoot()
          i += 16
        }
        var total = 0.0
        for lane in 0..<16 { total += Double(lanes[lane]) }
        while i < end {
          let square = gradient[i] * gradient[i]
          squares[i] += square
          total += Double(square / (squares[i] + epsilon).squareRoot())
          i += 1
        }
        out[b] = total
      }
      return partial.reduce(0, +)
    }
  }
}
