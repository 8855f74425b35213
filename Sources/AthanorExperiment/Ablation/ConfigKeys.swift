import AthanorBalancing
import AthanorCore
import AthanorTasks
import AthanorTraining

/// A run's configuration as dotted keys with values in words, such as `optimizer.learning_rate`
/// 0.003.
///
/// A selection is represented by its name under the key, and its options under keys below. Constant
/// task weights are written out for every task, so that omitted weights and weights of 1 are the
/// same configuration.
package struct ConfigKeys: Equatable, Sendable {
  /// The keys and values in the order in which the configuration declares them.
  package private(set) var entries: [(key: String, value: String)] = []
  package private(set) var values: [String: String] = [:]
  package let tasks: [NamedTask]
  /// The names under which losses and weights are recorded: those of the tasks or of their parts.
  package let recorded: [String]
  /// The weight of each task, where the weighting never changes it.
  package let constants: [(task: String, weight: Double)]?

  /// Throws `SettingsError` for an unknown name or option.
  package init(_ config: ExperimentConfig) throws {
    let config = try config.resolved()
    tasks = try config.namedTasks()
    let parts = BalancedTask.all(of: tasks)
    recorded = parts.map(\.name)
    let weighting = try weightings.make(config.weighting, at: "weighting")
    try weighting.begin(parts)
    constants = weighting.constants.map { Array(zip(parts.map(\.name), $0)) }
    add(try Settings(encoding: config), at: "")
    if let constants {
      entries.removeAll { $0.key.isBelow("weighting") }
      for (task, weight) in constants {
        entries.append(("weighting.weights.\(task)", Self.words(.number(weight))))
      }
    }
    values = Dictionary(entries.map { ($0.key, $0.value) }) { $1 }
  }

  package static func == (a: ConfigKeys, b: ConfigKeys) -> Bool { a.values == b.values }

  private mutating func add(_ settings: Settings, at key: String) {
    switch settings {
    case .map(let children) where !children.isEmpty || key.isEmpty: add(children, below: key)
    case .dictionary(let children) where !children.isEmpty: add(children, below: key)
    case .selection(let name, let options):
      entries.append((key, name))
      add(options, below: key)
    case .list(let items) where items.contains { YAMLScalar.text(of: $0) == nil }:
      for (index, item) in items.enumerated() { add(item, at: "\(key)[\(index)]") }
    case _ where isPlaceOfData(key): break
    default: entries.append((key, Self.words(settings)))
    }
  }

  private mutating func add(_ children: [Settings.Entry], below key: String) {
    for child in children { add(child.value, at: key.isEmpty ? child.key : "\(key).\(child.key)") }
  }

  private static func words(_ settings: Settings) -> String {
    switch settings {
    case .string(let text): text
    case .number(let value) where value == value.rounded() && abs(value) < 1e15:
      String(Int(value))
    default: YAMLScalar.text(of: settings) ?? JSON(settings).compact
    }
  }

  /// The values without some keys and the keys below them.
  package func without(_ keys: [String]) -> [String: String] {
    values.filter { entry in !keys.contains { entry.key == $0 || entry.key.isBelow($0) } }
  }

  /// The keys in which configurations differ, in order of declaration.
  ///
  /// An option is compared only among the configurations that have it: that `focal` has a gamma and
  /// `dice` has none already follows from their names.
  package static func differences(among all: [ConfigKeys], ignoring ignored: [String]) -> [String] {
    let maps = all.map { $0.without(ignored) }
    func differs(_ key: String) -> Bool {
      let found = maps.map { $0[key] }
      guard found.contains(nil) else { return Set(found).count > 1 }
      return Set(found.compactMap(\.self)).count > 1 || !key.ancestors.contains(where: differs)
    }
    var seen: Set<String> = []
    return all.flatMap { $0.entries.map(\.key) }.filter { key in
      seen.insert(key).inserted && maps.contains { $0[key] != nil } && differs(key)
    }
  }
}

extension String {
  /// Whether this key is below another: `optimizer.beta` below `optimizer`.
  package func isBelow(_ key: String) -> Bool { hasPrefix("\(key).") || hasPrefix("\(key)[") }

  /// The keys above this one: for `a.b[0].c` these are `a`, `a.b` and `a.b[0]`.
  fileprivate var ancestors: [String] {
    indices.filter { ".[".contains(self[$0]) }.map { String(self[..<$0]) }
  }
}
