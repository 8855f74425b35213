import AthanorCore

extension ExperimentConfig {
  /// Every key with its value as JSON, except `name` and `threads`, which do not affect any result
  /// that is compared.
  func signature() throws -> [String: String] {
    var leaves: [String: String] = [:]
    try Settings(encoding: self).collect(into: &leaves, at: "")
    leaves["name"] = nil
    leaves["threads"] = nil
    return leaves
  }

  /// The first key, with both values as JSON, whose difference means that this cannot be a
  /// configuration of the same run as `other`; nil where there is none. Both have every option
  /// written out.
  ///
  /// A run may resume with more epochs, other threads, another name, and its data at another path;
  /// the content of the data is compared by fingerprints.
  package func difference(
    from other: ExperimentConfig
  ) throws -> (key: String, value: String?, other: String?)? {
    let (own, others) = (try signature(), try other.signature())
    return Set(own.keys).union(others.keys).sorted()
      .first { own[$0] != others[$0] && $0 != "training.epochs" && !isPlaceOfData($0) }
      .map { ($0, own[$0], others[$0]) }
  }
}

/// Whether a key is the path of data, which is not a setting: a run's record identifies the data.
func isPlaceOfData(_ key: String) -> Bool { key.isBelow("data") && key.hasSuffix(".path") }

extension Settings {
  /// Collects the leaves of the tree under their dotted paths, independent of the order of its
  /// keys.
  fileprivate func collect(into leaves: inout [String: String], at key: String) {
    func visit(_ entries: [Entry]) {
      for entry in entries {
        entry.value.collect(into: &leaves, at: key.isEmpty ? entry.key : "\(key).\(entry.key)")
      }
    }
    switch self {
    case .map(let entries) where !entries.isEmpty: visit(entries)
    case .dictionary(let entries) where !entries.isEmpty:
      // The order of names chosen by the user may matter.
      leaves[key] = JSON.array(entries.map { .string($0.key) }).compact
      visit(entries)
    case .selection(let name, let options):
      leaves[key] = JSON.string(name).compact
      visit(options)
    case .list(let items) where !items.isEmpty:
      for (i, item) in items.enumerated() { item.collect(into: &leaves, at: "\(key)[\(i)]") }
    default: leaves[key] = JSON(self).compact
    }
  }
}
