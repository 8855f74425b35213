import AthanorTraining
import Testing

@Test func warmUpRisesToTheBaseRateAndTheScheduleFallsFromIt() {
  let rate = WarmedUp(CosineSchedule(.init()), warmup: 4)
  let factors = (0..<12).map { rate.factor(step: $0, of: 12, epoch: 0) }
  #expect(factors[0] == 0.2)
  #expect(abs(factors[4] - 1) < 1e-12)
  #expect(abs(factors[8] - 0.5) < 1e-12)
  #expect(zip(factors[4...], factors[5...]).allSatisfy { $0 > $1 })
}
