import AthanorCore

extension ExperimentConfig {
  /// Every key with its value as JSON, but for `name` and `threads`, which decide nothing that is
  /// compared.
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
