import Athanor
import Testing

/// The README's loss: 1 − mean probability of the right class, from tensor ops alone.
struct MeanError: SegmentationLoss {
  static let (name, summary, source) = ("mean_error", "1 - mean p of the target", "–")
  init(_ options: NoOptions) {}
  func callAsFunction(_ logits: Tensor, _ target: Tensor) -> Tensor {
    let rows = logits.reshaped([-1, logits.shape[3]]).softmax().reshaped([-1])
    let classes = logits.shape[3]
    let picked = target.array(of: UInt8.self).enumerated()
      .filter { $1 != 255 }.map { $0 * classes + Int($1) }
    return 1 - rows.gathered(picked).mean()
  }
}

@Test func aLossOfOnesOwnHasAGradient() {
  let logits = Tensor([0.0, 1.0, 2.0, -1.0], shape: [1, 1, 2, 2]).variable()
  let target = Tensor([UInt8(1), 0], shape: [1, 1, 2])
  let loss = MeanError(NoOptions())(logits, target)
  // p = σ(1) and σ(3).
  let (p, q) = (0.7310585786300049, 0.9525741268224334)
  #expect(abs(loss.scalar - (1 - (p + q) / 2)) < 1e-12)
  let gradient = gradients(of: loss, for: [logits])[0]!.doubles
  let expected = [p * (1 - p) / 2, -p * (1 - p) / 2, -q * (1 - q) / 2, q * (1 - q) / 2]
  for (a, b) in zip(gradient, expected) { #expect(abs(a - b) < 1e-12) }
}
