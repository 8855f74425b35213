import AthanorCore
import AthanorData
import AthanorLosses
import AthanorMetrics
import AthanorNetworks
import AthanorTensor
import AthanorVision

/// The class of every pixel.
///
/// The head is a one-step semantic FPN (`DenseHead`) with one output per class; the loss is
/// computed on logits at full resolution.
public struct SegmentationTask: VisionTask {
  public struct Own: Codable, Equatable, Sendable, DefaultInitializable {
    public var loss = Selection("cross_entropy")

    public init() {}
  }

  public static let name = "segmentation"
  public static let summary = "the class of every pixel, from masks"
  public static let source = "Long et al. 2015; Kirillov et al. 2019 (semantic FPN)"
  public static let labelKind = Label.Kind.mask
  public static let classLayer: String? = "predictor"
  public static let metrics = [
    TaskMetric("mIoU"), TaskMetric("pixelAccuracy", in: .history),
    TaskMetric("meanAccuracy", in: .evaluation),
    TaskMetric("frequencyWeightedIoU", in: .evaluation),
  ]

  public let options: TaskOptions<Own>
  private var loss: any SegmentationLoss

  public init(_ options: TaskOptions<Own>) throws {
    var options = options
    loss = try segmentationLosses.make(resolving: &options.loss, at: "loss")
    self.options = options
  }

  public func check(_ label: LabelClasses) throws {
    if let incompatibility = loss.incompatibility(classes: label.names.count) {
      throw SettingsError(
        key: "loss", expected: "options for the data's classes", received: incompatibility)
    }
  }

  public func makeHead(on features: [FeatureLevel], _ label: LabelClasses) -> DenseHead {
    DenseHead(on: features, outputs: label.names.count)
  }

  public func lossValues(_ output: Tensor, _ target: BatchLabel, epoch: Int) -> TaskLossValues {
    TaskLossValues(loss(output, target.values, epoch: epoch))
  }

  public func predictions(
    _ output: Tensor, _ geometry: [Geometry], minimumScore: Float
  ) -> [Label] {
    let (classes, height, width) = (output.argmax(), output.shape[1], output.shape[2])
    let pixels = classes.array(of: UInt8.self)
    return geometry.enumerated().map { n, geometry in
      let image = Image(
        width: width, height: height, channels: 1,
        pixels: Array(pixels[(n * height * width)..<((n + 1) * height * width)]))
      return .mask(geometry.toOriginal(image))
    }
  }

  public func makeMeter(_ label: LabelClasses) -> any TaskMeter { SegmentationMeter(label.names) }

  public var needsClassFrequencies: Bool { loss.needsFrequencies }

  public func fitted(to frequencies: ClassFrequencies) -> SegmentationTask {
    var fitted = self
    fitted.loss = loss.fitted(to: frequencies)
    return fitted
  }
}

/// A confusion matrix over all pixels.
private struct SegmentationMeter: TaskMeter {
  private let classes: [String]
  private var confusion: ConfusionMatrix

  init(_ classes: [String]) {
    self.classes = classes
    confusion = ConfusionMatrix(classes: classes.count)
  }

  mutating func add(prediction: Label, truth: Label) throws {
    guard let prediction = prediction.mask, let truth = truth.mask else { return }
    try confusion.add(prediction: prediction.pixels, truth: truth.pixels)
  }

  func evaluation() -> TaskEvaluation? {
    guard confusion.total > 0 else { return nil }
    let metrics = confusion.metrics
    let counts = classes.indices.map { truth in
      classes.indices.map { confusion[truth: truth, prediction: $0] }
    }
    return TaskEvaluation(
      SegmentationSummary(metrics).scalars.map { ($0.key, $0.value) },
      perClass: [("IoU", metrics.perClassIoU)], classes: classes,
      figures: [.confusion(title: "validation pixels", classes: classes, counts: counts)])
  }
}
