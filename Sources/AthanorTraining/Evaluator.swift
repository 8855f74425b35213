import AthanorCore
import AthanorData
import AthanorMetrics
import AthanorNetworks
import AthanorVision

/// How good a network is on a data set, measured in the pixels of the images as they were read.
public struct Evaluation: Sendable {
  /// Nil where the network does not segment or no sample carries a mask.
  public var confusion: ConfusionMatrix?
  /// Nil where the network does not detect or no sample carries boxes.
  public var detection: COCOEvaluation?
  public var classes: DataClasses
  public var samples: Int

  public var segmentation: SegmentationMetrics? { confusion?.metrics }

  /// The numbers a history keeps, by their usual names; COCO's −1 (no truth) is left out.
  public var scalars: [String: Double] {
    var scalars: [String: Double] = [:]
    if let segmentation {
      scalars["mIoU"] = segmentation.mIoU
      scalars["pixelAccuracy"] = segmentation.pixelAccuracy
    }
    if let metrics = detection?.metrics {
      for (name, value) in [("AP", metrics.AP), ("AP50", metrics.AP50), ("AP75", metrics.AP75)]
      where value >= 0 { scalars[name] = value }
    }
    return scalars
  }
}

/// Measures a network on a data set.
public final class Evaluator {
  public let dataset: any Dataset
  private let predictor: Predictor
  private let batchSize: Int
  /// Samples read before, while they fit: a validation set is read again every epoch.
  private var kept: [Int: Sample] = [:]
  private var keptBytes = 0
  private static let keepLimit = 512 << 20

  public init(
    _ network: MultiTaskNetwork, _ dataset: any Dataset, _ format: InputFormat, batchSize: Int = 8
  ) {
    predictor = Predictor(network, format, threshold: 0.05)
    self.dataset = dataset
    self.batchSize = batchSize
  }

  public var count: Int { dataset.count }

  /// Predicts every sample and compares. `progress` is told how many are done, and each sample with
  /// its prediction goes to `visit`.
  public func callAsFunction(
    progress: (Int) throws -> Void = { _ in },
    visit: (Sample, Prediction) throws -> Void = { _, _ in }
  ) throws -> Evaluation {
    let network = predictor.network
    var confusion = network.segmentationClasses.map { ConfusionMatrix(classes: $0) }
    var detection = network.detectionClasses.map { COCOEvaluator(classes: $0) }
    for first in stride(from: 0, to: dataset.count, by: batchSize) {
      let last = min(first + batchSize, dataset.count)
      let samples = try (first..<last).map(sample(at:))
      let predictions = predictor(Batch(samples, predictor.format))
      for (sample, prediction) in zip(samples, predictions) {
        if let truth = sample.mask, let mask = prediction.mask {
          try confusion?.add(prediction: mask.pixels, truth: truth.pixels)
        }
        if let truths = sample.boxes, let boxes = prediction.boxes {
          detection?.add(truths: truths, detections: boxes.map(\.box), scores: boxes.map(\.score))
        }
        try visit(sample, prediction)
      }
      try progress(last)
    }
    return Evaluation(
      confusion: confusion.flatMap { $0.total > 0 ? $0 : nil },
      detection: detection.flatMap { $0.images > 0 ? $0.evaluate() : nil },
      classes: dataset.classes, samples: dataset.count)
  }

  private func sample(at index: Int) throws -> Sample {
    if let sample = kept[index] { return sample }
    let sample = try dataset.sample(at: index)
    let bytes = sample.image.pixels.count + (sample.mask?.pixels.count ?? 0)
    if keptBytes + bytes <= Self.keepLimit {
      kept[index] = sample
      keptBytes += bytes
    }
    return sample
  }
}
