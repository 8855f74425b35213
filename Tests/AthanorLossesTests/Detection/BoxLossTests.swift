import AthanorCore
import AthanorLosses
import AthanorTensor
import Testing

@Suite struct BoxLossTests {
  static func make(_ name: String, _ options: [Settings.Entry] = []) -> any BoxLoss {
    try! boxLosses.make(Selection(name, options), at: "box")
  }

  static let losses: [(label: String, loss: any BoxLoss)] =
    boxLosses.names.map { ($0, make($0)) }
    + [
      ("iou linear", make("iou", [.init("linear", .bool(true))])),
      ("smooth_l1 beta", make("smooth_l1", [.init("beta", .number(0.3))])),
    ]

  /// Prediction and target, where every loss is smooth.
  static let smooth: [(String, [Double], [Double])] = [
    ("overlapping", [1, 2, 5, 7], [2, 1, 6.5, 5]),
    ("disjoint", [0, 0, 2, 2], [5, 6, 8, 9]),
    ("enclosing", [0, 0, 10, 11], [2, 3, 4, 6]),
    ("enclosed", [2.5, 3.5, 4, 6], [0, 0, 10, 11]),
    ("tiny", [4, 4, 4.01, 4.02], [3.9, 3.95, 4.2, 4.3]),
  ]

  /// Where they have corners or degenerate: finite is all that is asked.
  static let degenerate: [(String, [Double], [Double])] = [
    ("identical", [3, 3, 4, 9], [3, 3, 4, 9]),
    ("touching", [0, 0, 2, 2], [2, 0, 4, 2]),
    ("zero area", [1, 1, 1, 1], [0, 0, 2, 2]),
    ("zero width", [1, 0, 1, 3], [0, 0, 2, 2]),
    ("both of zero area", [1, 1, 1, 1], [1, 1, 1, 1]),
    ("zero target", [0, 0, 2, 2], [1, 1, 1, 1]),
    ("inverted", [5, 5, 1, 2], [0, 0, 2, 2]),
    ("huge", [-1e13, -1e13, 1e13, 1e13], [0, 0, 10, 10]),
  ]

  static func tensor(_ rows: [[Double]]) -> Tensor {
    Tensor(rows.flatMap { $0 }, shape: [rows.count, 4])
  }

  @Test func gradientsMatchDifferences() {
    let target = Self.tensor(Self.smooth.map(\.2))
    // ciou holds its α constant: its gradient is no derivative.
    for (label, loss) in Self.losses where label != "ciou" {
      expectGradient(at: Self.tensor(Self.smooth.map(\.1)), step: 1e-6, tolerance: 1e-5, label) {
        loss($0, target).sum()
      }
    }
  }

