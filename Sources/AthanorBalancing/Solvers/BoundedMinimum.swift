import AthanorKernels

/// The v ≥ bounds that minimises vᵀKv for a positive definite K. Exact, by the active-set method
/// for non-negative least squares on x = v − bounds.
///
/// Source: Lawson & Hanson 1974, chapter 23.
func boundedMinimum(_ k: [[Double]], atLeast bounds: [Double]) -> [Double] {
  // ½∇ at v = bounds + x is Kx + K·bounds.
  let linear = times(k, bounds)
  let tolerance = 1e-15 * (k.indices.map { k[$0][$0] }.max() ?? 0)
  var x = bounds.map { _ in 0.0 }
  var free: [Int] = []
  for _ in 0..<(3 * (1 << min(k.count, 14))) {
    let gradient = zip(times(k, x), linear).map { $0 + $1 }
    let candidates = k.indices.filter { !free.contains($0) && gradient[$0] < -tolerance }
    guard let next = candidates.min(by: { gradient[$0] < gradient[$1] }) else { break }
    free.append(next)
    while true {
      let rows = free.map { i in free.map { k[i][$0] } }
      guard let target = LinearAlgebra.solve(rows, free.map { -linear[$0] }) else { return bounds }
      if target.allSatisfy({ $0 > 0 }) {
        for (i, value) in zip(free, target) { x[i] = value }
        break
      }
      let step = zip(free, target).reduce(1.0) { step, pair in
        let (i, goal) = pair
        return goal <= 0 ? min(step, x[i] / (x[i] - goal)) : step
      }
      for (i, goal) in zip(free, target) { x[i] += step * (goal - x[i]) }
      let positive = free.filter { x[$0] > 1e-15 }
      for i in free where x[i] <= 1e-15 { x[i] = 0 }
      guard positive.count < free.count else { break }
      free = positive
      if free.isEmpty { break }
    }
  }
  return zip(bounds, x).map { $0 + $1 }
}
