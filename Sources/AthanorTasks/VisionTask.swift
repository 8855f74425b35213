import AthanorCore
import AthanorData
import AthanorLosses
import AthanorNetworks
import AthanorTensor
import AthanorVision

/// Something that a network learns: the label it reads, its head, its loss and its metrics.
///
/// A task is one folder and one line in `visionTasks`, or one line in your own program's
/// registration; nothing else refers to it by name. A run may have several tasks of one type, each
/// under its own name.
public protocol VisionTask: Registered, Sendable where Options == TaskOptions<Own> {
  associatedtype Own: Codable & Equatable & Sendable & DefaultInitializable = NoOptions
  associatedtype TaskHead: Head

  /// The kind of label that it learns from and predicts.
  static var labelKind: Label.Kind { get }

  /// Its metrics, in the order of tables. The first is the headline, the one number by which the
  /// task is judged and its best epoch chosen.
  static var metrics: [TaskMetric] { get }

  /// The layer of its head whose outputs are the classes, in their order; nil where none is.
  static var classLayer: String? { get }

  /// Options that have no effect when the task is the only one: how its losses are balanced.
  static var balancingOptions: [String] { get }

  /// Every option, including those of its losses.
  var options: Options { get }

  /// What is balanced: one loss, or several that count as separate tasks.
  var losses: [TaskLoss] { get }

  /// Throws `SettingsError` where the options do not fit the label's classes; the error's key is an
  /// option.
  func check(_ label: LabelClasses) throws

  func makeHead(on features: [FeatureLevel], _ label: LabelClasses) -> TaskHead

  /// The losses of the head's output for a batch in which at least one sample is labelled. Epochs
  /// are counted from 0.
  func lossValues(
    _ output: TaskHead.Output, _ target: BatchLabel, epoch: Int
  ) -> TaskLossValues

  /// The prediction for each image of a batch, as a label of the original image's size.
  ///
  /// - `minimumScore`: Predictions with a lower score are left out, where there are scores.
  func predictions(
    _ output: TaskHead.Output, _ geometry: [Geometry], minimumScore: Float
  ) -> [Label]

  /// Makes the meter that compares predictions with the truth.
  func makeMeter(_ label: LabelClasses) -> any TaskMeter

  /// Whether a loss needs class frequencies that the options do not give.
  var needsClassFrequencies: Bool { get }

  /// The task with the training set's class frequencies in its loss, where it needs them.
  func fitted(to frequencies: ClassFrequencies) -> Self
}

extension VisionTask {
  public static var classLayer: String? { nil }
  public static var balancingOptions: [String] { [] }
  public static var headline: TaskMetric { metrics[0] }
  public var losses: [TaskLoss] { [TaskLoss("", .classification)] }
  public func check(_ label: LabelClasses) throws {}
  public var needsClassFrequencies: Bool { false }
  public func fitted(to frequencies: ClassFrequencies) -> Self { self }

  /// The selection that gives this task in a configuration, every option written out.
  var selection: Selection {
    get throws { Selection(Self.name, try Settings.entries(of: options)) }
  }

  /// The label it reads.
  public var label: String { options.label ?? Self.labelKind.usualName }
}

/// Every task by name.
public let visionTasks = Registry<any VisionTask>(
  kind: "task",
  [
    .init(SegmentationTask.self) { $0 },
    .init(DetectionTask.self) { $0 },
    .init(DepthTask.self) { $0 },
    .init(NormalsTask.self) { $0 },
    .init(ClassificationTask.self) { $0 },
  ])

extension Registry<any VisionTask> {
  /// Adds your own task, under its name.
  public func register<T: VisionTask>(_ type: T.Type) { add(.init(type) { $0 }) }
}

/// One of a task's losses, as weightings see it.
public struct TaskLoss: Equatable, Sendable {
  /// Whether it is a classification or a regression loss: Kendall's weighting distinguishes them.
  public enum Kind: Sendable { case classification, regression }

  /// Its name below the task's: `cls` for `detection.cls`; empty where the task has one loss.
  public var name: String
  public var kind: Kind

  public init(_ name: String, _ kind: Kind) {
    self.name = name
    self.kind = kind
  }
}

/// The values of a task's losses on a batch.
public struct TaskLossValues: Sendable {
  /// One value for each of the task's `losses`; nil for a loss without a target in the batch.
  public var losses: [Tensor?]
  /// The terms of the losses, by name; they are recorded but not used for training.
  public var terms: [(name: String, value: Tensor)]

  public init(_ losses: [Tensor?], terms: [(name: String, value: Tensor)] = []) {
    self.losses = losses
    self.terms = terms
  }

  public init(_ loss: Tensor) { self.init([loss]) }
}

/// One number that measures a task.
public struct TaskMetric: Equatable, Sendable {
  /// The range of the number: how it is drawn, and how it counts in the score of a run.
  public enum Scale: Equatable, Sendable {
    /// 0…1.
    case share
    /// From 0 without an upper bound; a value of `typical` or more scores 0.
    case error(typical: Double)
  }

  /// Where it is shown; `athanor eval` shows all metrics.
  public enum Place: Comparable, Sendable { case evaluation, history, report }

  /// `mIoU`, as papers call it.
  public var name: String
  /// Its name in tables and plots, where `name` alone is too short: `mean angle`.
  public var title: String
  public var scale: Scale
  /// The most prominent place where it is shown; what is in reports is in the history too.
  public var place: Place
  /// Decimals in tables for people.
  public var decimals: Int

  public init(
    _ name: String, title: String? = nil, _ scale: Scale = .share, in place: Place = .report,
    decimals: Int = 3
  ) {
    self.name = name
    self.title = title ?? name
    self.scale = scale
    self.place = place
    self.decimals = decimals
  }

  public var lowerIsBetter: Bool { scale != .share }

  /// The value as a share from 0 to 1, where 1 is best; scores of several tasks are averaged.
  public func score(_ value: Double) -> Double {
    switch scale {
    case .share: value
    case .error(let typical): 1 - min(1, max(0, value / typical))
    }
  }
}
