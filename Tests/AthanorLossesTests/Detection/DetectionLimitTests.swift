import AthanorCore
import AthanorLosses
import AthanorTensor
import Testing

/// What every box loss and every classification loss of the registries must bear.
@Suite struct DetectionLimitTests {
  @Test func noBox() {
    for (label, loss) in BoxLossTests.losses {
      for dtype in [DType.float32, .float64] {
        let boxes = Tensor.zeros([0, 4], dtype).variable()
        let losses = loss(boxes, .zeros([0, 4], dtype))
        #expect(losses.shape == [0], "\(label)")
        #expect(gradients(of: losses.sum(), for: [boxes])[0]?.shape == [0, 4], "\(label)")
      }
    }
  }

  @Test func notANumberShowsAndInfinityIsNoTrap() {
    let plain = [1.0, 2, 5, 7]
    for (label, loss) in BoxLossTests.losses {
      for (k, dtype) in (0..<4).flatMap({ k in [DType.float32, .float64].map { (k, $0) } }) {
        for value in [Double.nan, .infinity, -.infinity] {
          var other = plain
          other[k] = value
          for (p, t) in [(other, plain), (plain, other)] {
            let (result, _) = valueAndGradient(BoxLossTests.tensor([p]).cast(to: dtype)) {
              loss($0, BoxLossTests.tensor([t]).cast(to: dtype)).sum()
            }
            #expect(result.isNaN || !value.isNaN, "\(label), coordinate \(k), \(dtype)")
          }
        }
      }
    }
  }

  private static let classification: [(label: String, loss: any ClassificationLoss)] =
    classificationLosses.names.map {
      ($0, try! classificationLosses.make(Selection($0), at: "classification"))
    }

  private func check(
    _ logits: Tensor, _ labels: [Int32], _ holds: (Double, [Double]) -> Bool,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    for (label, loss) in Self.classification {
      for dtype in [DType.float32, .float64] {
        let (value, gradient) = valueAndGradient(logits.cast(to: dtype)) {
          loss($0, Tensor(labels, shape: [labels.count]))
        }
        #expect(
          gradient.count == logits.count && holds(value, gradient),
          "\(label), \(dtype): \(value), \(gradient.prefix(9))", sourceLocation: sourceLocation)
      }
    }
  }

  @Test func classesOfPoints() {
    let finite: (Double, [Double]) -> Bool = { $0.isFinite && $1.allSatisfy(\.isFinite) }
    check(.zeros([0, 3], .float64), []) { value, _ in value == 0 }
    check(.zeros([2, 0], .float64), [-1, -2]) { value, _ in value == 0 }
    check(normal([2, 3], seed: 1), [-2, -2]) { $0 == 0 && $1.allSatisfy { $0 == 0 } }
    check(normal([3, 300], seed: 2), [299, -1, 0], finite)
    let off = Tensor([0.5, -.infinity, 1, -.infinity, 0, 0], shape: [2, 3])
    check(off, [0, -1], finite)
    for place in 0..<3 {
      var values = normal([2, 3], seed: 3).doubles
      values[place] = .nan
      check(Tensor(values, shape: [2, 3]), [1, -1]) { value, _ in value.isNaN }
    }
    check(Tensor(repeating: .infinity, shape: [2, 3], .float64), [1, -2]) { _, _ in true }
  }

  /// Batches of no image and of no point, boxes without a size or without end: no positive point,
  /// and a finite loss of the background.
  @Test(arguments: boxLosses.names) func batchesWithoutPositives(_ box: String) throws {
    let none = DetectionTargets(
      boxes: .zeros([0, 5]), classes: Tensor([Int32](), shape: [0]), hasBoxes: [])
    let huge = Float.greatestFiniteMagnitude
    let sizeless = DetectionTargets(
      boxes: Tensor(
        [0, 12, 12, 12, 12, 0, 12, 12, 12, 40, 0, 40, 40, 12, 12, 0, -huge, -huge, huge, huge]
          as [Float], shape: [4, 5]),
      classes: Tensor([0, 1, 2, 0] as [Int32], shape: [4]), hasBoxes: [true])
    for (_, classification) in Self.classification {
      let loss = FCOSLoss(
        classification: classification, box: try boxLosses.make(Selection(box), at: "box"))
      for (targets, images, size) in [(none, 0, 64), (sizeless, 1, 64), (sizeless, 1, 0)] {
        let levels = DetectionLossTests.levels(
          images: images, size: size, classes: 3, .float32)
        let terms = loss(DetectionLossTests.logits(levels), targets)
        #expect(terms.positives == 0 && terms.box.scalar == 0 && terms.centerness.scalar == 0)
        let value = terms.classification.scalar
        #expect(value.isFinite && (value > 0) == (images * size > 0))
        let parts = gradients(of: terms.classification, for: levels.map { $0[0] })
        #expect(parts.map { $0?.shape } == levels.map { $0[0].shape })
      }
    }
  }
}
