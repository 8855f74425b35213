import AthanorKernels

/// x·Φ(x), with Φ the normal distribution's cumulative function.
struct GaussianErrorLinear: UnaryFunction {
  static let reads = UnaryOperand.input
  // Inlined, since a call per element would prevent vectorisation.
  @inline(__always)
  func callAsFunction<T: FloatingScalar>(_ x: T) -> T { x * T.vectorNormalCDF(x) }
  @inline(__always)
  func derivative<T: FloatingScalar>(_ x: T, _ y: T) -> T {
    // 1/√(2π) times e^(−x²/2) is Φ′.
    T.vectorNormalCDF(x) + x * (0.398_942_280_401_432_678 * T.vectorExp(-0.5 * (x * x)))
  }
}

/// min(max(x + 3, 0), 6)/6; NaN stays NaN.
struct HardSigmoid: UnaryFunction {
  static let reads = UnaryOperand.input
  func callAsFunction<T: FloatingScalar>(_ x: T) -> T { Self.clamped(x) / 6 }
  func derivative<T: FloatingScalar>(_ x: T, _ y: T) -> T { x > -3 && x < 3 ? 1 / 6 : 0 }

  static func clamped<T: FloatingScalar>(_ x: T) -> T {
    let shifted = x + 3
    let raised = 0 > shifted ? 0 : shifted
    return 6 < raised ? 6 : raised
  }
}

/// x·min(max(x + 3, 0), 6)/6; NaN stays NaN.
struct HardSwish: UnaryFunction {
  static let reads = UnaryOperand.input
  func callAsFunction<T: FloatingScalar>(_ x: T) -> T { x * HardSigmoid.clamped(x) / 6 }
  func derivative<T: FloatingScalar>(_ x: T, _ y: T) -> T {
    x <= -3 ? 0 : x >= 3 ? 1 : x / 3 + 0.5
  }
}

extension Tensor {
  /// The Gaussian error linear unit x·Φ(x) = x·(1 + erf(x/√2))/2, exact and not by tanh.
  ///
  /// Source: Hendrycks & Gimpel, Gaussian Error Linear Units, 2016, eq. 1.
  public func gelu() -> Tensor { unary(GaussianErrorLinear()) }

  /// min(max(x + 3, 0), 6)/6: a piecewise linear sigmoid; its gradient at ±3 is 0, as in PyTorch.
  ///
  /// Source: Howard et al., Searching for MobileNetV3, 2019, §5.2.
  public func hardSigmoid() -> Tensor { unary(HardSigmoid()) }

  /// x·min(max(x + 3, 0), 6)/6; its gradient is 0 at −3 and 1 at 3, as in PyTorch.
  ///
  /// Source: Howard et al., Searching for MobileNetV3, 2019, §5.2.
  public func hardSwish() -> Tensor { unary(HardSwish()) }
}
