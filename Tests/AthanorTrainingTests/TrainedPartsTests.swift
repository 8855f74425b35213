import AthanorBalancing
import AthanorCore
import AthanorNetworks
import AthanorTensor
import AthanorTraining
import Testing

/// Which parameters are trained, and how far: freezing, factors of the learning rate, averages.
@Suite(.serialized) struct TrainedPartsTests {
  private func values(_ network: MultiTaskNetwork) -> [String: [Double]] {
    Dictionary(
      uniqueKeysWithValues: network.stateDictionary().map { ($0.name, $0.tensor.doubles) })
  }

  private func changed(_ run: TinyRun, since before: [String: [Double]]) -> Set<String> {
    let after = values(run.trainer.network)
    return Set(after.keys.filter { before[$0] != after[$0] })
  }

  @Test(arguments: ["fixed", "pcgrad", "mgda", "graddrop"])
  func frozenPartsKeepTheirValues(_ weighting: String) throws {
    let selection = Selection(
      weighting, weighting == "mgda" ? [.init("on", .string("features"))] : [])
    let run = try TinyRun(
      weighting: weightings.make(selection, at: "weighting"), freeze: ["backbone.*", "fpn.*"])
    let before = values(run.trainer.network)
    _ = try run.trainer.fit(run.loader)
    let changed = changed(run, since: before)
    #expect(!changed.isEmpty)
    // The running statistics of frozen norms too.
    #expect(!changed.contains { $0.hasPrefix("backbone.") || $0.hasPrefix("fpn.") })
    #expect(changed.contains("segmentation.predictor.weight"))
  }

  @Test func aPatternThatMatchesNothingIsRefused() throws {
    #expect(throws: SettingsError.self) { try TinyRun(freeze: ["bakbone.*"]) }
  }

  @Test func aFactorOfZeroStandsStill() throws {
    let run = try TinyRun(
      optimizer: AdamW(.init()), factors: ["*": 0, "segmentation.predictor.*": 1])
    let before = values(run.trainer.network)
    _ = try run.trainer.fit(run.loader)
    let changed = changed(run, since: before).filter {
      !$0.contains(".running_") && !$0.hasSuffix("num_batches_tracked")
    }
    #expect(changed == ["segmentation.predictor.weight", "segmentation.predictor.bias"])
  }

  /// A parameter's values after every update.
  private final class Weights: Callback {
    let parameter: Parameter
    var values: [[Double]]

    init(_ parameter: Parameter) {
      self.parameter = parameter
      values = [parameter.value.doubles]
    }

    func onStepEnd(_ record: StepRecord) { values.append(parameter.value.doubles) }
  }

  /// The first decay is above that of the first updates, the second below it.
  @Test(arguments: [0.15, 0.05])
  func averagesFollowTheWeights(decay: Double) throws {
    let run = try TinyRun(emaDecay: decay)
    let name = "segmentation.predictor.weight"
    let parameter = run.trainer.network.parameters().first { $0.name == name }!.parameter
    let weights = Weights(parameter)
    _ = try run.trainer.fit(run.loader, callbacks: [weights])
    #expect(weights.values.count == 7)
    var average = weights.values[0]
    for (t, values) in weights.values.dropFirst().enumerated() {
      let d = min(decay, Double(1 + t) / Double(10 + t))
      average = zip(average, values).map { d * $0 + (1 - d) * $1 }
    }
    let state = run.trainer.state
    let found = state.weights.first { $0.name == name }!.tensor.doubles
    #expect(zip(found, average).allSatisfy { abs($0 - $1) < 1e-6 })
    #expect(found != parameter.value.doubles)
    #expect(!state.weights.contains { $0.name.hasPrefix("average.") })
    let tensors = state.tensors.map { ($0.name, $0.tensor) }
    let averaged = TrainingState.averaged(Dictionary(uniqueKeysWithValues: tensors))
    #expect(averaged[name]!.doubles == found)
    #expect(tensors.count - averaged.count == run.trainer.network.parameters().count)
  }

  @Test func anAveragedRunResumesToTheBit() throws {
    func run(stopAfter: Int?, from: TrainingState?) throws -> TrainingState {
      let run = try TinyRun(emaDecay: 0.9)
      if let from {
        let tensors = from.tensors.map { ($0.name, $0.tensor) }
        try run.trainer.restore(
          Dictionary(uniqueKeysWithValues: tensors), from.progress,
          batchesPerEpoch: run.loader.batchesPerEpoch, from: "checkpoint")
      }
      _ = try run.trainer.fit(
        run.loader, shouldStop: { stopAfter.map { run.trainer.progress.step >= $0 } ?? false })
      return run.trainer.state
    }
    let whole = try run(stopAfter: nil, from: nil)
    let resumed = try run(stopAfter: nil, from: run(stopAfter: 4, from: nil))
    #expect(whole.tensors.map(\.name) == resumed.tensors.map(\.name))
    for (a, b) in zip(whole.tensors, resumed.tensors) {
      #expect(a.tensor.doubles == b.tensor.doubles, "\(a.name)")
    }
  }
}
