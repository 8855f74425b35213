import AthanorCore
import AthanorData
import AthanorLosses
import AthanorNetworks
import AthanorTensor
import AthanorVision

/// Something that a network learns: which label it reads, its head, its loss, how it is measured.
///
/// A task is one folder and one line in `visionTasks`, or in a registry of a program of one's own;
/// nothing else knows it by name. A run may have several of one type, under names of their own.
public protocol VisionTask: Registered, Sendable where Options == TaskOptions<Own> {
  associatedtype Own: Codable & Equatable & Sendable & DefaultInitializable = NoOptions
  associatedtype TaskHead: Head

  /// What kind of label it learns from, and predicts.
  static var labelKind: Label.Kind { get }

  /// What is measured, in the order of tables; the first is the headline: the one number by which
  /// the task is judged and chosen.
  static var metrics: [TaskMetric] { get }

  /// The layer of its head whose outputs are the classes, in their order; nil where none is.
  static var classLayer: String? { get }

  /// Options that decide nothing where the task is alone: how its losses are balanced.
  static var balancingOptions: [String] { get }

  /// Every option, those of its losses among them.
  var options: Options { get }

  /// What is balanced: one loss, or several that count as tasks of their own.
  var losses: [TaskLoss] { get }

  /// Throws `SettingsError` where the options do not fit the label's classes; its key is an option.
  func check(_ label: LabelClasses) throws

  func makeHead(on features: [FeatureLevel], _ label: LabelClasses) -> TaskHead

  /// The losses of the head's output for a batch, at least one sample of which is labelled, in an
  /// epoch counted from 0.
  func lossValues(
    _ output: TaskHead.Output, _ target: BatchLabel, epoch: Int
  ) -> TaskLossValues

  /// The prediction for each image of a batch, as a label of the original's size.
  ///
  /// - Parameter minimumScore: What is less sure is left out, where there are scores.
  func predictions(
    _ output: TaskHead.Output, _ geometry: [Geometry], minimumScore: Float
  ) -> [Label]

  /// What measures predictions against the truth.
  func makeMeter(_ label: LabelClasses) -> any TaskMeter

  /// Whether a loss weighs by class frequencies that the options leave open.
  var needsClassFrequencies: Bool { get }

  /// The task with a loss by the training set's class frequencies, where it needs any.
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

  /// What a configuration says to get this task, every option written out.
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
  /// Adds a task of one's own, under its name.
  public func register<T: VisionTask>(_ type: T.Type) { add(.init(type) { $0 }) }
}

/// One of a task's losses, as weightings see it.
public struct TaskLoss: Equatable, Sendable {
  /// Whether it is a classifier's or a regressor's: Kendall's weighting tells them apart.
  public enum Kind: Sendable { case classification, regression }

  /// What it is called below the task's name: `cls` for `detection.cls`; empty for an only one.
  public var name: String
  public var kind: Kind

  public init(_ name: String, _ kind: Kind) {
    self.name = name
    self.kind = kind
  }
}

/// The values of a task's losses on a batch.
public struct TaskLossValues: Sendable {
  /// One for each of the task's `losses`; nil for one that has no target in the batch.
  public var losses: [Tensor?]
  /// What they are made of, by name, for the record alone.
  public var terms: [(name: String, value: Tensor)]

  public init(_ losses: [Tensor?], terms: [(name: String, value: Tensor)] = []) {
    self.losses = losses
    self.terms = terms
  }

  public init(_ loss: Tensor) { self.init([loss]) }
}

/// One number that a task is measured by.
public struct TaskMetric: Equatable, Sendable {
  /// What the number is: how it is drawn, and how it counts in the score of a run.
  public enum Scale: Equatable, Sendable {
    /// 0…1.
    case share
    /// From 0 without an end; one as large as `typical` or larger is worth nothing.
    case error(typical: Double)
  }

  /// Where it is shown; `athanor eval` shows all.
  public enum Place: Comparable, Sendable { case evaluation, history, report }

  /// `mIoU`, as papers call it.
  public var name: String
  /// What tables and plots call it, where its name alone would say too little: `mean angle`.
  public var title: String
  public var scale: Scale
  /// The foremost place where it stands: what is in reports is in the history too.
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

  /// The value as a share from 0 to 1, the best: what scores of different tasks are means of.
  public func score(_ value: Double) -> Double {
    switch scale {
    case .share: value
    case .error(let typical): 1 - min(1, max(0, value / typical))
    }
  }
}
