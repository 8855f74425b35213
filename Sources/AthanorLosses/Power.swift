import AthanorKernels

/// x^γ for x in [0, 1] and γ ≥ 0, for vectorised loops.
///
/// The usual exponents of focal losses are products; others go through exp(γ ln x), where an x
/// below 1e-30 counts as 1e-30 unless it is 0.
enum Power: Sendable {
  case product(Int)
  case general(Double)

  init(_ exponent: Double) {
    self =
      exponent >= 0 && exponent <= 4 && exponent == exponent.rounded()
      ? .product(Int(exponent)) : .general(exponent)
  }

  @inline(__always)
  func callAsFunction<T: FloatingScalar>(_ x: T) -> T {
    switch self {
    case .product(0): 1
    case .product(1): x
    case .product(2): x * x
    case .product(3): x * x * x
    case .product: (x * x) * (x * x)
    case .general(let exponent): Self.general(x, T(exponent))
    }
  }

  @inline(__always)
  private static func general<T: FloatingScalar>(_ x: T, _ exponent: T) -> T {
    let raised = T.vectorExp(exponent * T.vectorLog(x < 1e-30 ? 1e-30 : x))
    return x == 0 && exponent > 0 ? 0 : raised
  }
}
