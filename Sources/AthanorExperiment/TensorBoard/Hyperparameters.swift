import AthanorCore
import AthanorTasks
import Foundation

/// A run's row in TensorBoard's table of hyperparameters, with its settings beside its metrics.
///
/// TensorBoard takes the columns from any one of the runs that it finds. A single run lists its own
/// settings; a run of an ablation lists those of all runs, or some columns would be missing.
///
/// Source: TensorBoard's `plugins/hparams`, `plugin_data.proto` and `api.proto`.
struct Hyperparameters {
  /// Numbers, switches and text by dotted key. A null option has no value; the path of the data is
  /// not a setting.
  let values: [String: JSON]

  init(_ config: ExperimentConfig) throws { self.init(signature: try config.signature()) }

  /// - Parameter signature: `ExperimentConfig.signature`.
  init(signature: [String: String]) {
    var values: [String: JSON] = [:]
    for (key, text) in signature where !isPlaceOfData(key) {
      switch try? JSON(parsing: text) {
      case nil, .null: break
      case .array, .object: values[key] = .string(text)
      case let value?: values[key] = value
      }
    }
    self.values = values
  }

  /// The metrics of the table. TensorBoard shows the last value of each; a run without a metric has
  /// an empty cell.
  ///
  /// - Parameter tasks: The tasks of all runs.
  static func metrics(_ tasks: [NamedTask]) -> [(tag: String, name: String)] {
    var names: [String] = []
    for name in tasks.map({ $0.qualified($0.headline) }) where !names.contains(name) {
      names.append(name)
    }
    return (names + ["score"]).map { ("val/\($0)", "\($0) (val, last)") }
  }

  /// The definition of the columns for some runs.
  static func experiment(
    of runs: [Hyperparameters], _ tasks: [NamedTask]
  ) -> TensorSummary {
    var experiment = ProtocolBuffer()
    for key in Set(runs.flatMap(\.values.keys)).sorted() {
      let found = runs.map { $0.values[key] }
      let kinds = Set(found.compactMap { $0?.kind })
      var column = ProtocolBuffer()
      column.set(1, to: key)
      column.set(4, to: (kinds.count == 1 ? kinds.first! : .text).rawValue)
      column.set(7, to: Set(found.map { $0?.compact }).count > 1 ? 1 : 0)
      experiment.set(4, to: column)
    }
    for metric in metrics(tasks) {
      var name = ProtocolBuffer()
      name.set(2, to: metric.tag)
      var column = ProtocolBuffer()
      column.set(1, to: name)
      column.set(3, to: metric.name)
      // DATASET_VALIDATION
      column.set(5, to: 2)
      experiment.set(5, to: column)
    }
    return summary("experiment", 2, experiment)
  }

  /// Records the start of the run, with its settings.
  func start(at date: Date) -> TensorSummary {
    var start = ProtocolBuffer()
    for (key, value) in values.sorted(by: { $0.key < $1.key }) {
      var entry = ProtocolBuffer()
      entry.set(1, to: key)
      entry.set(2, to: value.protocolValue)
      start.set(1, to: entry)
    }
    start.set(5, to: date.timeIntervalSince1970)
    return Self.summary("session_start_info", 3, start)
  }

  /// Records the end of the run, with success or with an error.
  static func end(succeeded: Bool, at date: Date) -> TensorSummary {
    var end = ProtocolBuffer()
    // STATUS_SUCCESS, STATUS_FAILURE
    end.set(1, to: succeeded ? 1 : 2)
    end.set(2, to: date.timeIntervalSince1970)
    return summary("session_end_info", 4, end)
  }

  /// An `HParamsPluginData` that contains one of its messages.
  private static func summary(
    _ name: String, _ field: UInt64, _ message: ProtocolBuffer
  ) -> TensorSummary {
    var content = ProtocolBuffer()
    content.set(1, to: 0)
    content.set(field, to: message)
    return TensorSummary(
      tag: "_hparams_/\(name)", plugin: "hparams", content: content,
      tensor: TensorSummary.tensor([], shape: [0]))
  }
}

/// The plugin's `DataType`.
private enum Kind: Int { case text = 1, bool, number }

extension JSON {
  fileprivate var kind: Kind {
    switch self {
    case .bool: .bool
    case .integer, .number: .number
    default: .text
    }
  }

  /// A `google.protobuf.Value`.
  fileprivate var protocolValue: ProtocolBuffer {
    var value = ProtocolBuffer()
    switch self {
    case .bool(let flag): value.set(4, to: flag ? 1 : 0)
    case .integer, .number: value.set(2, to: number ?? .nan)
    default: value.set(3, to: string ?? compact)
    }
    return value
  }
}
