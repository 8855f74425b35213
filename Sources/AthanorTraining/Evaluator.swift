import AthanorCore
import AthanorData
import AthanorMetrics
import AthanorNetworks
import AthanorVision

/// Measures a network on a data set, as COCO's evaluation does on the set's own annotations.
///
/// Samples are taken in the order of their ids and classes in that of their category ids, as
/// pycocotools sorts them: so the numbers are equal to the last digit. Samples that cannot be read
/// are left out and counted.
public final class Evaluator {
  /// What was asked of the network, and what it answered.
  public struct Result {
    public var sample: Sample
    public var prediction: Prediction
    /// What COCO files call the image.
    public var id: COCOIdentifier
    /// The boxes of the truth, and those found, classes being labels of the data set; nil where the
    /// sample carries none, or the network does not detect.
    public var truths: [COCOTruth]?
    public var detections: [COCODetection]?
  }

  public let dataset: any Dataset
  private let reader: SampleReader
  private let predictor: Predictor
  private let batchSize: Int
  /// By id.
  private let order: [Int]
  /// Samples read before, while they fit: a validation set is read again every epoch.
  private var kept: [Int: Sample] = [:]
  private var keptBytes = 0
  private static let keepLimit = 512 << 20

  /// - Parameter isStrict: Whether a sample that cannot be read is an error.
  public init(
    _ network: MultiTaskNetwork, _ dataset: any Dataset, _ format: InputFormat, batchSize: Int = 8,
    isStrict: Bool = false
  ) {
    predictor = Predictor(network, format, threshold: 0.05)
    self.dataset = dataset
    self.batchSize = batchSize
    reader = SampleReader(dataset, isStrict: isStrict)
    let ids = (0..<dataset.count).map(dataset.id(at:))
    order = ids.indices.sorted { (ids[$0], $0) < (ids[$1], $1) }
  }

  public var count: Int { dataset.count }

  /// The samples that could not be read so far.
  public var damaged: [DamagedSample] { reader.damaged }

  /// Predicts every sample and compares. `progress` is told how many are done, and each sample with
  /// its prediction goes to `visit`.
  ///
  /// Errors: throws the first error of a sample where none at all can be read.
  public func callAsFunction(
    progress: (Int) throws -> Void = { _ in }, visit: (Result) throws -> Void = { _ in }
  ) throws -> Evaluation {
    let network = predictor.network
    var confusion = network.segmentationClasses.map { ConfusionMatrix(classes: $0) }
    var detection = network.detectionClasses.map { COCOEvaluator(classes: $0) }
    let categories = CategoryOrder(dataset.classes)
    var samples = 0
    for first in stride(from: 0, to: order.count, by: batchSize) {
      let last = min(first + batchSize, order.count)
      let read = try order[first..<last].compactMap { index in
        try sample(at: index).map { (index: index, sample: $0) }
      }
      samples += read.count
      let predictions =
        try read.isEmpty ? [] : predictor(Batch(read.map(\.sample), predictor.format))
      for (place, prediction) in zip(read, predictions) {
        let result = Result(place.sample, prediction, id: dataset.id(at: place.index))
        if let truth = result.sample.mask, let mask = prediction.mask {
          try confusion?.add(prediction: mask.pixels, truth: truth.pixels)
        }
        if let truths = result.truths, let detections = result.detections {
          detection?.add(
            truths: truths.map(categories.ordered), detections: detections.map(categories.ordered))
        }
        try visit(result)
      }
      try progress(last)
    }
    if samples == 0, let damage = order.first.flatMap(reader.damaged(at:)) { throw damage.error }
    return Evaluation(
      confusion: confusion.flatMap { $0.total > 0 ? $0 : nil },
      detection: detection.flatMap { $0.images > 0 ? $0.evaluate() : nil },
      classes: dataset.classes, samples: samples, skipped: order.count - samples)
  }

  private func sample(at index: Int) throws -> Sample? {
    if let sample = kept[index] { return sample }
    guard var sample = try reader.sample(at: index) else { return nil }
    // No head looks at these.
    (sample.depth, sample.normals) = (nil, nil)
    let bytes = sample.image.pixels.count + (sample.mask?.pixels.count ?? 0)
    if keptBytes + bytes <= Self.keepLimit {
      kept[index] = sample
      keptBytes += bytes
    }
    return sample
  }
}

extension Evaluator.Result {
  /// Truths are the set's annotations where it has them, as they are; else the boxes.
  fileprivate init(_ sample: Sample, _ prediction: Prediction, id: COCOIdentifier) {
    self.init(
      sample: sample, prediction: prediction, id: id,
      truths: sample.boxes.map { boxes in
        sample.annotations.map { $0.map { COCOTruth($0) } } ?? boxes.map { COCOTruth($0) }
      },
      detections: prediction.boxes.map { $0.map { COCODetection($0.box, score: $0.score) } })
  }
}

extension COCOTruth {
  /// An object as its data set states it.
  public init(_ object: ObjectAnnotation) {
    self.init(
      x: object.x, y: object.y, width: object.width, height: object.height,
      category: object.label, area: object.area, isCrowd: object.isCrowd)
  }
}

/// The detection classes by category id, in which order COCO's means are taken.
struct CategoryOrder: Sendable {
  /// The place of each label.
  let places: [Int]

  init(_ classes: DataClasses) {
    let ids = classes.categoryIDs
    var places = [Int](repeating: 0, count: ids.count)
    let order = ids.indices.sorted { (ids[$0], $0) < (ids[$1], $1) }
    for (place, label) in order.enumerated() { places[label] = place }
    self.places = places
  }

  func ordered(_ truth: COCOTruth) -> COCOTruth {
    var truth = truth
    truth.category = places[truth.category]
    return truth
  }

  func ordered(_ detection: COCODetection) -> COCODetection {
    var detection = detection
    detection.category = places[detection.category]
    return detection
  }
}
