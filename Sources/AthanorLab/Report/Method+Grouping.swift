import AthanorBalancing
import AthanorCore
import Foundation

extension Method {
  /// What never makes two runs different methods.
  private static let incidental = ["seed", "name", "threads"]

  /// Groups runs by configuration, in order of first appearance; a run without a configuration is
  /// in no group.
  static func group(_ runs: [ReportRun], tuned: [String]) -> [Method] {
    let ignored = incidental + tuned
    var methods: [Method] = []
    for run in runs {
      guard let keys = run.keys, let config = run.config else { continue }
      let settings = tuned.map { key in (key: key, value: keys.values[key] ?? "–") }
      let candidate = Candidate(tuned: settings, runs: [run])
      let same = keys.without(ignored)
      guard let i = methods.firstIndex(where: { $0.keys.without(ignored) == same }) else {
        methods.append(
          Method(
            label: "", role: run.role, candidates: [candidate], tasks: config.tasks, keys: keys))
        continue
      }
      if run.role == .method { methods[i].role = .method }
      if let j = methods[i].candidates.firstIndex(where: {
        $0.tuned.map(\.value) == settings.map(\.value)
      }) {
        methods[i].candidates[j].runs.append(run)
      } else {
        methods[i].candidates.append(candidate)
      }
    }
    label(&methods, ignoring: ignored)
    return methods
  }

  /// Labels each method by what differs among the methods of the same tasks.
  private static func label(_ methods: inout [Method], ignoring ignored: [String]) {
    var used: Set<String> = []
    for i in methods.indices {
      let peers = methods.filter { $0.tasks == methods[i].tasks }.map(\.keys)
      let differing = ConfigKeys.differences(among: peers, ignoring: ignored)
      let isWeighting = { (key: String) in key == "weighting" || key.isBelow("weighting") }
      let keys = methods[i].keys
      var parts: [String] = []
      if methods[i].tasks.count == 1 {
        parts.append("\(methods[i].tasks[0].rawValue) alone")
      }
      if differing.contains(where: isWeighting) || (parts.isEmpty && differing.isEmpty) {
        parts.append(weightingLabel(keys, ignoring: ignored))
      }
      for key in differing where !isWeighting(key) {
        if let value = keys.values[key] { parts.append("\(key) \(value)") }
      }
      let label = parts.joined(separator: ", ")
      var unique = label
      var number = 2
      while !used.insert(unique).inserted {
        unique = "\(label) #\(number)"
        number += 1
      }
      methods[i].label = unique
    }
  }

  /// `uncertainty (form liebel)`: the name, and the options that are not the registry's defaults.
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

  /// A number of many digits to three significant ones; anything else as it is.
  private static func short(_ value: String) -> String {
    guard value.count > 6, let number = Double(value) else { return value }
    return String(format: "%.3g", number)
  }
}
