import AthanorBalancing
import AthanorCore
import Foundation

/// The labels of methods, in a plan and in its report: what differs among methods with the same
/// tasks.
package enum MethodLabels {
  /// Keys that never make two runs different methods.
  package static let incidental = ["seed", "name", "threads"]

  /// The label of each configuration; those that differ only in their seed or in tuned keys share a
  /// label.
  package static func labels(of all: [ConfigKeys], tuned: [String]) -> [String] {
    let ignored = incidental + tuned
    var methods: [ConfigKeys] = []
    var places: [[String: String]: Int] = [:]
    let indices = all.map { keys in
      let identity = keys.without(ignored)
      let place = places[identity] ?? methods.count
      if place == methods.count { methods.append(keys) }
      places[identity] = place
      return place
    }
    var differing: [[String]: [String]] = [:]
    for (tasks, peers) in Dictionary(grouping: methods, by: { $0.tasks.map(\.name) }) {
      differing[tasks] = ConfigKeys.differences(among: peers, ignoring: ignored)
    }
    let isAlone = differing.count > 1
    var used: Set<String> = []
    let labels = methods.map { keys in
      let label = label(
        keys, differing[keys.tasks.map(\.name)] ?? [], saysTask: isAlone, ignoring: ignored)
      var (unique, number) = (label, 2)
      while !used.insert(unique).inserted {
        unique = "\(label) #\(number)"
        number += 1
      }
      return unique
    }
    return indices.map { labels[$0] }
  }

  /// The index of the label that a user means by `name`: the label equal to it, or the first that
  /// starts with it followed by a comma.
  package static func index(of name: String, in labels: [String]) -> Int? {
    labels.firstIndex(of: name) ?? labels.firstIndex { $0.hasPrefix("\(name), ") }
  }

  /// - Parameter saysTask: Whether the label says that a single task is alone.
  private static func label(
    _ keys: ConfigKeys, _ differing: [String], saysTask: Bool, ignoring ignored: [String]
  ) -> String {
    let isWeighting = { (key: String) in key == "weighting" || key.isBelow("weighting") }
    var parts: [String] = []
    if keys.tasks.count == 1, saysTask || differing.isEmpty {
      parts.append("\(keys.tasks[0].name) alone")
    }
    if differing.contains(where: isWeighting) || (parts.isEmpty && differing.isEmpty) {
      parts.append(weightingLabel(keys, ignoring: ignored))
    }
    for key in differing where !isWeighting(key) {
      if let value = keys.values[key] { parts.append("\(key) \(value)") }
    }
    return parts.joined(separator: ", ")
  }

  /// `uncertainty (form liebel)`: the name, and the options that differ from the registry's
  /// defaults.
  private static func weightingLabel(_ keys: ConfigKeys, ignoring ignored: [String]) -> String {
    let name = keys.values["weighting"] ?? ""
    let given = keys.without(ignored)
    var defaults: [String: String] = [:]
    var config = ExperimentConfig()
    config.weighting = Selection(name)
    if let usual = try? ConfigKeys(config) { defaults = usual.values }
    let options = keys.entries.filter { entry in
      entry.key.isBelow("weighting") && given[entry.key] != nil
        && (keys.constants == nil
          ? defaults[entry.key] != entry.value : keys.constants!.contains { $0.weight != 1 })
    }.map { entry in
      let option = entry.key.dropFirst("weighting.".count)
      return "\(option.hasPrefix("weights.") ? option.dropFirst("weights.".count) : option) "
        + short(entry.value)
    }
    return options.isEmpty ? name : "\(name) (\(options.joined(separator: ", ")))"
  }

  /// A number with many digits rounded to three significant ones; any other text unchanged.
  private static func short(_ value: String) -> String {
    guard value.count > 6, let number = Double(value) else { return value }
    return String(format: "%.3g", number)
  }
}
