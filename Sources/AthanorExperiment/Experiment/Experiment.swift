import AthanorBalancing
import AthanorCore
import AthanorData
import AthanorKernels
import AthanorLosses
import AthanorNetworks
import AthanorTasks
import AthanorTraining
import AthanorVision

/// The objects that a configuration describes: data, network, losses.
public struct Experiment {
  /// The configuration with every option of every selection written out.
  public let config: ExperimentConfig
  public let classes: DataClasses
  public let format: InputFormat
  public let network: MultiTaskNetwork
  public let objective: Objective
  public let source: any DataSource

  /// Builds everything without reading a sample, and checks every shape of the network.
  ///
  /// - `checkpoint`: The checkpoint that a run resumes from; the data's classes are put in
  ///   its order.
  ///
  /// Throws `SettingsError` for an unknown name or option, `ClassMatchError` for classes that are
  /// not the checkpoint's, and the errors of opening the data.
  public init(_ config: ExperimentConfig, resuming checkpoint: RunCheckpoint? = nil) throws {
    let config = try config.resolved()
    useThreads(config.threads)
    let data = try datasets.make(config.data, at: "data")
    self.config = config
    source = try checkpoint?.matched(data, config.data.place, .own) ?? data
    classes = try source.open(.train).classes
    format = config.input
    objective = Objective(try config.makeTasks(checkpoint?.classes ?? classes))
    try config.requireMemory(
      for: .training(samples: source.open(.train).count), objective.tasks)
    network =
      try checkpoint?.makeNetwork(config) ?? config.makeNetwork(objective.tasks, classes)
    try network.freeze(config.network.freeze, at: "network.freeze")
  }

  /// The trainer at the start of the run. Where the loss needs class frequencies, the training
  /// masks are counted first.
  ///
  /// Throws `CancellationError` when `shouldStop` returned true during the count.
  public func makeTrainer(shouldStop: @escaping () -> Bool = { false }) throws -> Trainer {
    let objective = try objective.fitted {
      try ClassFrequencies(
        of: .train, in: source, config.data, label: $0.label, shouldStop: shouldStop)
    }
    return try Trainer(
      network, objective, weighting: weightings.make(config.weighting, at: "weighting"),
      optimizer: optimizers.make(config.optimizer, at: "optimizer"),
      schedule: schedules.make(config.schedule, at: "schedule"), options: config.training,
      seed: config.seed)
  }

  /// The training samples, shuffled and augmented, as batches.
  ///
  /// - Parameter isStrict: Whether a sample that cannot be read is an error.
  public func makeLoader(isStrict: Bool = false) throws -> Loader {
    let dataset = try source.open(.train)
    var options = Loader.Options()
    options.batchSize = config.training.batchSize
    options.dropLast = dataset.count > options.batchSize
    options.seed = config.seed
    options.isStrict = isStrict
    let pipeline = try AugmentationPipeline(config.augmentations)
    let labels = objective.labels
    guard !pipeline.isEmpty else { return Loader(dataset, format, labels: labels, options) }
    return Loader(dataset, format, labels: labels, options) {
      pipeline.apply(to: $0, epoch: $1, using: &$2)
    }
  }

  /// The samples of a split; nil where the data do not have the split, or it is empty.
  public func dataset(_ split: Split) throws -> (any Dataset)? {
    guard try source.splits().contains(split) else { return nil }
    let dataset = try source.open(split)
    return dataset.count > 0 ? dataset : nil
  }

  /// The version of each split of the data. Reads every sample once, unless the result is cached as
  /// a `DerivedRecord`.
  ///
  /// Throws `CancellationError` when `shouldStop` returned true, and the error of a damaged sample
  /// where that ends the run.
  func fingerprints(
    isStrict: Bool = false, shouldStop: @escaping () -> Bool = { false }
  ) throws -> [SplitFingerprint] {
    try source.filledSplits().map {
      try SplitFingerprint(
        $0, in: source, config.data, isStrict: isStrict, shouldStop: shouldStop)
    }
  }

  /// The evaluator of the network on a split; nil where the split is empty.
  public func makeEvaluator(_ split: Split, isStrict: Bool = false) throws -> Evaluator? {
    try dataset(split).map {
      Evaluator(
        network, objective.tasks, $0, format, batchSize: max(8, config.training.batchSize),
        isStrict: isStrict)
    }
  }
}

extension ExperimentConfig {
  /// The same configuration with every option of all selections written out, and absolute paths.
  public func resolved() throws -> ExperimentConfig {
    var config = self
    config.data = try datasets.resolved(data, at: "data")
    config.augmentations = try augmentations.enumerated().map {
      try AthanorVision.augmentations.resolved($1, at: "augmentations[\($0)]")
    }
    config.tasks = try tasks.map { try NamedTask($0.name, $0.selection).selection }
    config.network.backbone = try backbones.resolved(network.backbone, at: "network.backbone")
    config.weighting = try weightings.resolved(weighting, at: "weighting")
    config.optimizer = try optimizers.resolved(optimizer, at: "optimizer")
    config.schedule = try schedules.resolved(schedule, at: "schedule")
    return config.withAbsolutePaths()
  }

  /// The tasks, not yet bound to data.
  public func namedTasks() throws -> [NamedTask] {
    try tasks.elements.map { try NamedTask($0.name, $0.selection) }
  }

  /// The tasks, each with the classes of its label.
  public func makeTasks(_ classes: DataClasses) throws -> [RunTask] {
    try namedTasks().map { try RunTask($0, classes, place: data.place) }
  }
}
