import AthanorBalancing
import AthanorCore
import AthanorData
import AthanorNetworks
import AthanorTasks
import AthanorTensor
import AthanorTraining
import AthanorVision
import Testing

/// A method of gradients with constant coefficients: what it does is known from `fixed`.
private final class ConstantMerge: GradientWeighting {
  static let name = "constant"
  static let summary = ""
  static let source = ""

  let coefficients: [Double]
  let usesFeatures: Bool

  init(_ options: NoOptions) { (coefficients, usesFeatures) = ([], false) }

  init(_ coefficients: [Double], usesFeatures: Bool) {
    self.coefficients = coefficients
    self.usesFeatures = usesFeatures
  }

  func begin(_ tasks: [BalancedTask], _ random: RandomSource) {}

  func merge(
    _ samples: [TaskGradients], losses: [Double], of tasks: [Int]
  ) -> MergedGradient {
    let weights = tasks.map { coefficients[$0] }
    return MergedGradient(weights, heads: weights)
  }
}

/// A network, scenes and an objective that are small enough to train in a blink.
private struct Tiny {
  let network: MultiTaskNetwork
  let objective: Objective
  let scenes: any Dataset
  let format = InputFormat(width: 64, height: 64)

  init(split: Bool = false) throws {
    var options = SyntheticScenes.Options()
    (options.train, options.width, options.height) = (16, 64, 64)
    scenes = try SyntheticSource(options).open(.train)
    let detection = Selection("detection", [.init("split", .bool(split))])
    let tasks = try RunTask.all(
      NamedSelections([
        .init("segmentation", Selection("segmentation")), .init("detection", detection),
      ]), scenes.classes)
    network = try MultiTaskNetwork(
      NetworkOptions(backbone: Selection("resnet10"), width: 8, fpnChannels: 16), tasks, seed: 3)
    objective = Objective(tasks)
  }

  /// Four samples; `hide` takes labels away.
  func batch(_ first: Int, hide: (inout Sample) -> Void = { _ in }) throws -> Batch {
    try Batch(
      (first..<(first + 4)).map {
        var sample = try scenes.sample(at: $0)
        hide(&sample)
        return sample
      }, format, labels: objective.labels)
  }

  func trainer(_ weighting: any Weighting) throws -> Trainer {
    var options = TrainingOptions()
    options.clipNorm = nil
    options.recordGradientsEvery = 1
    var sgd = SGD.Options()
    (sgd.momentum, sgd.weightDecay) = (0, 0)
    return try Trainer(
      network, objective, weighting: weighting, optimizer: SGD(sgd),
      schedule: ConstantSchedule(.init()), options: options, seed: 5)
  }
}

/// The network's parameters after a step with learning rate 1: start minus gradient.
private func afterStep(
  _ weighting: any Weighting, split: Bool = false, _ makeBatches: (Tiny) throws -> [Batch]
) throws -> (parameters: [String: [Double]], record: StepRecord) {
  let tiny = try Tiny(split: split)
  let record = try tiny.trainer(weighting).step(makeBatches(tiny), learningRate: 1)
  let parameters = tiny.network.parameters().map { ($0.name, $0.parameter.value.doubles) }
  return (Dictionary(uniqueKeysWithValues: parameters), record)
}

private func fixed(_ weights: [String: Double]) throws -> FixedWeighting {
  var options = FixedWeighting.Options()
  options.weights = weights
  return try FixedWeighting(options)
}

extension Weighting {
  fileprivate var takesSeveralBatches: Bool {
    guard case .gradients(let method) = rule else { return false }
    return method.samples > 1
  }
}

@Suite(.serialized) struct WeightingRuleTests {
  private static func expectSame(
    _ a: (parameters: [String: [Double]], record: StepRecord),
    _ b: (parameters: [String: [Double]], record: StepRecord)
  ) {
    #expect(a.parameters.keys == b.parameters.keys)
    for (name, values) in a.parameters {
      let worst = zip(values, b.parameters[name]!).map { abs($0 - $1) }.max() ?? 0
      let size = values.map { abs($0) }.max() ?? 0
      #expect(worst <= 2e-4 * max(1, size), "\(name): \(worst)")
    }
    #expect(a.record.losses == b.record.losses)
  }

