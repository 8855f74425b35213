import AthanorCore
import AthanorData
import AthanorKernels
import AthanorTraining
import AthanorVision
import Foundation

/// How long runs take, from a few real steps, predictions and pictures of each method.
struct AblationTiming {
  /// Seconds.
  private struct Cost {
    /// What a run takes whatever its steps: to start, to read its samples, to draw.
    var run: Double
    /// An update, with the making of its batches.
    var step: Double
    /// Val once, its samples read before.
    var validation: Double
    /// Test once, with the threads of all jobs.
    var test: Double
  }

  private static let measuredSteps = 3
  private static let measuredImages = 16
  /// A process and its figures.
  private static let overhead = 2.0

  private var costs: [[String: String]: Cost] = [:]

  /// Measures every method of the runs once, with the `threads` of one of several `jobs`.
  /// `progress` is told how many of the runs are measured.
  init(_ runs: [AblationRun], jobs: Int, threads: Int, progress: (Int) -> Void) throws {
    for (i, run) in runs.enumerated() {
      let key = Self.key(run)
      if costs[key] == nil { costs[key] = try Self.measure(run, jobs: jobs, threads: threads) }
      progress(i + 1)
    }
  }

  /// The seconds of the last `steps` updates of a run that has `all` of them, with the evaluations
  /// that go with them.
  func seconds(_ run: AblationRun, steps: Int, of all: Int) -> Double {
    guard let cost = costs[Self.key(run)], steps > 0, all > 0 else { return 0 }
    let options = run.config.training
    let evaluations = (options.epochs + options.evaluateEvery - 1) / options.evaluateEvery
    let share = Double(steps) / Double(all)
    return cost.run + Double(steps) * cost.step + share * Double(evaluations) * cost.validation
  }

  /// The seconds of measuring a run on test.
  func testSeconds(_ run: AblationRun) -> Double { costs[Self.key(run)]?.test ?? 0 }

  /// Runs that differ in their seeds take the same time.
  private static func key(_ run: AblationRun) -> [String: String] {
    var key = run.signature
    key["seed"] = nil
    return key
  }

  private static func measure(_ run: AblationRun, jobs: Int, threads: Int) throws -> Cost {
    var config = run.config
    // All that is measured here would be the step that records gradients.
    config.training.recordGradientsEvery = 0
    let began = ContinuousClock.now
    let experiment = try Experiment(config)
    Threads.count = config.threads ?? threads
    let trainer = try experiment.makeTrainer()
    let loader = try experiment.makeLoader()
    let start = (ContinuousClock.now - began).seconds

    let (batches, first) = try timed { try self.batches(loader, for: trainer) }
    let making = try timed { try self.batches(loader, for: trainer) }.seconds
    let reading = max(0, first - making) / Double(batches.reduce(0) { $0 + $1.count })
    _ = try trainer.step(batches, learningRate: 0)
    let steps = try (0..<measuredSteps).map { _ in
      try trainer.step(batches, learningRate: 0).milliseconds / 1000
    }

    let (val, test) = (try experiment.dataset(.val), try experiment.dataset(.test))
    let seen = val ?? test ?? loader.dataset
    let evaluator = Evaluator(
      experiment.network, FirstSamples(dataset: seen, limit: measuredImages), experiment.format)
    _ = try evaluator()
    let image = try timed { try evaluator() }.seconds / Double(evaluator.count)
    let sheet = try timed { try RunPictures.predictionSheet(seen, experiment) }.seconds
    let (validated, tested) = (Double(val?.count ?? 0), Double((test ?? val)?.count ?? 0))

    // Training and its pictures read every sample, on threads that share the CPUs with those that
    // compute.
    let share = Double(Threads.count)
    let samples = Double(2 * loader.dataset.count) / share + validated
    // Those of TensorBoard; the first training batch, val as it is labelled and as it is predicted.
    let sheets = Double(min(config.training.epochs, RunRecorder.sheets) + 3)
    return Cost(
      run: overhead + start + samples * reading + sheets * sheet,
      step: median(steps) + making / share, validation: validated * image,
      test: tested * (reading + image / Double(jobs)))
  }

  /// The batches of one update.
  private static func batches(_ loader: Loader, for trainer: Trainer) throws -> [Batch] {
    try (0..<(trainer.options.accumulation * trainer.batchesPerUpdate)).map {
      try loader.batch(epoch: 0, step: $0 % loader.batchesPerEpoch)
    }
  }

  private static func timed<Result>(
    _ body: () throws -> Result
  ) rethrows -> (result: Result, seconds: Double) {
    let began = ContinuousClock.now
    let result = try body()
    return (result, (ContinuousClock.now - began).seconds)
  }
}

/// The beginning of a data set.
private struct FirstSamples: Dataset {
  let dataset: any Dataset
  let limit: Int

  var classes: DataClasses { dataset.classes }
  var count: Int { min(limit, dataset.count) }
  var warnings: WarningLog { dataset.warnings }
  func name(at index: Int) -> String { dataset.name(at: index) }
  func sample(at index: Int) throws -> Sample { try dataset.sample(at: index) }
}
