import AthanorCore

/// One run of an ablation, as it is planned.
public struct AblationRun: Sendable {
  /// What the run is there for.
  public enum Role: String, Sendable {
    /// A combination of the grid.
    case method
    /// A pair of fixed weights.
    case front
    /// One task alone.
    case single
  }

  /// What differs, and the seed; also the name of the run's folder: `uncertainty-form-liebel_seed0`.
  public let id: String
  public let role: Role
  /// What the report calls the method: `uncertainty (form liebel), losses.segmentation dice`.
  public internal(set) var label = ""
  /// The method and its tuned values, short: `dice, learning_rate 0.003`.
  public let words: String
  public let seed: Int
  /// With every option written out.
  public let config: ExperimentConfig

  /// What the spec says of this run; of two values for a key the last one counts.
  let choices: [Choice]
  /// The keys that decide what is computed: runs that agree here are the same run.
  let signature: [String: String]
}

extension ExperimentConfig {
  /// Every key with its value as JSON, but for `name` and `threads`, which decide nothing that an ablation
  /// compares.
  func signature() throws -> [String: String] {
    var leaves: [String: String] = [:]
    try Settings(encoding: self).collect(into: &leaves, at: "")
    leaves["name"] = nil
    leaves["threads"] = nil
    return leaves
  }
}

extension Settings {
  /// The leaves of the tree under their dotted paths, whatever the order of its keys.
  fileprivate func collect(into leaves: inout [String: String], at key: String) {
    func visit(_ entries: [Entry]) {
      for entry in entries {
        entry.value.collect(into: &leaves, at: key.isEmpty ? entry.key : "\(key).\(entry.key)")
      }
    }
    switch self {
    case .map(let entries) where !entries.isEmpty: visit(entries)
    case .selection(let name, let options):
      leaves[key] = JSON.string(name).compact
      visit(options)
    case .list(let items) where !items.isEmpty:
      for (i, item) in items.enumerated() { item.collect(into: &leaves, at: "\(key)[\(i)]") }
    default: leaves[key] = JSON(self).compact
    }
  }
}
