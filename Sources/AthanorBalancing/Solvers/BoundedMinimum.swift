import AthanorKernels

/// The v ≥ bounds that minimises vᵀKv for a positive definite K. Exact, by the active-set method for
/// non-negative least squares on x = v − bounds.
///
/// Source: Lawson & Hanson 1974, chapter 23.
func boundedMinimum(_ k: [[Double]], atLeast bounds: [Double]) -> [Double] {
  // ½∇ at v = bounds + x is Kx + K·bounds.
  let pull = times(k, bounds)
  let tolerance = 1e-15 * (k.indices.map { k[$0][$0] }.max() ?? 0)
  var x = bounds.map { _ in 0.0 }
  var free: [Int] = []
  for _ in 0..<(3 * (1 << min(k.count, 14))) {
    let slopes = zip(times(k, x), pull).map { $0 + $1 }
    let held = k.indices.filter { !free.contains($0) && slopes[$0] < -tolerance }
    guard let next = held.min(by: { slopes[$0] < slopes[$1] }) else { break }
    free.append(next)
    while true {
      let rows = free.map { i in free.map { k[i][$0] } }
      guard let target = LinearAlgebra.solve(rows, free.map { -pull[$0] }) else { return bounds }
      if target.allSatisfy({ $0 > 0 }) {
        for (i, value) in zip(free, target) { x[i] = value }
        break
      }
      let step = zip(free, target).reduce(1.0) { step, pair in
        let (i, goal) = pair
        return goal <= 0 ? min(step, x[i] / (x[i] - goal)) : step
      }
      for (i, goal) in zip(free, target) { x[i] += step * (goal - x[i]) }
      let kept = free.filter { x[$0] > 1e-15 }
      for i in free where x[i] <= 1e-15 { x[i] = 0 }
      guard kept.count < free.count else { break }
      free = kept
      if free.isEmpty { break }
    }
  }
  return zip(bounds, x).map { $0 + $1 }
}
