import AthanorKernels
import Foundation
import Testing

@Suite struct VectorMathTests {
  /// Distance of `value` from `exact` in units of the last place of the exact result.
  func ulps(_ value: Float, _ exact: Double) -> Double {
    abs(Double(value) - exact) / Double(Float(exact).ulp)
  }

  @Test func exponentialIsWithinTwoUlp() {
    var worst = 0.0
    for i in 0...2_000_000 {
      let x = Float(-86.9 + 175.6 * Double(i) / 2_000_000)
      worst = max(worst, ulps(.vectorExp(x), exp(Double(x))))
    }
    #expect(worst <= 2, "\(worst) ulp")
  }

  @Test func exponentialSaturates() {
    #expect(Float.vectorExp(0) == 1)
    #expect(Float.vectorExp(-100) == 0)
    #expect(Float.vectorExp(-.greatestFiniteMagnitude) == 0)
    #expect(Float.vectorExp(89) == .infinity)
    #expect(Float.vectorExp(.greatestFiniteMagnitude) == .infinity)
    #expect(Float.vectorExp(88.72) < .infinity)
  }

  @Test func logarithmIsWithinTwoUlp() {
    var worst = 0.0
    for i in 0...2_000_000 {
      let x = Float(exp(-87 + 175 * Double(i) / 2_000_000))
      worst = max(worst, ulps(.vectorLog(x), log(Double(x))))
    }
    for i in 1...1_000_000 {
      let x = Float(Double(i) / 500_000)
      if x != 1 { worst = max(worst, ulps(.vectorLog(x), log(Double(x)))) }
    }
    #expect(worst <= 2, "\(worst) ulp")
    #expect(Float.vectorLog(1) == 0)
    #expect(Float.vectorLog(0) == -.infinity)
  }

  @Test func normalDistributionIsWithinNineUlp() {
    var (worst, worstInTail) = (0.0, 0.0)
    for i in 0...2_000_000 {
      let x = Float(-13 + 26 * Double(i) / 2_000_000)
      let error = ulps(.vectorNormalCDF(x), 0.5 * erfc(-Double(x) / 2.0.squareRoot()))
      if x >= -4 { worst = max(worst, error) }
      worstInTail = max(worstInTail, error)
    }
    #expect(worst <= 9, "\(worst) ulp")
    #expect(worstInTail <= 80, "\(worstInTail) ulp")
  }

  @Test func normalDistributionSaturates() {
    #expect(Float.vectorNormalCDF(0) == 0.5)
    #expect(Float.vectorNormalCDF(-14) == 0)
    #expect(Float.vectorNormalCDF(-.infinity) == 0)
    #expect(Float.vectorNormalCDF(6) == 1)
    #expect(Float.vectorNormalCDF(.greatestFiniteMagnitude) == 1)
    #expect(Float.vectorNormalCDF(.nan).isNaN)
  }

  @Test func logarithmOfOnePlusKeepsSmallArguments() {
    var worst = 0.0
    for i in 0...1_000_000 {
      let x = Float(exp(-87 + 87 * Double(i) / 1_000_000))
      worst = max(worst, ulps(.vectorLog1p(x), log1p(Double(x))))
    }
    #expect(worst <= 4, "\(worst) ulp")
    #expect(Float.vectorLog1p(0) == 0)
  }
}
