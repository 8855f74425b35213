import AthanorCore
import AthanorData
import AthanorLosses
import AthanorMetrics
import AthanorNetworks
import AthanorTensor
import AthanorVision

/// The class of the image as a whole.
public struct ClassificationTask: VisionTask {
  public struct Own: Codable, Equatable, Sendable, DefaultInitializable {
    public var loss = Selection("cross_entropy")

    public init() {}
  }

  public static let name = "classification"
  public static let summary = "the class of the image as a whole"
  public static let source = "He et al. 2016"
  public static let labelKind = Label.Kind.category
  public static let classLayer: String? = "fc"
  public static let metrics = [TaskMetric("accuracy"), TaskMetric("accuracyTop5", in: .history)]

  public let options: TaskOptions<Own>
  private let loss: any ImageLoss

  public init(_ options: TaskOptions<Own>) throws {
    var options = options
    loss = try imageLosses.make(resolving: &options.loss, at: "loss")
    self.options = options
  }

  public func makeHead(on features: [FeatureLevel], _ label: LabelClasses) -> ClassificationHead {
    ClassificationHead(on: features, classes: label.names.count)
  }

  public func lossValues(_ output: Tensor, _ target: BatchLabel, epoch: Int) -> TaskLossValues {
    TaskLossValues(loss(output, target.values))
  }

  public func predictions(
    _ output: Tensor, _ geometry: [Geometry], minimumScore: Float
  ) -> [Label] {
    let classes = output.shape[1]
    let scores = output.softmax().array(of: Float.self)
    return geometry.indices.map { n in
      let own = Array(scores[(n * classes)..<((n + 1) * classes)])
      let best = own.indices.reduce(0) { own[$1] > own[$0] ? $1 : $0 }
      return .category(CategoryLabel(best, scores: own))
    }
  }

  public func makeMeter(_ label: LabelClasses) -> any TaskMeter { ClassificationMeter(label.names) }
}

private struct ClassificationMeter: TaskMeter {
  private let classes: [String]
  private var accuracy: ImageAccuracy
  /// `counts[truth][prediction]`.
  private var counts: [[Int]]

  init(_ classes: [String]) {
    self.classes = classes
    accuracy = ImageAccuracy(classes: classes.count)
    counts = classes.map { _ in classes.map { _ in 0 } }
  }

  mutating func add(prediction: Label, truth: Label) {
    guard let prediction = prediction.category, let truth = truth.category,
      let scores = prediction.scores
    else { return }
    accuracy.add(scores: scores, truth: truth.index)
    counts[truth.index][prediction.index] += 1
  }

  func evaluation() -> TaskEvaluation? {
    guard accuracy.images > 0 else { return nil }
    return TaskEvaluation(
      [("accuracy", accuracy.accuracy), ("accuracyTop5", accuracy.accuracyTop5)],
      perClass: [("accuracy", accuracy.perClassAccuracy)], classes: classes,
      figures: [.confusion(title: "validation images", classes: classes, counts: counts)])
  }
}
