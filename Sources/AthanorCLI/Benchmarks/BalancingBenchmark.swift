import AthanorBalancing
import AthanorCore
import AthanorData
import AthanorExperiment
import AthanorKernels
import AthanorTraining

/// The implementation of `athanor bench balancing`: times a training step under each weighting,
/// alternating with a step under `fixed`.
public struct BalancingBenchmark {
  /// One weighting: the median step time, and the median and range of its ratio to the paired
  /// `fixed` step.
  public struct Row: Sendable {
    public var weighting: String
    /// What the weighting needs: `losses`, `gradients` or `features`.
    public var needs: String
    /// Batches per update; the time is that of one batch.
    public var samples: Int
    public var milliseconds: Double
    public var ratio: Double
    public var low: Double
    public var high: Double
  }

  public var backbone = "resnet18"
  /// Height and width of the input in pixels.
  public var size = 256
  public var batch = 8
  /// Pairs of steps for each weighting.
  public var repeats = 3
  public var weightings = AthanorBalancing.weightings.names.map { Selection($0) }

  public init() {}

  public func callAsFunction() throws -> [Row] {
    try requireAtLeast(1, repeats, "--repeat")
    let (experiment, input) = try TrainBenchmark.setting(
      backbone: backbone, size: size, batch: batch)
    let fixed = try experiment.makeTrainer()
    let bar = ProgressBar("bench balancing", total: weightings.count * repeats, unit: "pair")
    defer { bar.finish() }
    _ = try fixed.step([input], learningRate: 0)
    var rows: [Row] = []
    let made = try weightings.map { try AthanorBalancing.weightings.make($0, at: "--weighting") }
    for (selection, weighting) in zip(weightings, made) {
      let trainer = try Trainer(
        experiment.network, experiment.objective, weighting: weighting,
        optimizer: fixed.optimizer, schedule: fixed.schedule, options: fixed.options)
      let samples = trainer.batchesPerUpdate
      let batches = [Batch](repeating: input, count: samples)
      _ = try trainer.step(batches, learningRate: 0)
      var pairs: [(fixed: Double, own: Double)] = []
      for i in 0..<repeats {
        // Each goes first in turn, because the second one finds its memory in the caches.
        var own = i % 2 == 1 ? try trainer.step(batches, learningRate: 0).milliseconds : 0
        let reference = try fixed.step([input], learningRate: 0).milliseconds
        if i % 2 == 0 { own = try trainer.step(batches, learningRate: 0).milliseconds }
        own /= Double(samples)
        pairs.append((reference, own))
        bar.update(rows.count * repeats + i + 1, selection.name)
      }
      let ratios = pairs.map { $0.own / $0.fixed }
      rows.append(
        Row(
          weighting: selection.name, needs: weighting.rule.name, samples: samples,
          milliseconds: median(pairs.map(\.own)), ratio: median(ratios), low: ratios.min()!,
          high: ratios.max()!))
    }
    return rows
  }
}

extension BalancingBenchmark {
  /// The median ratio over the methods with the same needs, in order of first appearance.
  private static func medians(_ rows: [Row]) -> [(needs: String, count: Int, ratio: Double)] {
    var needs: [String] = []
    for row in rows where !needs.contains(row.needs) { needs.append(row.needs) }
    return needs.map { kind in
      let ratios = rows.filter { $0.needs == kind }.map(\.ratio)
      return (kind, ratios.count, median(ratios))
    }
  }

  public static func markdown(_ rows: [Row]) -> String {
    "| weighting | needs | ms a batch | of fixed | range |\n|---|---|---:|---:|---|\n"
      + rows.map {
        "| \($0.weighting) | \($0.needs) | \(fixed($0.milliseconds, 0)) | \(fixed($0.ratio, 2)) "
          + "| \(fixed($0.low, 2))–\(fixed($0.high, 2)) |\n"
      }.joined() + "\n| needs | methods | of fixed, median |\n|---|---:|---:|\n"
      + medians(rows).map { "| \($0.needs) | \($0.count) | \(fixed($0.ratio, 2)) |\n" }.joined()
  }

  public static func json(_ rows: [Row]) -> JSON {
    let results = JSON.array(
      rows.map {
        [
          "weighting": .string($0.weighting), "needs": .string($0.needs),
          "samples": .integer($0.samples), "milliseconds": .number($0.milliseconds),
          "ratio": .number($0.ratio), "ratioLow": .number($0.low), "ratioHigh": .number($0.high),
        ]
      })
    let medians = JSON.array(
      medians(rows).map {
        [
          "needs": .string($0.needs), "methods": .integer($0.count), "ratio": .number($0.ratio),
        ]
      })
    return ["threads": .integer(Threads.count), "results": results, "medians": medians]
  }
}
