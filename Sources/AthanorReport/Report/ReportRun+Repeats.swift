import AthanorExperiment
extension [ReportRun] {
  /// All runs, and those that count: one for each configuration, seed and conditions.
  ///
  /// A repeated run adds no information about the spread over seeds. Of several finished runs the
  /// one that ended last counts; where no end is recorded, the one that comes last.
  func withoutRepeats() -> (all: [ReportRun], counted: [ReportRun]) {
    var groups: [[String: String]: [[Int]]] = [:]
    for index in indices {
      guard let keys = self[index].keys else { continue }
      let same = keys.without(MethodLabels.incidental.filter { $0 != "seed" })
      var peers = groups[same] ?? []
      // A run without a record matches any conditions.
      let place = peers.firstIndex { group in
        let known = group.lazy.compactMap { self[$0].conditions }.first
        return known == nil || self[index].conditions == nil || known == self[index].conditions
      }
      if let place { peers[place].append(index) } else { peers.append([index]) }
      groups[same] = peers
    }
    var all = self
    var repeats: Set<Int> = []
    for group in groups.values.joined() {
      let last = group.max { rank($0) < rank($1) }!
      for index in group where index != last {
        repeats.insert(index)
        all[index].giveWay(to: self[last])
      }
    }
    return (all, indices.filter { !repeats.contains($0) }.map { all[$0] })
  }

  private func rank(_ index: Int) -> (Int, String, Int) {
    (self[index].isFinished ? 1 : 0, self[index].ended ?? "", index)
  }
}