  /// Coefficients that do not change make the same step whichever way they get there.
  @Test(arguments: [false, true])
  func constantCoefficientsAreTheFixedSum(usesFeatures: Bool) throws {
    func batches(_ tiny: Tiny) throws -> [Batch] { [try tiny.batch(0)] }
    let sum = try afterStep(fixed(["segmentation": 0.3, "detection": 1.7]), batches)
    let merged = try afterStep(ConstantMerge([0.3, 1.7], usesFeatures: usesFeatures), batches)
    Self.expectSame(merged, sum)
    #expect(merged.record.weights == ["segmentation": 0.3, "detection": 1.7])
  }

  @Test(arguments: [false, true])
  func soTheyDoOverMicroBatchesAndFourTasks(usesFeatures: Bool) throws {
    func batches(_ tiny: Tiny) throws -> [Batch] { [try tiny.batch(0), try tiny.batch(4)] }
    let weights = [0.5, 2, 0.25, 1]
    let names = ["segmentation", "detection.cls", "detection.box", "detection.centerness"]
    let sum = try afterStep(
      fixed(Dictionary(uniqueKeysWithValues: zip(names, weights))), split: true, batches)
    let merged = try afterStep(
      ConstantMerge(weights, usesFeatures: usesFeatures), split: true, batches)
    Self.expectSame(merged, sum)
    #expect(merged.record.cosines?.count == 6)
  }

  @Test(arguments: [false, true])
  func aTaskMayBeMissingFromOneMicroBatch(usesFeatures: Bool) throws {
    func batches(_ tiny: Tiny) throws -> [Batch] {
      [try tiny.batch(0), try tiny.batch(4) { $0.boxes = nil }]
    }
    let sum = try afterStep(fixed(["segmentation": 0.3]), batches)
    Self.expectSame(
      try afterStep(ConstantMerge([0.3, 1], usesFeatures: usesFeatures), batches), sum)
  }

  /// One present task: every method of gradients or features makes the plain step.
  @Test(arguments: weightings.names)
  func aTaskAloneGetsItsOwnGradient(_ name: String) throws {
    let weighting = try weightings.make(Selection(name), at: "weighting")
    if case .losses = weighting.rule { return }
    func batches(_ tiny: Tiny) throws -> [Batch] {
      let batch = try tiny.batch(0) { $0.mask = nil }
      return [Batch](repeating: batch, count: weighting.takesSeveralBatches ? 3 : 1)
    }
    let merged = try afterStep(weighting, batches)
    Self.expectSame(merged, try afterStep(fixed([:]), batches))
    #expect(merged.record.weights == ["detection": 1])
  }

  @Test(arguments: weightings.names)
  func everyMethodTrainsAndResumesBitForBit(_ name: String) throws {
    let whole = try Self.run(name)
    let resumed = try Self.run(name, from: Self.run(name, stopAfter: 2))
    for (a, b) in zip(whole.progress.history.epochs, resumed.progress.history.epochs) {
      #expect(a.losses == b.losses && a.weights == b.weights && a.total == b.total)
    }
    let (a, b) = (whole.state.tensors, resumed.state.tensors)
    #expect(a.map(\.name) == b.map(\.name))
    for (x, y) in zip(a, b) {
      let same = zip(x.tensor.doubles, y.tensor.doubles).allSatisfy {
        $0 == $1 || ($0.isNaN && $1.isNaN)
      }
      #expect(same, "\(name): \(x.name)")
    }
  }

  /// Two epochs of two updates on four tasks, with two micro-batches each where the method
  /// allows it.
  private static func run(
    _ name: String, stopAfter: Int? = nil, from: Trainer? = nil
  ) throws -> Trainer {
    let tiny = try Tiny(split: true)
    let weighting = try weightings.make(Selection(name), at: "weighting")
    var options = TrainingOptions()
    (options.epochs, options.batchSize, options.warmup) = (2, 2, 1)
    options.accumulation = weighting.takesSeveralBatches ? 1 : 4
    let trainer = try Trainer(
      tiny.network, tiny.objective, weighting: weighting, optimizer: AdamW(.init()),
      schedule: ConstantSchedule(.init()), options: options, seed: 5)
    var loading = Loader.Options()
    (loading.batchSize, loading.seed) = (2, 3)
    let loader = Loader(
      tiny.scenes, tiny.format, labels: tiny.objective.labels, loading)
    if let from {
      let tensors = from.state.tensors.map { ($0.name, $0.tensor) }
      try trainer.restore(
        Dictionary(uniqueKeysWithValues: tensors), from.progress,
        batchesPerEpoch: loader.batchesPerEpoch, from: "checkpoint")
    }
    _ = try trainer.fit(
      loader,
      shouldStop: { stopAfter.map { trainer.progress.step >= $0 } ?? false })
    return trainer
  }
}
