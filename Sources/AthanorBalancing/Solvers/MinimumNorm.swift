import AthanorKernels

/// The weights on the simplex that minimise wᵀAw: the point of least norm in the convex hull of the
/// vectors whose products are A. Exact, by Wolfe's method on A alone.
///
/// Source: Wolfe 1976.
func minimumNormWeights(_ a: [[Double]]) -> [Double] {
  let largest = a.indices.map { a[$0][$0] }.max() ?? 0
  var weights = a.map { _ in 0.0 }
  guard largest > 0, let start = a.indices.min(by: { a[$0][$0] < a[$1][$1] }) else {
    return weights.map { _ in 1 / Double(a.count) }
  }
  weights[start] = 1
  var corral = [start]
  // Each round lowers the norm and ends at the minimum over another corral, of which there are
  // finitely many.
  for _ in 0..<(1 << min(a.count + 2, 16)) {
    let products = times(a, weights)
    let best = products.indices.min { products[$0] < products[$1] }!
    guard products[best] < dot(products, weights) - 1e-14 * largest, !corral.contains(best) else {
      break
    }
    corral.append(best)
    while true {
      guard let affine = affineMinimum(a, corral) else { return weights }
      if affine.allSatisfy({ $0 > 0 }) {
        for (i, value) in zip(corral, affine) { weights[i] = value }
        break
      }
      // Towards the affine minimum as far as the simplex allows; weights that reach 0 leave
      // the corral.
      let step = zip(corral, affine).reduce(1.0) { step, pair in
        let (i, target) = pair
        return target <= 0 ? min(step, weights[i] / (weights[i] - target)) : step
      }
      for (i, target) in zip(corral, affine) { weights[i] += step * (target - weights[i]) }
      let positive = corral.filter { weights[$0] > 1e-15 }
      for i in corral where weights[i] <= 1e-15 { weights[i] = 0 }
      guard positive.count < corral.count, !positive.isEmpty else { return weights }
      corral = positive
    }
  }
  return weights
}

/// The minimum of wᵀAw over Σw = 1 with weights on `corral` alone; nil where it is not unique.
private func affineMinimum(_ a: [[Double]], _ corral: [Int]) -> [Double]? {
  let scale = max(corral.map { a[$0][$0] }.max()!, .leastNormalMagnitude)
  // Stationary: 2Aw = μ1, Σw = 1.
  let rows = corral.map { i in corral.map { a[i][$0] / scale } + [1] }
  let border = corral.map { _ in 1.0 } + [0]
  let solution = LinearAlgebra.solve(rows + [border], corral.map { _ in 0.0 } + [1])
  return solution.map { Array($0.dropLast()) }
}
