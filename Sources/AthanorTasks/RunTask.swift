import AthanorCore
import AthanorData
import AthanorLosses
import AthanorNetworks
import AthanorTensor
import AthanorVision

/// A task under the name that a configuration gives it.
public struct NamedTask: Sendable {
  /// The key in the configuration; the prefix of its parameters, losses and metrics.
  public let name: String
  public let task: any VisionTask

  /// - `selection`: Its type and options, as under `tasks.NAME` in the configuration.
  ///
  /// Errors: throws `SettingsError` for a name that is not allowed, an unknown type or an unknown
  /// option.
  public init(_ name: String, _ selection: Selection) throws {
    guard Self.isUsable(name) else {
      throw SettingsError(
        key: "tasks",
        expected: "names of letters, digits, - and _, none of "
          + Self.taken.sorted().joined(separator: ", "), received: "'\(name)'")
    }
    self.name = name
    task = try visionTasks.make(selection, at: "tasks.\(name)")
  }

  /// A task that is already made, under a name that is known to be valid.
  public init(_ name: String, _ task: any VisionTask) {
    precondition(Self.isUsable(name), "NamedTask: '\(name)' cannot be a task's name")
    (self.name, self.task) = (name, task)
  }

  /// Prefixes that other entries of checkpoints and records use.
  private static let taken: Set = [
    "backbone", "fpn", "optimizer", "weighting", "average", "out", "total", "warnings",
    "skippedSamples",
  ]

  private static func isUsable(_ name: String) -> Bool {
    !name.isEmpty && !taken.contains(name)
      && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_".contains($0)) }
  }

  /// The name of its type in the registry.
  public var type: String { Swift.type(of: task).name }
  /// Its type and options, every one written out, including those of its losses.
  public var selection: Selection { get throws { try task.selection } }
  /// The label that it reads.
  public var label: String { task.label }
  public var labelKind: Label.Kind { Swift.type(of: task).labelKind }
  public var metrics: [TaskMetric] { Swift.type(of: task).metrics }
  public var headline: TaskMetric { metrics[0] }

  /// The keys of its options that have no effect when it is the only task.
  public var balancingKeys: [String] {
    Swift.type(of: task).balancingOptions.map { "tasks.\(name).\($0)" }
  }

  /// The name of a part of the task in the run: `detection.cls`.
  public func qualified(_ part: String) -> String { part.isEmpty ? name : "\(name).\(part)" }

  /// The name of one of its metrics in histories and tables: `detection/AP`.
  public func qualified(_ metric: TaskMetric) -> String { "\(name)/\(metric.name)" }

  /// The names of its losses in the run.
  public var lossNames: [String] { task.losses.map { qualified($0.name) } }

  /// The layer of the network whose outputs are the classes; nil where there is none.
  public var classLayer: String? { Swift.type(of: task).classLayer.map(qualified) }

  /// The name used in files and columns of predictions: the task's own name, or its label's where
  /// the task has the name of its type.
  public var outputName: String { isCalledAsType ? label : name }

  /// Whether it has its type's name: its files and arrays then have their usual names.
  public var isCalledAsType: Bool { name == type }

  /// The file name `usual` where the task has its type's name; otherwise with the task's name
  /// before it.
  public func fileName(_ usual: String) -> String { isCalledAsType ? usual : "\(name)_\(usual)" }
}

/// A task of a run, bound to the classes of the label that it reads.
@dynamicMemberLookup
public struct RunTask: Sendable {
  public let named: NamedTask
  public let classes: LabelClasses

  /// Errors: throws `SettingsError` where the data have no such label, and where the task's options
  /// do not fit its classes. `place` names the data in messages.
  public init(_ named: NamedTask, _ data: DataClasses, place: String) throws {
    let (key, label, kind) = ("tasks.\(named.name)", named.label, named.labelKind)
    guard let classes = data.labels[label], classes.kind == kind else {
      let usable = data.labels.filter { $0.value.kind == kind }.keys.sorted()
      let all = data.labels.keys.sorted().joined(separator: ", ")
      throw SettingsError(
        key: label == kind.usualName ? key : "\(key).label",
        expected: usable.isEmpty
          ? "a task that the data have labels for"
          : "a label of the data for it (\(usable.joined(separator: ", ")))",
        received: "label '\(label)', which data '\(place)' do not have; they have "
          + (all.isEmpty ? "none" : all),
        suggestion: nearestName(to: label, among: usable))
    }
    // With background as the only class there is nothing to learn.
    guard named.classLayer == nil || classes.names.contains(where: { !ClassName.isBackground($0) })
    else {
      throw SettingsError(
        key: key, expected: "a label with a class beside the background",
        received: classes.names.isEmpty ? "no class" : classes.names.joined(separator: ", "))
    }
    do {
      try named.task.check(classes)
    } catch var error as SettingsError {
      error.key = error.key.isEmpty ? key : "\(key).\(error.key)"
      throw error
    }
    (self.named, self.classes) = (named, classes)
  }