  @Test func finiteForDegenerateBoxes() {
    for (label, loss) in Self.losses {
      for (name, prediction, target) in Self.smooth + Self.degenerate {
        for dtype in [DType.float32, .float64] {
          let (value, gradient) = valueAndGradient(Self.tensor([prediction]).cast(to: dtype)) {
            loss($0, Self.tensor([target]).cast(to: dtype)).sum()
          }
          #expect(
            value.isFinite && gradient.allSatisfy(\.isFinite), "\(label), \(name), \(dtype)")
        }
      }
    }
  }

  @Test func floatAgreesWithDouble() {
    for (label, loss) in Self.losses {
      for (name, prediction, target) in Self.smooth {
        // Coordinates that float32 holds exactly, so that only the arithmetic differs.
        let (p, t) = (
          Self.tensor([prediction.map { Double(Float($0)) }]),
          Self.tensor([target.map { Double(Float($0)) }])
        )
        let double = valueAndGradient(p) { loss($0, t).sum() }
        let float = valueAndGradient(p.cast(to: .float32)) { loss($0, t.cast(to: .float32)).sum() }
        expectClose(float.value, double.value, 1e-4, "\(label), \(name)")
        #expect(
          name == "tiny" || relativeDistance(float.gradient, double.gradient) < 1e-5
            || norm(double.gradient) == 0, "\(label), \(name)")
      }
    }
  }

  /// Values and gradients of PyTorch 2 in float64.
  @Test func agreesWithPyTorch() {
    let prediction = Self.tensor([[1, 2, 5, 7], [0, 0, 2, 2], [0, 0, 10, 10], [3, 3, 4, 9]])
    let target = Self.tensor([[2, 1, 6, 5], [5, 5, 8, 9], [2, 3, 4, 6], [3, 3, 4, 9]])
    let expected: [(String, [Double], [Double])] = [
      (
        "giou", [0.7666666675679012, 1.777777776697531, 0.94000000006, 1.6666666380338313e-08],
        [
          -0.0750617279600366, 0.1320987650009145, -0.1530864193022405, 0.06604938235025148,
          -1.3503085455335295e-10, 0.003086419628772298, -0.027777777739197533,
          -0.027777777739197533, -0.006, -0.006, 0.006, 0.006, 0, 0, 0, 0,
        ]
      ),
      (
        "iou", [1.0986122923718133, 16.11809565095832, 2.813410717760036, 1.66666665192272e-08],
        [
          -0.1851851844993141, 0.2962962964334705, -0.2592592595336077, 0.14814814759945127, 0, 0,
          0, 0, -0.0999999999, -0.0999999999, 0.0999999999, 0.0999999999, 0, 0, 0, 0,
        ]
      ),
      (
        "smooth_l1", [3, 21, 13, 0],
        [-1, 1, -1, 1, -1, -1, -1, -1, -1, -1, 1, 1, 0, 0, 0, 0]
      ),
    ]
    for (name, values, gradient) in expected {
      let loss = Self.make(name)
      for (a, b) in zip(loss(prediction, target).doubles, values) { expectClose(a, b, 1e-9, name) }
      let result = valueAndGradient(prediction) { loss($0, target).sum() }
      for (a, b) in zip(result.gradient, gradient) { expectClose(a, b, 2e-8, name) }
    }
  }

  @Test func plainDistancesSumOverCoordinates() {
    let (p, t) = (Self.tensor([[0, 1, 2, 3]]), Self.tensor([[0.5, 3, 2, -1]]))
    for (name, expected) in [("l1", 6.5), ("l2", 20.25), ("smooth_l1", 0.125 + 1.5 + 3.5)] {
      let loss = Self.make(name)
      let value = loss(p, t)
      #expect(value.shape == [1] && value.scalar == expected, "\(name)")
    }
  }

  @Test func giouIsIouWhereOneBoxEnclosesTheOther() {
    let linear = Self.make("iou", [.init("linear", .bool(true))])
    let (p, t) = (
      Self.tensor([[0, 0, 10, 11], [2, 3, 4, 6]]), Self.tensor([[2, 3, 4, 6], [0, 0, 10, 11]])
    )
    let giou = Self.make("giou")
    for (a, b) in zip(giou(p, t).doubles, linear(p, t).doubles) { expectClose(a, b, 1e-8) }
  }

  @Test func overlapLossesAreScaleInvariant() {
    for (label, loss) in Self.losses where label.contains("iou") {
      for (name, prediction, target) in Self.smooth where name != "tiny" {
        let small = loss(Self.tensor([prediction]), Self.tensor([target])).scalar
        let large = loss(
          Self.tensor([prediction.map { 1000 * $0 }]), Self.tensor([target.map { 1000 * $0 }])
        ).scalar
        expectClose(small, large, 1e-6, "\(label), \(name)")
      }
    }
  }

  @Test func lossesOfDistancePullDisjointBoxes() {
    let (p, t) = (Self.tensor([[0, 0, 2, 2]]), Self.tensor([[5, 6, 8, 9]]))
    for name in ["iou", "alpha_iou"] {
      let loss = Self.make(name)
      let none = valueAndGradient(p) { loss($0, t).sum() }.gradient
      #expect(none == [0, 0, 0, 0], "\(name)")
    }
    for name in ["giou", "diou", "ciou", "eiou", "siou"] {
      let loss = Self.make(name)
      let pull = valueAndGradient(p) { loss($0, t).sum() }.gradient
      #expect(pull[2] < 0 && pull[3] < 0, "\(name)")
    }
  }

  @Test func noBoxesGiveNoLoss() {
    for (label, loss) in Self.losses {
      let none = Tensor([Double](), shape: [0, 4])
      let value = loss(none, none)
      #expect(value.shape == [0], "\(label)")
    }
  }
}
