import AthanorCore
import AthanorData
import AthanorKernels
import AthanorTraining
import AthanorVision
import Foundation

/// How long runs take, estimated from a few real steps, predictions and pictures of each method,
/// and from the updates of finished runs: on a machine that is busy now, three steps are less
/// reliable than thousands of earlier ones.
package struct AblationTiming {
  /// The source of the estimated time of a run's updates.
  package enum Source: String {
    /// Finished runs of the same method.
    case sameMethod = "finished runs of the method"
    /// A few steps, scaled by the ratio of real to measured times in finished runs of other
    /// methods.
    case otherMethods = "measured steps, scaled by finished runs"
    case measured = "measured steps"
  }

  /// Times in seconds.
  private struct Cost {
    /// The fixed cost of a run: to start, to read its samples, to draw.
    var run: Double
    /// One update.
    var update: Double
    /// Making an update's batches, to the extent that it delays the update.
    var making: Double
    /// One evaluation on val, its samples already read.
    var validation: Double
    /// One evaluation on test, with the threads of all jobs.
    var test: Double
  }

  private static let measuredSteps = 3
  private static let measuredImages = 16
  /// Starting a process, and drawing its figures.
  private static let overhead = 2.0
  /// The number of finished methods that are measured where no method with remaining runs has a
  /// finished one.
  private static let references = 2

  private var costs: [[String: String]: Cost] = [:]
  /// Seconds per update of each finished run, by method.
  private var updates: [[String: String]: [Double]] = [:]
  /// The ratio of the update times of finished runs to their measured times; nil without finished
  /// runs.
  private var factor: Double?

  /// The number of finished runs that count.
  var finishedRuns: Int { updates.values.reduce(0) { $0 + $1.count } }

  /// Measures every method of the runs once, with the `threads` that one of the `jobs` has.
  ///
  /// - Parameters:
  ///   - finished: Finished runs with their seconds per update.
  ///   - progress: Receives the number of runs measured so far.
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

  /// The source of the estimated time of a run's updates.
  func source(_ run: AblationRun) -> Source {
    updates[Self.key(run)] != nil ? .sameMethod : factor != nil ? .otherMethods : .measured
  }

  private func update(_ run: AblationRun, _ cost: Cost) -> Double {
    updates[Self.key(run)].map(median) ?? cost.update * (factor ?? 1)
  }

  /// The seconds for the last `steps` updates of a run that has `all` updates, including their
  /// share of the evaluations.
  func seconds(_ run: AblationRun, steps: Int, of all: Int) -> Double {
    guard let cost = costs[Self.key(run)], steps > 0, all > 0 else { return 0 }
    let options = run.config.training
    let evaluations = (options.epochs + options.evaluateEvery - 1) / options.evaluateEvery
    let share = Double(steps) / Double(all)
    return cost.run + Double(steps) * (update(run, cost) + cost.making)
      + share * Double(evaluations) * cost.validation
  }

  /// The seconds for measuring a run on test.
  func testSeconds(_ run: AblationRun) -> Double { costs[Self.key(run)]?.test ?? 0 }

  /// Runs that differ only in their seeds take the same time.
  private static func key(_ run: AblationRun) -> [String: String] {
    var key = run.signature
    key["seed"] = nil
    return key
  }

  private static func measure(_ run: AblationRun, jobs: Int, threads: Int) throws -> Cost {
    var config = run.config
    // Otherwise all measured steps would be steps that record gradients.
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

    // Training and its pictures read every sample, on threads that share the CPUs with the
    // computation.
    let share = Double(Threads.count)
    let samples = Double(2 * loader.dataset.count) / share + validated
    // The sheets for TensorBoard; the first training batch; val with its labels and with its
    // predictions.
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

/// The first samples of a data set.
private struct FirstSamples: Dataset {
  let dataset: any Dataset
  let limit: Int

  var classes: DataClasses { dataset.classes }
  var count: Int { min(limit, dataset.count) }
  var warnings: WarningLog { dataset.warnings }
  func name(at index: Int) -> String { dataset.name(at: index) }
  func sample(at index: Int) throws -> Sample { try dataset.sample(at: index) }
}
