import AthanorLosses
import AthanorTensor
import Testing

/// What every segmentation loss of the registry, and its options that take other paths, must bear.
@Suite struct SegmentationLimitTests {
  private static func check(
    _ logits: Tensor, _ labels: [UInt8],
    where isMeant: (String) -> Bool = { _ in true },
    _ holds: (_ value: Double, _ gradient: [Double]) -> Bool,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let target = Tensor(labels, shape: Array(logits.shape.dropLast()))
    for (label, loss) in SegmentationLossTests.losses where isMeant(label) {
      for dtype in [DType.float32, .float64] {
        let (value, gradient) = valueAndGradient(logits.cast(to: dtype)) { loss($0, target) }
        #expect(gradient.count == logits.count, "\(label)", sourceLocation: sourceLocation)
        #expect(
          holds(value, gradient), "\(label), \(dtype): \(value), \(gradient.prefix(12))",
          sourceLocation: sourceLocation)
      }
    }
  }

  private static func isFinite(_ value: Double, _ gradient: [Double]) -> Bool {
    value.isFinite && gradient.allSatisfy(\.isFinite)
  }

  @Test(arguments: [[0, 4, 5], [2, 0, 5], [2, 4, 0], [0, 0, 0]]) func noPixel(_ shape: [Int]) {
    for channels in [1, 2, 5] {
      Self.check(.zeros(shape + [channels], .float64), []) { value, _ in value == 0 }
    }
  }

  @Test func noValidPixel() {
    for channels in [1, 2, 5, 300] {
      let logits = normal([1, 2, 3, channels], seed: 1)
      Self.check(logits, .init(repeating: 255, count: 6)) { $0 == 0 && $1.allSatisfy { $0 == 0 } }
    }
  }

  /// More classes than a mask can name: those that it names are told apart all the same.
  @Test(arguments: [255, 256, 257, 1000]) func moreClassesThanAByteHolds(_ classes: Int) throws {
    let logits = normal([1, 2, 3, classes], seed: 2)
    let labels: [UInt8] = [0, 1, 254, 255, 200, 254]
    Self.check(logits, labels, Self.isFinite)
    // Weights for all of them fit.
    var frequencies = ClassFrequencies(classes: classes)
    labels.withUnsafeBufferPointer { frequencies.add($0) }
    #expect(frequencies.pixels.count == classes && frequencies.pixels[254] == 2)
    for (label, loss) in SegmentationLossTests.losses {
      let target = Tensor(labels, shape: [1, 2, 3])
      let fitted = loss.fitted(to: frequencies)(logits, target).scalar
      #expect(fitted == loss(logits, target).scalar, "\(label)")
    }
  }

  /// A class that is switched off where it is not the target: probability 0, no cost. Smoothing
  /// asks for a share of every class, so that its loss is infinite.
  @Test func minusInfinityOffTheTarget() {
    var values = normal([1, 2, 3, 3], seed: 3).doubles
    for pixel in [0, 4] { values[3 * pixel + 2] = -.infinity }
    let isHard: (String) -> Bool = { !$0.contains("label_smoothing") }
    let logits = Tensor(values, shape: [1, 2, 3, 3])
    Self.check(logits, [0, 2, 1, 255, 1, 0], where: isHard, Self.isFinite)
    let single = Tensor([-Double.infinity, 0.5, -0.5], shape: [1, 1, 3, 1])
    Self.check(single, [0, 1, 0], where: isHard, Self.isFinite)
  }

  /// What is no number shows in the value or in the gradient, in every class and beside any target.
  @Test func notANumberShows() {
    for channels in [1, 3] {
      for channel in 0..<channels {
        var values = normal([1, 2, 2, channels], seed: 4).doubles
        values[channels + channel] = .nan
        for label: UInt8 in 0..<2 {
          Self.check(Tensor(values, shape: [1, 2, 2, channels]), [1, label, 0, 1]) {
            !Self.isFinite($0, $1)
          }
        }
      }
    }
  }

  @Test func infinityIsNoTrap() {
    for value in [Double.infinity, -.infinity] {
      for channels in [1, 3] {
        let logits = Tensor(repeating: value, shape: [1, 2, 2, channels], .float64)
        Self.check(logits, [0, 1, 255, 1]) { _, _ in true }
      }
    }
  }
}
