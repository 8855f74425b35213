import Athanor
import Testing

/// A loss from tensor ops alone, with every word of the vocabulary that custom losses are written in:
/// cross entropy of the hard pixels, and the worse of two overlaps of each image.
struct HardPixels: SegmentationLoss {
  static let (name, summary, source) = ("hard_pixels", "cross entropy of hard pixels, Dice", "–")
  init(_ options: NoOptions) {}

  func callAsFunction(_ logits: Tensor, _ target: Tensor) -> Tensor {
    // Slicing, casting, comparing, clipping.
    let p = logits.softmax().selected(1, axis: 3).clip(1e-7, 1 - 1e-7)
    let g = target.equal(1).cast(to: logits.dtype)
    let valid = target.notEqual(255).cast(to: logits.dtype)
    let entropy = -(g * p.log() + (1 - g) * (1 - p).log()) * valid
    // A mask chooses: easy pixels count nothing; in their place could stand anything.
    let hard = Tensor.where(entropy > 0.3, entropy, entropy.zerosLike())
    // Keeping values above a threshold, reducing over axes with and without keeping them.
    let sure = p.thresholded(above: 0.4) * valid
    let overlap = (sure * g).sum(axes: [1, 2])
    let dice = 2 * overlap / (sure.sum(axes: [1, 2]) + g.sum(axes: [1, 2])).maximum(1e-7)
    let iou = overlap / (sure.maximum(g)).sum(axes: [1, 2]).maximum(1e-7)
    return hard.mean() + (1 - dice.minimum(iou)).mean()
  }
}

@Suite struct TensorVocabularyTests {
  let logits = Tensor(
    [0.3, -0.2, 1.4, 0.1, -0.7, 0.9, 0.2, 2.1, -1.3, 0.4, 0.6, 0.5, 0.8, -0.9, 0.05, 0.4],
    shape: [2, 2, 2, 2])
  let target = Tensor([UInt8(1), 0, 1, 1, 255, 1, 0, 0], shape: [2, 2, 2])

  /// NumPy's value of the same formulas.
  @Test func equalsItsFormula() {
    let loss = HardPixels(NoOptions())
    let values = logits.array(of: Double.self)
    let labels = target.array(of: UInt8.self)
    var (hard, overlaps) = (0.0, 0.0)
    for image in 0..<2 {
      var (both, sure, truth, union) = (0.0, 0.0, 0.0, 0.0)
      for i in (4 * image)..<(4 * image + 4) {
        let p = 1 / (1 + Double.exp(values[2 * i] - values[2 * i + 1]))
        let g: Double = labels[i] == 1 ? 1 : 0
        guard labels[i] != 255 else { continue }
        let entropy = -Double.log(g == 1 ? p : 1 - p)
        hard += entropy > 0.3 ? entropy / 8 : 0
        let kept = p > 0.4 ? p : 0
        (both, sure, truth) = (both + kept * g, sure + kept, truth + g)
        union += max(kept, g)
      }
      overlaps += (1 - min(2 * both / (sure + truth), both / union)) / 2
    }
    let value = loss(logits, target)
    #expect(abs(value.scalar - (hard + overlaps)) < 1e-12)
  }

  @Test func hasTheGradientOfDifferences() {
    let loss = HardPixels(NoOptions())
    let variable = logits.variable()
    let gradient = gradients(of: loss(variable, target), for: [variable])[0]!.doubles
    let values = logits.array(of: Double.self)
    for i in values.indices {
      func at(_ step: Double) -> Double {
        var moved = values
        moved[i] += step
        return loss(Tensor(moved, shape: logits.shape), target).scalar
      }
      let difference = (at(1e-6) - at(-1e-6)) / 2e-6
      #expect(abs(difference - gradient[i]) < 1e-8, "logit \(i): \(gradient[i]), \(difference)")
    }
  }
}
