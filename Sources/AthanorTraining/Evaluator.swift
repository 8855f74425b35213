import AthanorCore
import AthanorData
import AthanorNetworks
import AthanorTasks
import AthanorVision

/// Measures a network on a data set.
///
/// Samples are taken in the order of their ids, as pycocotools sorts them. Those that cannot be
/// read are left out and counted.
public final class Evaluator {
  /// A sample and the network's prediction for it.
  public struct Result {
    public var sample: Sample
    public var prediction: Prediction
    /// The image's id in COCO files.
    public var id: COCOIdentifier
  }

  private let loader: Loader
  private let predictor: Predictor
  private static let cacheBytes = 512 << 20

  /// - `isStrict`: Whether a sample that cannot be read is an error.
  /// - `further`: Labels that samples have for `visit` beside those of the tasks.
  public init(
    _ network: MultiTaskNetwork, _ tasks: [RunTask], _ dataset: any Dataset, _ format: InputFormat,
    batchSize: Int = 8, isStrict: Bool = false, further: [Label.Kind] = []
  ) {
    predictor = Predictor(network, tasks, format, minimumScore: 0.05)
    var options = Loader.Options()
    options.batchSize = batchSize
    options.cacheBytes = Self.cacheBytes
    options.isStrict = isStrict
    options.isForEvaluation = true
    var labels = Objective(tasks).labels
    for kind in further where labels[kind.usualName] == nil { labels[kind.usualName] = kind }
    loader = Loader(dataset, format, labels: labels, options)
  }

  public var dataset: any Dataset { loader.dataset }
  public var count: Int { dataset.count }

  /// The samples that could not be read so far.
  public var damaged: [DamagedSample] { loader.damaged }

  /// Predicts every sample and measures the predictions. `progress` is called with the number of
  /// samples that are done, `visit` with each sample and its prediction.
  ///
  /// Errors: throws the first error of a sample where none can be read.
  public func callAsFunction(
    progress: (Int) throws -> Void = { _ in }, visit: (Result) throws -> Void = { _ in }
  ) throws -> Evaluation {
    var meters = predictor.tasks.map { $0.makeMeter() }
    let batches = loader.batches(epoch: 0)
    var (samples, done) = (0, 0)
    while let batch = try batches.next() {
      let predictions = try batch.count == 0 ? [] : predictor(batch)
      for ((index, sample), prediction) in zip(batch.originals, predictions) {
        for (i, task) in predictor.tasks.enumerated() {
          guard let truth = sample.labels[task.label], let label = prediction[task.name] else {
            continue
          }
          try meters[i].add(prediction: label, truth: truth)
        }
        try visit(Result(sample: sample, prediction: prediction, id: dataset.id(at: index)))
      }
      samples += batch.count
      done = min(done + loader.options.batchSize, count)
      try progress(done)
    }
    if samples == 0, let damage = loader.damaged.first { throw damage.error }
    return Evaluation(
      tasks: zip(predictor.tasks, meters).map { ($0, $1.evaluation()) }, samples: samples,
      skipped: count - samples)
  }
}
