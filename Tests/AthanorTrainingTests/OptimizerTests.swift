import AthanorCore
import AthanorNetworks
import AthanorTensor
import AthanorTraining
import Testing

/// What PyTorch 2.13 makes of the same weights and gradients, in double precision.
@Suite struct OptimizerTests {
  private static let start: [Float] = [1, -2, 0.5, 3]

  /// Four gradients: (i + 1)·(−1)ⁱ·[.1, −.2, .3, .4] + .05i.
  private static func gradient(_ i: Int) -> Tensor {
    let factor = Double(i + 1) * (i % 2 == 0 ? 1 : -1)
    return Tensor(
      [0.1, -0.2, 0.3, 0.4].map { Float($0 * factor + 0.05 * Double(i)) }, shape: [2, 2])
  }

  /// The weights after each of four updates.
  private static func run(
    _ optimizer: some Optimizer, rate: Double, decays: Bool = true, factor: Double = 1
  ) -> [[Double]] {
    let parameter = Parameter([2, 2], .constant(0), decays: decays)
    parameter.assign(Tensor(start, shape: [2, 2]))
    parameter.learningRateFactor = factor
    let named = [(name: "w", parameter: parameter)]
    optimizer.begin(named)
    return (0..<4).map { i in
      optimizer.update(named, gradients: [gradient(i)], learningRate: rate, step: i)
      return parameter.value.doubles
    }
  }

  private static func expectClose(
    _ found: [[Double]], _ expected: [[Double]], sourceLocation: SourceLocation = #_sourceLocation
  ) {
    for (a, b) in zip(found.flatMap(\.self), expected.flatMap(\.self)) {
      #expect(abs(a - b) < 2e-6, "\(a), expected \(b)", sourceLocation: sourceLocation)
    }
  }

  private static func sgd(
    momentum: Double, nesterov: Bool = false, decay: Double = 0.01
  ) throws -> SGD {
    var options = SGD.Options()
    (options.momentum, options.nesterov, options.weightDecay) = (momentum, nesterov, decay)
    return try SGD(options)
  }

  /// `torch.optim.SGD(lr=.1, momentum=.9, weight_decay=.01)`.
  @Test func momentum() throws {
    try Self.expectClose(
      Self.run(Self.sgd(momentum: 0.9), rate: 0.1),
      [
        [0.989, -1.978, 0.4695, 2.957], [0.993111, -2.001222, 0.4965805, 2.990343],
        [0.955817789, -1.970120578, 0.4204563695, 2.887361357],
        [0.946298081311, -2.035159177622, 0.45652419568, 2.936790516943],
      ])
  }

  /// The same with `nesterov=True`.
  @Test func nesterov() throws {
    try Self.expectClose(
      Self.run(Self.sgd(momentum: 0.9, nesterov: true), rate: 0.1),
      [
        [0.9791, -1.9582, 0.44205, 2.9183],
        [0.99682971, -2.02215942, 0.521005105, 3.02042523],
        [0.922273662551, -1.942143175102, 0.3519726348, 2.794725599063],
        [0.937818046627, -2.093758426139, 0.489143568209, 2.981504335288],
      ])
  }

  /// `torch.optim.SGD(lr=.1)`: what does not decay is as without weight decay.
  @Test func plainAndUndecayed() throws {
    let expected = [
      [0.99, -1.98, 0.47, 2.96], [1.005, -2.025, 0.525, 3.035], [0.965, -1.975, 0.425, 2.905],
      [0.99, -2.07, 0.53, 3.05],
    ]
    try Self.expectClose(Self.run(Self.sgd(momentum: 0, decay: 0), rate: 0.1), expected)
    try Self.expectClose(Self.run(Self.sgd(momentum: 0), rate: 0.1, decays: false), expected)
    // A factor of the learning rate is one.
    try Self.expectClose(
      Self.run(Self.sgd(momentum: 0, decay: 0), rate: 0.2, factor: 0.5), expected)
  }

  /// `torch.optim.AdamW(lr=.01, betas=(.9, .999), eps=1e-8, weight_decay=.05)`.
  @Test func adamW() throws {
    var options = AdamW.Options()
    options.weightDecay = 0.05
    try Self.expectClose(
      Self.run(AdamW(options), rate: 0.01),
      [
        [0.989500001, -1.9890000005, 0.489750000333, 2.98850000025],
        [0.991482268967, -1.992085841858, 0.49283126732, 2.990420403145],
        [0.985948241987, -1.988749729617, 0.488534866983, 2.985021405769],
        [0.984748347491, -1.991292502706, 0.489677390132, 2.985159223321],
      ])
  }

  /// `torch.nn.utils.clip_grad_norm_` of [3, 4] and [12] to 2.
  @Test func clipping() {
    let gradients = [Tensor([Float(3), 4], shape: [2]), nil, Tensor([Float(12)], shape: [1])]
    let (clipped, norm) = AthanorTraining.clipped(gradients, to: 2)
    #expect(norm == 13 && clipped[1] == nil)
    let found = clipped.compactMap { $0?.doubles }.flatMap(\.self)
    for (a, b) in zip(found, [0.46153842603550577, 0.615384568047341, 1.846153704142023]) {
      #expect(abs(a - b) < 1e-7)
    }
    #expect(AthanorTraining.clipped(gradients, to: 13).gradients[0]?.doubles == [3, 4])
  }

  /// Values are values: what was taken of the weights before an update stays.
  @Test func updatesLeaveEarlierValuesAlone() throws {
    let parameter = Parameter([2, 2], .constant(0), decays: true)
    parameter.assign(Tensor(Self.start, shape: [2, 2]))
    let before = parameter.value
    let named = [(name: "w", parameter: parameter)]
    let optimizer = try Self.sgd(momentum: 0.9)
    optimizer.begin(named)
    optimizer.update(named, gradients: [Self.gradient(0)], learningRate: 0.1, step: 0)
    let state = optimizer.state["w"]!
    let velocity = state.doubles
    optimizer.update(named, gradients: [Self.gradient(1)], learningRate: 0.1, step: 1)
    #expect(before.doubles == Self.start.map(Double.init))
    #expect(state.doubles == velocity && optimizer.state["w"]!.doubles != velocity)
    #expect(parameter.value.isTracked && parameter.value.doubles != before.doubles)
  }
}
