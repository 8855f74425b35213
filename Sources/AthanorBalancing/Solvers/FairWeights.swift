import AthanorKernels

/// The w > 0 with Aw = w^{−1/α}, by damped Newton steps on the convex function whose gradient this
/// is, ½wᵀAw − Σ w^{1−1/α}/(1−1/α), or −Σ ln w where α = 1.
///
/// The weight of a vector of length 0 would be infinite: it is left out and gets 1. There is no
/// solution for opposite vectors either; A + 1e-12·I (relative to its largest element) keeps their
/// weights finite.
func fairWeights(_ a: [[Double]], alpha: Double) -> [Double] {
  let largest = a.indices.map { a[$0][$0] }.max() ?? 0
  let bargaining = a.indices.filter { a[$0][$0] > 1e-30 * largest && a[$0][$0] > 0 }
  var weights = a.map { _ in 1.0 }
  guard !bargaining.isEmpty else { return weights }
  // With A = s·B the solution is s^{−α/(1+α)} times that of B.
  let scale = bargaining.reduce(0) { $0 + a[$1][$1] } / Double(bargaining.count)
  let b = bargaining.map { i in
    bargaining.map { a[i][$0] / scale + (i == $0 ? 1e-12 * largest / scale : 0) }
  }
  let power = 1 / alpha
  var w = b.indices.map { Double.pow(b[$0][$0], -1 / (1 + power)) }
  func value(_ w: [Double]) -> Double {
    guard w.allSatisfy({ $0 > 0 }) else { return .infinity }
    let barrier = w.reduce(0) {
      power == 1 ? $0 - Double.log($1) : $0 - Double.pow($1, 1 - power) / (1 - power)
    }
    return 0.5 * dot(w, times(b, w)) + barrier
  }
  var current = value(w)
  for _ in 0..<200 {
    let gradient = zip(times(b, w), w).map { $0 - Double.pow($1, -power) }
    var curvature = b
    for i in w.indices { curvature[i][i] += power * Double.pow(w[i], -power - 1) }
    guard let step = LinearAlgebra.solve(curvature, gradient) else { break }
    let decrement = dot(gradient, step)
    guard decrement > 1e-28 else { break }
    // Backtracking: far from the solution a whole step may leave w > 0 or raise the value.
    var size = 1.0
    var next = w
    var reached = Double.infinity
    while size > 1e-12 {
      next = zip(w, step).map { $0 - size * $1 }
      reached = value(next)
      if reached <= current - 0.25 * size * decrement { break }
      // At the limit of precision the value no longer decides: a whole step is harmless.
      if decrement < 1e-12, next.allSatisfy({ $0 > 0 }) { break }
      size /= 2
    }
    guard size > 1e-12 else { break }
    (w, current) = (next, reached)
  }
  let factor = Double.pow(scale, -1 / (1 + power))
  for (i, value) in zip(bargaining, w) { weights[i] = value * factor }
  return weights
}
