import AthanorBalancing
import AthanorCore
import AthanorData
import AthanorKernels
import AthanorNetworks
import AthanorTensor

/// Trains a network: `fit` runs the epochs, `step` is one update.
///
///     let trainer = try Trainer(network, objective, weighting: …, optimizer: …, schedule: …)
///     let history = try trainer.fit(loader, validation: evaluator, callbacks: [progress])
///
/// The same seed and thread count give a bit-identical run, also across a resume.
public final class Trainer {
  public let network: MultiTaskNetwork
  public let objective: Objective
  public let weighting: any Weighting
  public let optimizer: any Optimizer
  public let schedule: any Schedule
  public let options: TrainingOptions
  public internal(set) var progress = TrainingState.Progress()

  let parts: ParameterParts
  let tasks: [BalancedTask]
  /// The weighting's random numbers.
  let random: RandomSource
  private let seed: Int
  /// The average of the weights, where the options ask for one.
  let average: WeightAverage?

  /// - `seed`: The seed of the weighting and of layers such as stochastic depth.
  public init(
    _ network: MultiTaskNetwork, _ objective: Objective, weighting: any Weighting,
    optimizer: any Optimizer, schedule: any Schedule, options: TrainingOptions, seed: Int = 0
  ) throws {
    self.network = network
    self.objective = objective
    self.weighting = weighting
    self.optimizer = optimizer
    self.schedule = schedule
    self.options = options
    for (pattern, factor) in options.learningRateFactors.sorted(
      by: { ($0.key.count, $0.key) < ($1.key.count, $1.key) })
    {
      let key = "training.learning_rate_factors.\(pattern)"
      for (_, parameter) in try network.parameters(matching: pattern, at: key) {
        parameter.learningRateFactor = factor
      }
    }
    let parts = ParameterParts(network)
    self.parts = parts
    average = options.emaDecay.map { WeightAverage(decay: $0, of: parts.all) }
    tasks = objective.balanced
    random = RandomSource(seed: seed)
    self.seed = seed
    try weighting.begin(tasks, random)
    optimizer.begin(parts.all)
  }

  // MARK: - One update

  /// Batches per update before accumulation.
  public var batchesPerUpdate: Int { weighting.rule.samples }

  /// Backward passes through the shared part per update.
  public var backwardPasses: Int {
    let batches = options.accumulation * batchesPerUpdate
    guard case .gradients(let method) = weighting.rule, !method.usesFeatures else { return batches }
    return batches * tasks.count
  }

  /// One update on the given micro-batches; `learningRate` is that of the schedule.
  public func step(_ batches: [Batch], learningRate: Double) throws -> StepRecord {
    let clock = ContinuousClock()
    let start = clock.now
    var update = weighting.rule.makeUpdate(
      UpdateContext(
        parts: parts, names: tasks.map(\.name), batches: batches.count, random: random,
        step: progress.step,
        recordsGradients: options.recordGradientsEvery > 0
          && progress.step % options.recordGradientsEvery == 0))
    for (number, batch) in batches.enumerated() {
      let pass = forward(batch, .training(randomness: [seed, progress.step, number]))
      try requireFinite(pass.values)
      update.accumulate(pass)
    }
    var gradient = try update.combine()
    if let limit = options.clipNorm { gradient = clipped(gradient, to: limit).gradients }
    optimizer.update(
      parts.all, gradients: gradient, learningRate: learningRate, step: progress.step)
    average?.update(step: progress.step)
    updateWeighting(update.sums.meanTaskLosses, batches)
    var record = update.sums.record(
      epoch: progress.epoch, step: progress.step, learningRate: learningRate)
    record.sigmas = sigmas
    record.milliseconds = milliseconds(clock.now - start)
    return record
  }

  private func forward(_ batch: Batch, _ mode: ForwardMode) -> ForwardPass {
    ForwardPass(network, parts, objective, batch, epoch: progress.epoch, mode: mode)
  }

  /// Throws where the value of a loss is NaN or infinite.
  private func requireFinite(_ values: [Double?]) throws {
    for (task, value) in zip(tasks, values) {
      guard let value, !value.isFinite else { continue }
      throw TrainingError.nonFinite(
        loss: task.name, value: value, epoch: progress.epoch + 1, step: progress.step)
    }
  }

  /// Updates the weighting's state after the update, where it needs them with the losses of the
  /// same batches after it.
  private func updateWeighting(_ losses: [Double?], _ batches: [Batch]) {
    guard case .losses(let method) = weighting.rule else { return }
    method.update(losses)
    guard method.wantsLossesAfter else { return }
    var sums = StepSums(tasks: tasks.map(\.name))
    Tape.paused {
      for batch in batches {
        let pass = forward(batch, .batchStatistics)
        sums.add(pass.values, pass.losses.terms)
      }
    }
    method.update(losses, after: sums.meanTaskLosses)
  }

  private var sigmas: [String: Double]? {
    weighting.sigmas.map { Dictionary(uniqueKeysWithValues: zip(tasks.map(\.name), $0)) }
  }

  // MARK: - The run

  /// How many updates an epoch of so many batches has. The last one takes the remaining batches,
  /// but never fewer than the weighting needs.
  public func updates(of batches: Int) -> Int {
    let (whole, rest) = batches.quotientAndRemainder(
      dividingBy: options.accumulation * batchesPerUpdate)
    return whole + (rest >= batchesPerUpdate ? 1 : 0)
  }

