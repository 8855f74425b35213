import AthanorBalancing
import AthanorCore
import AthanorData
import AthanorExperiment
import AthanorKernels
import AthanorNetworks
import AthanorTensor
import AthanorTraining

/// The implementation of `athanor bench train`: times whole SGD steps and the machine's sgemm peak.
public enum TrainBenchmark {
  /// Medians over `steps`, after one warm-up step. GFLOP/s counts a forward pass of the network
  /// three times (forward, gradient of the data, gradient of the weights).
  public static func run(backbone: String, size: Int, batch: Int, steps: Int) throws -> JSON {
    guard steps > 0 else {
      throw SettingsError(key: "--steps", expected: "1 or more", received: "\(steps)")
    }
    let (experiment, input) = try setting(backbone: backbone, size: size, batch: batch)
    let trainer = try experiment.makeTrainer()
    let summary = NetworkSummary(experiment.network, height: size, width: size)
    _ = try trainer.step([input], learningRate: 1e-4)
    let bar = ProgressBar("bench train", total: steps, unit: "step")
    var times: [Double] = []
    var peaks: [Double] = []
    for i in 0..<steps {
      peaks.append(sgemm())
      times.append(try trainer.step([input], learningRate: 1e-4).milliseconds)
      bar.update(i + 1)
    }
    bar.finish()
    let milliseconds = median(times)
    let rate = 3 * Double(summary.flops) * Double(batch) / milliseconds / 1e6
    let peak = peaks.max() ?? 0
    return [
      "backbone": .string(backbone), "size": .integer(size), "batch": .integer(batch),
      "threads": .integer(Threads.count), "millisecondsPerStep": .number(milliseconds),
      "imagesPerSecond": .number(1000 * Double(batch) / milliseconds),
      "gflops": .number(rate), "sgemmPeakGflops": .number(peak),
      "shareOfPeak": .number(rate / peak), "peakTensorBytes": .integer(Allocator.peakBytes),
    ]
  }

  /// The reference network with fixed weights, and a batch of scenes.
  static func setting(
    backbone: String, size: Int, batch: Int
  ) throws -> (experiment: Experiment, input: Batch) {
    var config = ExperimentConfig()
    config.network.backbone = Selection(backbone)
    (config.network.width, config.network.fpnChannels) = (64, 128)
    (config.input.width, config.input.height) = (size, size)
    config.weighting = Selection("fixed")
    config.optimizer = Selection("sgd")
    config.training.recordGradientsEvery = 0
    try config.input.validate(at: "--size")
    guard batch > 0 else {
      throw SettingsError(key: "--batch", expected: "1 or more", received: "\(batch)")
    }
    let experiment = try Experiment(config)
    let scenes = try experiment.source.open(.train)
    let samples = try (0..<batch).map { try scenes.sample(at: $0 % scenes.count) }
    return (experiment, Batch(samples, experiment.format, labels: experiment.objective.labels))
  }

  /// GFLOP/s of a 1536×1536×1536 matrix product.
  private static func sgemm() -> Double {
    let n = 1536
    let a = Tensor.ones([n, n])
    let clock = ContinuousClock()
    let best = (0..<3).map { _ in clock.measure { _ = a.matmul(a) } }.min() ?? .seconds(1)
    return 2 * Double(n * n * n) / best.seconds / 1e9
  }
}
