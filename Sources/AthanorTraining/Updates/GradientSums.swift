import AthanorTensor

/// Gradients added up over micro-batches, each with a factor.
struct GradientSums {
  private(set) var sums: [Tensor?]

  init(count: Int) { sums = [Tensor?](repeating: nil, count: count) }

  mutating func add(_ gradients: [Tensor?], times factor: Double) {
    for (k, gradient) in gradients.enumerated() {
      guard let gradient else { continue }
      if let sum = sums[k] {
        sums[k] = .combination([1, factor], [sum, gradient])
      } else {
        sums[k] = factor == 1 ? gradient : gradient * factor
      }
    }
  }
}
