import AthanorBalancing
import AthanorCore
import AthanorData
import AthanorNetworks
import AthanorTasks
import AthanorTraining

/// A run that is small enough to repeat: two epochs of three updates.
struct TinyRun {
  let trainer: Trainer
  let loader: Loader

  init(
    batchSize: Int = 4, side: Int = 64, weighting: (any Weighting)? = nil,
    optimizer: (any Optimizer)? = nil, schedule: (any Schedule)? = nil, freeze: [String] = [],
    factors: [String: Double] = [:], emaDecay: Double? = nil
  ) throws {
    var scenes = SyntheticScenes.Options()
    (scenes.train, scenes.width, scenes.height) = (3 * batchSize, side, side)
    let dataset = try SyntheticSource(scenes).open(.train)
    let network = NetworkOptions(backbone: Selection("resnet10"), width: 8, fpnChannels: 16)
    let tasks = try RunTask.all(["segmentation", "detection"], dataset.classes)
    var options = TrainingOptions()
    (options.epochs, options.batchSize, options.warmup) = (2, batchSize, 1)
    options.recordGradientsEvery = 1
    (options.learningRateFactors, options.emaDecay) = (factors, emaDecay)
    let made = try MultiTaskNetwork(network, tasks, seed: 3)
    try made.freeze(freeze, at: "network.freeze")
    trainer = try Trainer(
      made, Objective(tasks),
      weighting: weighting ?? UncertaintyWeighting(.init()), optimizer: optimizer ?? AdamW(.init()),
      schedule: schedule ?? CosineSchedule(.init()), options: options)
    var loading = Loader.Options()
    (loading.batchSize, loading.seed) = (batchSize, 3)
    loader = Loader(
      dataset, InputFormat(width: side, height: side), labels: trainer.objective.labels, loading)
  }
}
