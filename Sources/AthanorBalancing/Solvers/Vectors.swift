import AthanorKernels

// Arithmetic on a few numbers, one per task.

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

/// The weights of some tasks, scaled to sum 1 where others are missing.
func shares(_ x: [Double]) -> [Double] {
  let sum = x.reduce(0, +)
  guard abs(sum - 1) > 1e-9 else { return x }
  return sum > 0 ? x.map { $0 / sum } : x.map { _ in 1 / Double(x.count) }
}

/// The nearest point of the simplex {w ≥ 0, Σw = 1} (Duchi et al. 2008, figure 1).
func projectedOntoSimplex(_ x: [Double]) -> [Double] {
  // A common shift changes nothing; with a maximum of 0, subtracting 1 is not lost to rounding.
  let largest = x.max() ?? 0
  let x = x.map { $0 - largest }
  var (sum, shift) = (0.0, 0.0)
  for (k, value) in x.sorted(by: >).enumerated() {
    sum += value
    let candidate = (sum - 1) / Double(k + 1)
    guard value > candidate else { break }
    shift = candidate
  }
  return x.map { max($0 - shift, 0) }
}
