import AthanorTensor
import Testing

/// What `gradients(of:for:)` promises about graphs.
@Suite struct GradientsTests {
  private let x = Tensor([1, -2, 3] as [Double], shape: [3]).variable()
  private let w = Tensor([0.5, 2, -1] as [Double], shape: [3]).variable()

  @Test func aDiamondAddsItsPaths() {
    let shared = x * 3
    let loss = (shared * shared + shared).sum()
    // d/dx of 9x² + 3x
    #expect(gradients(of: loss, for: [x])[0]!.doubles == [21, -33, 57])
  }

  @Test func oneGraphServesSeveralLosses() {
    let features = x * w
    let (first, second) = (features.sum(), (features * features).sum())
    let one = gradients(of: first, for: [x, w])
    let two = gradients(of: second, for: [x, w])
    let both = gradients(of: [first, second], for: [x, w])
    #expect(one[0]!.doubles == w.doubles)
    #expect(two[1]!.doubles == [1, 16, -18])
    for i in 0..<2 { #expect(both[i]!.doubles == (one[i]! + two[i]!).doubles) }
  }

  @Test func anIntermediateTensorIsAVariableToo() {
    let features = x * w
    let loss = (features * features).sum() + x.sum()
    let parts = gradients(of: loss, for: [features, x])
    #expect(parts[0]!.doubles == features.doubles.map { 2 * $0 })
    // Through the features as well as past them.
    #expect(parts[1]!.doubles == [1.5, -15, 7])
  }

  @Test func aVariableWithoutAPathHasNoGradient() {
    let other = Tensor([1] as [Double], shape: [1]).variable()
    let parts = gradients(of: x.sum(), for: [other, x])
    #expect(parts[0] == nil)
    #expect(parts[1]!.doubles == [1, 1, 1])
  }

  @Test func anOutputThatIsAVariableGetsItsSeed() {
    let seed = Tensor([5, 6, 7] as [Double], shape: [3])
    #expect(gradients(of: [x], seeds: [seed], for: [x])[0]!.doubles == [5, 6, 7])
  }

  @Test func theSameVariableTwiceGetsItsGradientTwice() {
    let parts = gradients(of: x.sum(), for: [x, x])
    #expect(parts.map { $0!.doubles } == [[1, 1, 1], [1, 1, 1]])
  }

  @Test func seedsWeighTheOutputs() {
    let parts = gradients(
      of: [x.sum(), (x * x).sum()], seeds: [Tensor(2, .float64), Tensor(10, .float64)], for: [x])
    #expect(parts[0]!.doubles == [22, -38, 62])
  }

  @Test func seedsAndEarlierGradientsAreLeftAlone() {
    let seed = Tensor([1, 1, 1] as [Double], shape: [3])
    let kept = x + w
    // The seed reaches x along two paths that pass it through unchanged.
    let parts = gradients(of: [kept + x], seeds: [seed], for: [kept, x, w])
    #expect(seed.doubles == [1, 1, 1])
    #expect(parts[0]!.doubles == [1, 1, 1])
    #expect(parts[1]!.doubles == [2, 2, 2])
    #expect(parts[2]!.doubles == [1, 1, 1])
  }

  @Test func detachedTensorsStopGradients() {
    let loss = (x.detached() * x).sum()
    #expect(gradients(of: loss, for: [x])[0]!.doubles == x.doubles)
  }

  @Test func nothingIsRecordedWhilePaused() {
    let y = Tape.paused { x * w }
    #expect(!y.isTracked)
    #expect((x * w).isTracked)
    #expect(!(x.detached() * w.detached()).isTracked)
  }

  @Test func gradientsAreNotTracked() {
    let part = gradients(of: (x * x * w).sum(), for: [x])[0]!
    #expect(!part.isTracked)
  }

  @Test func unwantedInputsAreNotDifferentiated() {
    let asked = Asked()
    let y = Tensor([1] as [Double], shape: [1]).computed(from: [x.sum(), w.sum()]) { g, wanted in
      asked.wanted = wanted
      return [g, nil]
    }
    _ = gradients(of: [y], for: [x])
    #expect(asked.wanted == [true, false])
  }

  @Test func aLongChainIsWalkedAndFreed() {
    var y = x
    for _ in 0..<20_000 { y = y + w.detached() }
    #expect(gradients(of: y.sum(), for: [x])[0]!.doubles == [1, 1, 1])
  }

  private final class Asked: @unchecked Sendable { var wanted: [Bool] = [] }
}
