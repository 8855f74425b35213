import AthanorCore
import AthanorKernels
import AthanorTraining
import Foundation

/// How long runs take, from a few real steps and predictions of each method.
struct AblationTiming {
  /// Seconds of an update, and of an image that is validated.
  private struct Cost {
    var step: Double
    var image: Double
  }

  private static let measuredSteps = 3
  /// Starting a process, the first step, checkpoints and figures.
  private static let overhead = 2.0

  private var costs: [[String: String]: (cost: Cost, images: Int)] = [:]

  /// Measures every method of the runs once, with `threads` threads. `progress` is told how many of the
  /// runs are measured.
  init(_ runs: [AblationRun], threads: Int, progress: (Int) -> Void) throws {
    for (i, run) in runs.enumerated() {
      let key = Self.key(run)
      if costs[key] == nil { costs[key] = try Self.measure(run, threads: threads) }
      progress(i + 1)
    }
  }

  /// The seconds of the last `steps` updates of a run that has `all` of them, with the evaluations that
  /// go with them.
  func seconds(_ run: AblationRun, steps: Int, of all: Int) -> Double {
    guard let (cost, images) = costs[Self.key(run)], steps > 0, all > 0 else { return 0 }
    let options = run.config.training
    let evaluations = (options.epochs + options.evaluateEvery - 1) / options.evaluateEvery
    let updating = Double(steps) * cost.step
    let evaluating = Double(evaluations * images) * cost.image * Double(steps) / Double(all)
    return Self.overhead + updating + evaluating
  }

  /// Runs that differ in their seeds take the same time.
  private static func key(_ run: AblationRun) -> [String: String] {
    var key = run.signature
    key["seed"] = nil
    return key
  }

  private static func measure(_ run: AblationRun, threads: Int) throws -> (Cost, Int) {
    let experiment = try Experiment(run.config)
    Threads.count = run.config.threads ?? threads
    let trainer = try experiment.makeTrainer()
    let loader = try experiment.makeLoader()
    let count = run.config.training.accumulation * trainer.batchesPerUpdate
    let batches = try (0..<count).map {
      try loader.batch(epoch: 0, step: $0 % loader.batchesPerEpoch)
    }
    _ = try trainer.step(batches, learningRate: 0)
    let times = try (0..<measuredSteps).map { _ in
      try trainer.step(batches, learningRate: 0).milliseconds / 1000
    }
    let images = try experiment.source.open(.val).count
    let predictor = Predictor(experiment.network, experiment.format, threshold: 0.05)
    _ = predictor(batches[0])
    let evaluation = ContinuousClock().measure { _ = predictor(batches[0]) }
    return (
      Cost(step: median(times), image: evaluation.seconds / Double(batches[0].count)), images
    )
  }
}
