import AthanorCore
import AthanorData
import AthanorKernels
import AthanorTraining
import AthanorVision
import Foundation

/// How long runs take, from a few real steps, predictions and pictures of each method, and from the
/// updates of runs that are finished: three steps on a machine that is busy now tell less than
/// thousands that were made.
package struct AblationTiming {
  /// What the time of a run's updates is taken from.
  package enum Source: String {
    /// Finished runs of the same method.
    case sameMethod = "finished runs of the method"
    /// A few steps, times what finished runs of other methods took for each second of such steps.
    case otherMethods = "measured steps, scaled by finished runs"
    case measured = "measured steps"
  }

  /// Seconds.
  private struct Cost {
    /// What a run takes whatever its steps: to start, to read its samples, to draw.
    var run: Double
    /// An update.
    var update: Double
    /// The making of its batches, as far as it delays the update.
    var making: Double
    /// Val once, its samples read before.
    var validation: Double
    /// Test once, with the threads of all jobs.
    var test: Double
  }

  private static let measuredSteps = 3
  private static let measuredImages = 16
  /// A process and its figures.
  private static let overhead = 2.0
  /// So many finished methods are measured where no method with runs to do has a finished one.
  private static let references = 2

  private var costs: [[String: String]: Cost] = [:]
  /// Seconds of an update, by method, of each finished run.
  private var updates: [[String: String]: [Double]] = [:]
  /// Seconds that an update of finished runs took for each that measuring says; nil without any.
  private var factor: Double?

  /// How many finished runs count.
  var finishedRuns: Int { updates.values.reduce(0) { $0 + $1.count } }

  /// Measures every method of the runs once, with the `threads` of one of several `jobs`.
  ///
  /// - Parameters:
  ///   - finished: Runs that are through, with the seconds of an update.
  ///   - progress: Is told how many of the runs are measured.
  init(
    _ runs: [AblationRun], finished: [(run: AblationRun, update: Double)], jobs: Int, threads: Int,
    progress: (Int) -> Void
  ) throws {
    for (run, update) in finished { updates[Self.key(run), default: []].append(update) }
    func measure(_ run: AblationRun) throws {
      let key = Self.key(run)
      if costs[key] == nil { costs[key] = try Self.measure(run, jobs: jobs, threads: threads) }
    }
    for (i, run) in runs.enumerated() {
      try measure(run)
      progress(i + 1)
    }
    let isKnown = runs.map { updates[Self.key($0)] != nil }
    if isKnown.contains(false), !isKnown.contains(true) {
      let measured = costs.count
      for (run, _) in finished where costs.count < measured + Self.references { try measure(run) }
    }
    let factors = updates.compactMap { key, took in
      costs[key].map { median(took) / max($0.update, 1e-9) }
    }
    factor = factors.isEmpty ? nil : median(factors)
  }

  /// What the time of a run's updates is taken from.
  func source(_ run: AblationRun) -> Source {
    updates[Self.key(run)] != nil ? .sameMethod : factor != nil ? .otherMethods : .measured
  }

  private func update(_ run: AblationRun, _ cost: Cost) -> Double {
    updates[Self.key(run)].map(median) ?? cost.update * (factor ?? 1)
  }

  /// The seconds of the last `steps` updates of a run that has `all` of them, with the evaluations
  /// that go with them.
  func seconds(_ run: AblationRun, steps: Int, of all: Int) -> Double {
    guard let cost = costs[Self.key(run)], steps > 0, all > 0 else { return 0 }
    let options = run.config.training
    let evaluations = (options.epochs + options.evaluateEvery - 1) / options.evaluateEvery
    let share = Double(steps) / Double(all)
    return cost.run + Double(steps) * (update(run, cost) + cost.making)
      + share * Double(evaluations) * cost.validation
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
      experiment.network, experiment.objective.tasks,
      FirstSamples(dataset: seen, limit: measuredImages), experiment.format)
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
      update: median(steps), making: making / share, validation: validated * image,
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
