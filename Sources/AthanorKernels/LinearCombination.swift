/// Σ wₖxₖ over vectors.
public enum LinearCombination {
  /// dst = Σ weights[k]·vectors[k], in one pass over memory.
  @specialized(where T == Float)
  @specialized(where T == Double)
  public static func sum<T: FloatingScalar>(
    _ weights: [T], _ vectors: [UnsafePointer<T>], count: Int, dst: UnsafeMutablePointer<T>
  ) {
    parallelRanges(count, grain: 16384) { range in
      // Pieces that fit the first-level cache while every vector is added.
      for start in stride(from: range.lowerBound, to: range.upperBound, by: 2048) {
        let end = min(start + 2048, range.upperBound)
        for (k, vector) in vectors.enumerated() {
          let weight = weights[k]
          if k == 0 {
            for i in start..<end { dst[i] = weight * vector[i] }
          } else {
            for i in start..<end { dst[i] += weight * vector[i] }
          }
        }
      }
    }
  }
}
