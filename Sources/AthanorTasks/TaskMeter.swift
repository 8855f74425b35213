import AthanorMetrics
import AthanorVision

/// Measures a task's predictions against the truth, image by image, at the size at which the images
/// were read.
public protocol TaskMeter {
  /// Adds one image; both labels are of the task's kind. Throws where they cannot be compared.
  mutating func add(prediction: Label, truth: Label) throws

  /// The result so far; nil where nothing could be measured.
  func evaluation() -> TaskEvaluation?
}

/// How good a network is at one task.
public struct TaskEvaluation: Sendable {
  /// Every metric by its name, in the task's order; nil where it has no value.
  public var values: [(metric: String, value: Double?)]
  /// The values of each class for metrics such as `IoU` or `AP`; nil for a class without a value.
  public var perClass: [(metric: String, values: [Double?])]
  /// The names of the classes in `perClass`.
  public var classes: [String]
  public var figures: [EvaluationFigure]

  public init(
    _ values: [(metric: String, value: Double?)],
    perClass: [(metric: String, values: [Double?])] = [], classes: [String] = [],
    figures: [EvaluationFigure] = []
  ) {
    self.values = values
    self.perClass = perClass
    self.classes = classes
    self.figures = figures
  }
}

/// A figure of an evaluation.
public enum EvaluationFigure: Sendable {
  /// `counts[truth][prediction]`.
  case confusion(title: String, classes: [String], counts: [[Int]])
  /// Precision over recall, one curve per class.
  case precisionRecall(title: String, curves: [(name: String, curve: PrecisionRecallCurve)])

  /// The name of the file that it is drawn to.
  public var fileName: String {
    switch self {
    case .confusion: "confusion_matrix.png"
    case .precisionRecall: "pr_curve.png"
    }
  }
}