  /// The learning rate of an update of a run of so many epochs of so many batches.
  public func learningRate(at step: Int, epochs: Int, batches: Int) -> Double {
    let perEpoch = max(1, updates(of: batches))
    let steps = perEpoch * epochs
    let rate = WarmedUp(schedule, warmup: min(options.warmup, steps / 4))
    return optimizer.baseLearningRate * rate.factor(step: step, of: steps, epoch: step / perEpoch)
  }

  /// Trains until the last epoch, from wherever `restore` left the run.
  ///
  /// After each epoch: validation, `onEpochEnd`, `onCheckpoint`. When `shouldStop` turns true the
  /// run writes a checkpoint at once, even within an epoch or a validation, and returns its history
  /// so far.
  public func fit(
    _ training: Loader, validation: Evaluator? = nil, callbacks: [any Callback] = [],
    shouldStop: () -> Bool = { false }
  ) throws -> History {
    let accumulation = options.accumulation * batchesPerUpdate
    let stepsPerEpoch = updates(of: training.batchesPerEpoch)
    guard stepsPerEpoch > 0 else { throw TrainingError.noSamples }
    for callback in callbacks {
      try callback.onTrainBegin(
        epochs: options.epochs, stepsPerEpoch: stepsPerEpoch, firstStep: progress.step)
    }
    while progress.epoch < options.epochs {
      let queue = training.batches(epoch: progress.epoch, from: progress.batch)
      var pending: [Batch] = []
      while true {
        if shouldStop() {
          try checkpoint(callbacks, best: false)
          return progress.history
        }
        let batch = try queue.next()
        if let batch { pending.append(batch) }
        guard pending.count >= batchesPerUpdate || batch != nil else { break }
        guard batch == nil || pending.count == accumulation else { continue }
        let rate = learningRate(
          at: progress.step, epochs: options.epochs, batches: training.batchesPerEpoch)
        let record = try step(pending, learningRate: rate)
        progress.step += 1
        progress.batch += pending.count
        pending = []
        progress.sums.add(record)
        for callback in callbacks { try callback.onStepEnd(record) }
      }
      do {
        try endEpoch(validation, callbacks, shouldStop)
      } catch is CancellationError {
        // All batches of the epoch are done: a resumed run repeats the validation.
        try checkpoint(callbacks, best: false)
        return progress.history
      }
    }
    for callback in callbacks { try callback.onTrainEnd(progress.history) }
    return progress.history
  }

  /// Throws `CancellationError`, with nothing changed, when `shouldStop` turns true during the
  /// validation.
  private func endEpoch(
    _ validation: Evaluator?, _ callbacks: [any Callback], _ shouldStop: () -> Bool
  ) throws {
    let sums = progress.sums
    let epoch = progress.epoch + 1
    var evaluation: Evaluation?
    if let validation, epoch % options.evaluateEvery == 0 || epoch == options.epochs {
      for callback in callbacks {
        try callback.onValidationBegin(epoch: epoch, count: validation.count)
      }
      evaluation = try averaged {
        try validation(progress: { done in
          for callback in callbacks { try callback.onValidationStep(done) }
          if done < validation.count, shouldStop() { throw CancellationError() }
        })
      }
    }
    weighting.endEpoch(
      progress.epoch, meanLosses: tasks.map { sums.meanLosses[$0.name] })
    let metrics = evaluation?.scalars ?? [:]
    let steps = progress.step
    let record = EpochRecord(
      epoch: epoch, step: steps, losses: sums.meanLosses, total: sums.meanTotal,
      weights: sums.meanWeights,
      sigmas: sigmas, metrics: metrics,
      score: evaluation?.score(weights: options.bestBy),
      learningRate: sums.lastLearningRate, seconds: sums.seconds)
    let best = record.score.map { score in
      progress.history.best.map { score > $0.score! } ?? true
    }
    progress.history.epochs.append(record)
    progress.epoch = epoch
    progress.batch = 0
    progress.sums = EpochSums()
    try averaged {
      for callback in callbacks { try callback.onEpochEnd(record, evaluation: evaluation) }
    }
    try checkpoint(callbacks, best: best ?? false)
  }

  /// Runs `body` with the averages as the network's weights, where there are any.
  private func averaged<Result>(_ body: () throws -> Result) rethrows -> Result {
    try average?.withAverages(body) ?? body()
  }

  private func checkpoint(_ callbacks: [any Callback], best: Bool) throws {
    progress.peakBytes = max(progress.peakBytes ?? 0, Allocator.peakBytes)
    let state = state
    for callback in callbacks { try callback.onCheckpoint(state, best: best) }
  }

  // MARK: - Saving and resuming

  /// Everything needed to resume from here.
  public var state: TrainingState {
    var tensors = network.stateDictionary()
    for (name, tensor) in optimizer.state.sorted(by: { $0.key < $1.key }) {
      tensors.append(("optimizer.\(name)", tensor))
    }
    for (name, values) in weighting.state.sorted(by: { $0.key < $1.key }) {
      tensors.append(("weighting.\(name)", values))
    }
    for (name, values) in (average?.state ?? [:]).sorted(by: { $0.key < $1.key }) {
      tensors.append((TrainingState.averagePrefix + name, values))
    }
    return TrainingState(progress: progress, tensors: tensors)
  }
}

func milliseconds(_ duration: Duration) -> Double {
  Double(duration.components.seconds) * 1e3 + Double(duration.components.attoseconds) / 1e15
}
