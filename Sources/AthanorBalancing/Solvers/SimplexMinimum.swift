import AthanorKernels

/// The w on the simplex that minimises wᵀb + c√(wᵀAw + 1e-8), a convex function, by an
/// interior-point method: Newton steps for the minimum with −τΣ ln w added, while τ goes to 0.
func simplexMinimum(_ a: [[Double]], _ b: [Double], _ c: Double) -> [Double] {
  let count = Double(b.count)
  var w = b.map { _ in 1 / count }
  // The objective is scaled by its own size, so that τ means the same for any gradients.
  let largest = a.indices.map { a[$0][$0] }.max() ?? 0
  let scale = (b.map { abs($0) }.max() ?? 0) + c * largest.squareRoot()
  guard scale > 0 else { return w }
  func value(_ w: [Double], _ tau: Double) -> Double {
    guard w.allSatisfy({ $0 > 0 }) else { return .infinity }
    let root = (max(dot(w, times(a, w)), 0) + 1e-8).squareRoot()
    return (dot(w, b) + c * root) / scale - tau * w.reduce(0) { $0 + Double.log($1) }
  }
  var tau = 0.1
  while tau > 1e-15 {
    for _ in 0..<60 {
      let image = times(a, w)
      let root = (max(dot(w, image), 0) + 1e-8).squareRoot()
      let gradient = w.indices.map { (b[$0] + c * image[$0] / root) / scale - tau / w[$0] }
      // Steps are in units of w: the curvature τ/w² becomes τ, and the system is solvable at the
      // simplex's sides.
      var system = w.indices.map { i in
        w.indices.map { j in
          let curvature = c * (a[i][j] - image[i] * image[j] / (root * root)) / (root * scale)
          return w[i] * curvature * w[j] + (i == j ? tau : 0)
        } + [w[i]]
      }
      system.append(w + [0])
      let right = zip(w, gradient).map { $0 * $1 } + [0]
      guard let solution = LinearAlgebra.solve(system, right) else { break }
      let step = zip(w, solution).map { $0 * $1 }
      let decrement = dot(gradient, step)
      guard decrement > 1e-3 * tau * 1e-6 else { break }
      var size = 1.0
      let current = value(w, tau)
      var next = w
      while size > 1e-10 {
        next = zip(w, step).map { $0 - size * $1 }
        if value(next, tau) <= current - 0.1 * size * decrement { break }
        if decrement < 1e-13, next.allSatisfy({ $0 > 0 }) { break }
        size /= 2
      }
      guard size > 1e-10 else { break }
      w = next
    }
    tau /= 5
  }
  let sum = w.reduce(0, +)
  return w.map { $0 / sum }
}
