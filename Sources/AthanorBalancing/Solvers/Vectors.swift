import AthanorKernels

// Arithmetic on a few numbers, one a task.

/// Σ xᵢyᵢ.
func dot(_ x: [Double], _ y: [Double]) -> Double { zip(x, y).reduce(0) { $0 + $1.0 * $1.1 } }

/// A·x.
func times(_ a: [[Double]], _ x: [Double]) -> [Double] { a.map { dot($0, x) } }

/// eˣ / Σ eˣ.
func softmax(_ x: [Double]) -> [Double] {
  let largest = x.max() ?? 0
  let powers = x.map { Double.exp($0 - largest) }
  let sum = powers.reduce(0, +)
  return powers.map { $0 / sum }
}

func mean(_ x: [Double]) -> Double { x.isEmpty ? 0 : x.reduce(0, +) / Double(x.count) }

/// The nearest point of the simplex {w ≥ 0, Σw = 1} (Duchi et al. 2008, figure 1).
func projectedOntoSimplex(_ x: [Double]) -> [Double] {
  var (sum, shift) = (0.0, 0.0)
  for (k, value) in x.sorted(by: >).enumerated() {
    sum += value
    let candidate = (sum - 1) / Double(k + 1)
    guard value > candidate else { break }
    shift = candidate
  }
  return x.map { max($0 - shift, 0) }
}
