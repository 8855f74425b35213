import AthanorTensor
import Testing

/// Where an activation's straight lines meet, and what is no number.
@Suite struct ActivationTests {
  private let joins = Tensor([-3, 3] as [Float], shape: [2]).variable()

  /// As PyTorch has it.
  @Test func gradientsAtTheJoins() {
    #expect(gradients(of: joins.hardSigmoid().sum(), for: [joins])[0]!.doubles == [0, 0])
    #expect(gradients(of: joins.hardSwish().sum(), for: [joins])[0]!.doubles == [0, 1])
  }

  @Test(arguments: [DType.float32, .float64]) func notANumberStays(_ dtype: DType) {
    let x = Tensor(Double.nan, dtype)
    #expect(x.gelu().scalar.isNaN)
    #expect(x.hardSigmoid().scalar.isNaN)
    #expect(x.hardSwish().scalar.isNaN)
  }

  /// Far out on the left the value has digits of its own, where 1 + erf is rounding alone.
  @Test func geluKeepsItsTail() {
    let x = Tensor([-6, -9] as [Float], shape: [2])
    let exact = Tensor([-6, -9] as [Double], shape: [2]).gelu().doubles
    for (value, exact) in zip(x.gelu().doubles, exact) {
      #expect(abs(value / exact - 1) < 1e-5)
    }
  }
}