  /// Tasks of these types with their defaults, each under its type's name.
  ///
  /// Errors: throws `SettingsError`, as `init(_:_:place:)` does.
  public static func all(_ types: NamedSelections, _ data: DataClasses) throws -> [RunTask] {
    try types.elements.map {
      try RunTask(NamedTask($0.name, $0.selection), data, place: "the data set")
    }
  }

  private init(_ named: NamedTask, _ classes: LabelClasses) {
    (self.named, self.classes) = (named, classes)
  }

  public subscript<Value>(dynamicMember key: KeyPath<NamedTask, Value>) -> Value {
    named[keyPath: key]
  }

  public func makeHead(on features: [FeatureLevel]) -> MultiTaskNetwork.NamedHead {
    MultiTaskNetwork.NamedHead(named.name, named.task.anyHead(features, classes))
  }

  /// The losses of a batch; nil where no sample is labelled for the task.
  public func lossValues(
    _ output: any HeadOutput, _ batch: Batch, epoch: Int
  ) -> TaskLossValues? {
    guard let target = batch.labels[named.label], target.isAnyLabelled else { return nil }
    return named.task.anyLossValues(output, target, epoch: epoch)
  }

  /// The prediction for each image of a batch. Throws `OutputError` where a prediction is NaN or
  /// infinite.
  public func predictions(
    _ output: any HeadOutput, _ geometry: [Geometry], minimumScore: Float
  ) throws -> [Label] {
    for (part, tensor) in output.tensors {
      guard let mismatch = StateRange.finite.mismatch(tensor) else { continue }
      throw OutputError(head: named.qualified(part), received: mismatch.received)
    }
    return named.task.anyPredictions(output, geometry, minimumScore)
  }

  public func makeMeter() -> any TaskMeter { named.task.makeMeter(classes) }

  /// The task with a loss that uses class frequencies, where it needs them.
  public func fitted(to frequencies: (RunTask) throws -> ClassFrequencies) rethrows -> RunTask {
    guard named.task.needsClassFrequencies else { return self }
    let task = named.task.anyFitted(to: try frequencies(self))
    return RunTask(NamedTask(named.name, task), classes)
  }
}

/// The network's weights are finite but its output is not: it overflows.
public struct OutputError: Error, Equatable, CustomStringConvertible {
  public var head: String
  public var received: String

  public var description: String {
    "network: expected finite outputs of \(head), received \(received): its weights are too large"
  }
}

/// `VisionTask` without its associated types. The output comes from the head that the task made
/// itself, so its type is known.
extension VisionTask {
  fileprivate func anyHead(_ features: [FeatureLevel], _ label: LabelClasses) -> any Head {
    makeHead(on: features, label)
  }

  fileprivate func anyLossValues(
    _ output: any HeadOutput, _ target: BatchLabel, epoch: Int
  ) -> TaskLossValues { lossValues(output as! TaskHead.Output, target, epoch: epoch) }

  fileprivate func anyPredictions(
    _ output: any HeadOutput, _ geometry: [Geometry], _ minimumScore: Float
  ) -> [Label] {
    predictions(output as! TaskHead.Output, geometry, minimumScore: minimumScore)
  }

  fileprivate func anyFitted(to frequencies: ClassFrequencies) -> any VisionTask {
    fitted(to: frequencies)
  }
}

extension MultiTaskNetwork {
  /// A network with a head for each task and its first weights, drawn from `seed`.
  ///
  /// Throws `SettingsError` where the options cannot make a network.
  public init(_ options: NetworkOptions, _ tasks: [RunTask], seed: Int) throws {
    try self.init(options) { features in tasks.map { $0.makeHead(on: features) } }
    initialize(seed: seed)
  }
}
